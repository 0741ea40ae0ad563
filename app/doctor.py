"""What an operator would check by hand, checked: each finding says what to do about it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from app.config import DEVELOPMENT_SECRET, Settings
from app.db import alembic_config
from app.doctor_records import modes, others, records
from app.findings import Finding
from app.voice.convert import voice_folder
from app.web import DIST
from app.weights.generator import generator_folder
from nlu.encoder.e5_file import EncoderFileError
from nlu.encoder.folder import read_card
from nlu.encoder.runtime import told_runtime

LEAST_FREE_BYTES = 2 * 1024**3
"""Weights and their conversion take 1.2 GB; a database and backups want some more."""
ANSWER_S = 5.0
PLAIN_TORCH = "torch, float32, cpu"


async def examine(settings: Settings) -> list[Finding]:
    """Every finding, in the order in which one would mend them."""
    findings = [
        *_machine(settings),
        *_made(settings),
        *_secrets(settings),
        *modes(settings),
        _port(settings),
    ]
    checks: list[tuple[str, Callable[[], Awaitable[Finding]]]] = [
        ("database", lambda: _database(settings))
    ]
    if settings.redis_url:
        checks.append(("redis", lambda: _redis(settings.redis_url or "")))
    for subject, check in checks:
        try:
            findings.append(await asyncio.wait_for(check(), ANSWER_S))
        except TimeoutError:
            words = f"expected an answer within {ANSWER_S:.0f} s, got none"
            findings.append(Finding("problem", subject, words, "is it running and reachable?"))
    sound = any(f.subject == "database" and f.verdict == "ok" for f in findings)
    if sound:
        findings += await records(settings)
    findings += [finding async for finding in others(settings)]
    return findings


def _machine(settings: Settings) -> Iterator[Finding]:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    yield Finding("ok", "python", f"Python {version}")
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    if free < LEAST_FREE_BYTES:
        words = f"{free / 1e9:.1f} GB free under {settings.home}"
        yield Finding("warning", "disk", words, "free some, or set LINGXI_HOME to a larger disk")
    else:
        yield Finding("ok", "disk", f"{free / 1e9:.0f} GB free under {settings.home}")


def _made(settings: Settings) -> Iterator[Finding]:
    """What `lingxi setup` and the web build make."""
    yield _encoder(settings)
    wanted = [
        ("bot", settings.nlu_model / "model.json", True),
        ("voice", voice_folder(settings.home) / "model.onnx", settings.voice == "neural"),
    ]
    for subject, file, is_wanted in wanted:
        if not is_wanted:
            yield Finding("ok", subject, "not asked for")
        elif file.is_file():
            yield Finding("ok", subject, str(file.parent))
        else:
            words = f"expected {file}, found none"
            yield Finding("problem", subject, words, "run `lingxi setup`")
    yield _runtime(settings)
    yield _language_model(settings)
    if (DIST / "widget.js").is_file():
        yield Finding("ok", "web", str(DIST))
    else:
        words = f"expected the built widget and dashboard in {DIST}, found none"
        yield Finding("problem", "web", words, "run `make setup`")


def _encoder(settings: Settings) -> Finding:
    folder = settings.encoder_folder
    try:
        read_card(folder)
    except EncoderFileError as wrong:
        words, _, advice = str(wrong).partition("; ")
        return Finding("problem", "encoder", words, advice)
    return Finding("ok", "encoder", str(folder))


def _runtime(settings: Settings) -> Finding:
    """What will compute the encoder here; torch is loaded only where it is asked for."""
    told = told_runtime(settings.nlu_runtime)
    if told == PLAIN_TORCH:
        words = f"{told}: this processor has no 16-bit floats, int8 is faster"
        return Finding("warning", "runtime", words, "set LINGXI_NLU_RUNTIME=onnx")
    return Finding("ok", "runtime", told)


def _language_model(settings: Settings) -> Finding:
    """The bot serves without one."""
    subject, folder = "language model", generator_folder(settings.home)
    if settings.generation != "local":
        return Finding("ok", subject, f"not here: {settings.generation}")
    if (folder / "card.json").is_file():
        return Finding("ok", subject, str(folder))
    words = f"expected {folder}, found none; the bot answers without it"
    return Finding("warning", subject, words, "run `lingxi setup`, or set LINGXI_GENERATION=none")


def _secrets(settings: Settings) -> Iterator[Finding]:
    if settings.environment == "development":
        if settings.host not in {"127.0.0.1", "localhost", "::1"}:
            words = f"development mode on {settings.host}: its login is known to everybody"
            yield Finding("warning", "secrets", words, "set LINGXI_ENVIRONMENT=production")
            return
        is_default = settings.secret.get_secret_value() == DEVELOPMENT_SECRET
        words = "development secret" if is_default else "own secret"
        yield Finding("ok", "secrets", f"{words}, in development on {settings.host}")
    else:
        yield Finding("ok", "secrets", "own secret of 32 characters or more")
        if settings.public_url is None or not settings.public_url.startswith("https://"):
            words = f"expected an https:// address, got {settings.public_url!r}"
            yield Finding("warning", "address", words, "set LINGXI_PUBLIC_URL")


def _port(settings: Settings) -> Finding:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        words = f"expected {where} to be free, got: {error.strerror}"
        return Finding("warning", "port", words, "another Lingxi there? else set LINGXI_PORT")
    return Finding("ok", "port", f"{settings.host}:{settings.port} is free")


async def _database(settings: Settings) -> Finding:
    url = settings.sqlalchemy_url
    newest = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    engine = create_async_engine(url)
    shown = engine.url.render_as_string(hide_password=True)
    try:
        async with engine.connect() as connection:
            found = await connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except (SQLAlchemyError, OSError) as error:
        words = f"{shown}: {str(error).splitlines()[0]}"
        return Finding("problem", "database", words, "run `lingxi db upgrade`; is it reachable?")
    finally:
        await engine.dispose()
    if found is not None and found > newest:
        words = f"{shown}, revision {found}: of a newer release, which only adds to ours"
        return Finding("warning", "database", words, "start the newer release here too")
    if found != newest:
        words = f"expected revision {newest}, got {found}"
        return Finding("problem", "database", words, "run `lingxi db upgrade`")
    return Finding("ok", "database", f"{shown}, revision {found}")


async def _redis(url: str) -> Finding:
    client = Redis.from_url(url)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return Finding("problem", "redis", f"expected a PONG, got: {error}", "is it running?")
    finally:
        await client.aclose()
    return Finding("ok", "redis", "answers")
