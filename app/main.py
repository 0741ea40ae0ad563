"""Builds everything once and serves it; the one place where engines are made."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.orm import Session

from app.analytics import endpoints as analytics_endpoints
from app.answers import answer_errors
from app.audit import endpoints as audit_endpoints
from app.auth import endpoints as auth_endpoints
from app.auth import oidc_endpoints, staff_endpoints
from app.background import Background
from app.build_services import build_services
from app.channels import models, openai, rasa
from app.chat import endpoints as chat_endpoints
from app.chat.happenings import Happened
from app.chat.hints import CancelWanted, SpeechWanted, TurnWanted, hint_adapter
from app.chat.hub import Hub
from app.chat.logins import end_logins
from app.chat.speech import Speaker
from app.chat.turns import TurnRunner
from app.config import DEVELOPMENT_AGENT, Settings
from app.db import Database, upgrade
from app.desk import endpoints as desk_endpoints
from app.docs import serve_docs
from app.engines import BuildEngines, Engines
from app.faq import endpoints as faq_endpoints
from app.faq.shared_vectors import open_cache
from app.files import endpoints as files_endpoints
from app.files.service import picture_reader
from app.handoff import endpoints as handoff_endpoints
from app.handoff.assignment import AssignmentService
from app.handoff.clock import DeskClock
from app.hearing import endpoints as hearing_endpoints
from app.hearing.convert import hearing_folder
from app.hearing.types import Recognizer
from app.help import endpoints as help_endpoints
from app.keys import endpoints as keys_endpoints
from app.logs import configure_logs
from app.operation import endpoints as operation_endpoints
from app.operation import health
from app.operation.drills import DrilledActions, DrilledGenerator, DrilledJudge, Drills
from app.personal import Mask
from app.privacy import endpoints as privacy_endpoints
from app.security import SecurityHeaders
from app.services import Services
from app.tagging import TaggingParser
from app.tracing import begin_tracing
from app.training import endpoints as training_endpoints
from app.voice import endpoints as voice_endpoints
from app.voice.build import build_voice
from app.voice.endpoints import VoiceDoor
from app.voice.service import VoiceService
from app.voice.types import VoiceError
from app.web import serve_web
from app.webhooks import endpoints as webhooks_endpoints
from app.webhooks.courier import Courier
from app.webhooks.types import DeliveryOwed
from app.weights.generator import generator_folder
from app.widget import endpoints as widget_endpoints
from app.widget.types import Look
from app.words import Words
from dialogue.actions.http import ActionServer, is_served
from dialogue.actions.in_process import ActionsImportError, InProcessActions
from dialogue.actions.types import ActionRunner, NoActions
from dialogue.assistant import Assistant
from dialogue.generate.decoder import Decoder
from dialogue.generate.local_backend import LocalGenerator
from dialogue.generate.reword import Rewriter
from dialogue.generate.types import Generator, Judge
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.reading.reader import Reader
from dialogue.project.load import load_project
from dialogue.project.model import Project
from nlu.artifact import ModelError
from nlu.engine.engine import Engine

DRAIN_S = 8.0
TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's own would tell the collector paths, queries and the words of exceptions."""
COLLECTED_AFTER = (20_000, 10, 50)
"""New containers before the youngest are looked through, and how often that before the older are."""
LOCAL_FRAMES = ["http://localhost:*", "http://127.0.0.1:*"]

log = structlog.get_logger(__name__)


def create_app(settings: Settings, build: BuildEngines | None = None) -> FastAPI:
    """The application. `build` makes the engines; tests hand in their own."""
    configure_logs(settings)
    words = Words.load()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with AsyncExitStack() as stack:
            if (end_tracing := begin_tracing()) is not None:
                stack.push_async_callback(asyncio.to_thread, end_tracing)
            services, voice = await _start(settings, words, build or build_engines, stack)
            app.state.services = services
            stack.callback(_spare_the_collector())
            door = VoiceDoor(
                voice, services.database, services.chat, services.auth, services.limits
            )
            yield {"voice_door": door}
            services.gateway.sockets.end_all()
            await services.runner.drain(DRAIN_S)

    app = FastAPI(
        title="Lingxi 灵犀",
        summary="An intelligent customer-service chatbot that a company runs itself.",
        lifespan=lifespan,
        telemetry=TELEMETRY,
        docs_url=None,
        redoc_url=None,
    )
    development = settings.environment == "development"
    app.add_middleware(
        SecurityHeaders,
        max_file_bytes=(settings.upload_max_mb + 1) * 1024**2,  # the service refuses in words
        framed_by=[*settings.allowed_origins, *(LOCAL_FRAMES if development else [])],
        https=(settings.public_url or "").startswith("https:"),
    )
    answer_errors(app, words)
    app.router.routes += chat_endpoints.SOCKETS
    for module in (
        auth_endpoints,
        oidc_endpoints,
        staff_endpoints,
        chat_endpoints,
        desk_endpoints,
        files_endpoints,
        handoff_endpoints,  # its `/{command}` takes whatever the others left
        faq_endpoints,
        *([help_endpoints] if settings.help_centre else []),
        analytics_endpoints,
        privacy_endpoints,
        keys_endpoints,
        audit_endpoints,
        webhooks_endpoints,
        voice_endpoints,
        training_endpoints,
        widget_endpoints,
        hearing_endpoints,
        rasa,
        models,
        openai,
        operation_endpoints,
        health,
    ):
        app.include_router(module.router)
    serve_docs(app)
    serve_web(app, Look(color=settings.widget_color, position=settings.widget_position))
    return app


async def _start(
    settings: Settings,
    words: Words,
    build: BuildEngines,
    stack: AsyncExitStack,
) -> tuple[Services, VoiceService | None]:
    """Build everything; whatever must end again is on `stack`, the last begun the first ended."""
    await asyncio.to_thread(settings.home.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread(upgrade, settings.sqlalchemy_url)
    database = Database(settings.sqlalchemy_url)
    stack.push_async_callback(database.close)
    engines, voice = await asyncio.gather(build(settings, database), _voice(settings))
    if voice is not None:
        stack.push_async_callback(voice.close)
    for close in engines.close:
        stack.push_async_callback(close)
    services = build_services(settings, words, database, engines, voice is not None)
    if voice is not None:
        voice.check = engines.drills.check_voice
    await _seed_development(settings, services)
    await services.faq.begin(settings.bot / "faq")
    stack.push_async_callback(services.faq.importer.close)
    stack.push_async_callback(services.faq.checkup.close)
    stack.push_async_callback(services.training.stop)
    speaker = Speaker(voice, services.hub)
    database.publish = _dispatch(services.hub, services.runner, speaker, services.courier)
    database.witness = services.webhooks.note
    tasks = await stack.enter_async_context(Background())
    tasks.keep("hub", services.hub.run)
    tasks.keep("sockets", services.gateway.sockets.watch)
    tasks.keep("intake", services.gateway.intake.run)
    tasks.keep("knowledge", services.faq.keeper.run)
    tasks.keep("turns", services.runner.run)
    tasks.keep("speech", speaker.run)
    assignment = AssignmentService(services.auth, services.handoff, services.rules)
    tasks.keep("desk", DeskClock(database, services.triage, assignment).run)
    tasks.keep("files", services.files.run)
    tasks.keep("loop lag", services.metrics.feel_the_loop)
    tasks.keep("retention", services.privacy.run)
    stack.push_async_callback(services.courier.close)
    tasks.keep("webhooks", services.courier.run)
    tasks.keep("logins", lambda: end_logins(services.database, services.auth, services.hub))
    return services, voice


def _dispatch(
    hub: Hub, runner: TurnRunner, speaker: Speaker, courier: Courier
) -> Callable[[Sequence[object]], None]:
    """What committed units told: to this worker's bot, or to whoever listens."""

    def publish(hints: Sequence[object]) -> None:
        for told in hints:
            if isinstance(told, Happened):
                continue  # who wants to know of it has been written down
            if isinstance(told, DeliveryOwed):
                courier.wake()
                continue
            hint = hint_adapter.validate_python(told)
            match hint:
                case TurnWanted():
                    runner.more_came(hint.conversation_id)
                case CancelWanted():
                    runner.cancel(hint.conversation_id)
                case SpeechWanted():
                    speaker.want(hint)
                case _:
                    hub.publish(hint)

    return publish


def _spare_the_collector() -> Callable[[], None]:
    """Take what the start has built out of the garbage collector's sight; call the result to undo it.

    Half a million objects live as long as the process: to walk them holds every chat up for 300 ms.
    The rest is looked through seldom: each walk over ten thousand sockets does the same.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)

    def undo() -> None:
        gc.unfreeze()
        gc.set_threshold(*before)

    return undo


async def _voice(settings: Settings) -> VoiceService | None:
    """Without speech the text still comes."""
    try:
        return await build_voice(settings)
    except (VoiceError, OSError) as error:
        log.warning("voice_unavailable", reason=str(error))
        return None


@dataclass(frozen=True, slots=True)
class _Actions:
    runner: ActionRunner
    ready: Callable[[], bool] | None
    kind: str = ""


def _actions(settings: Settings, project: Project) -> _Actions:
    """Without its actions a bot still talks; each costs an apology.

    Most projects name the server that Rasa wants on one's own machine. Where nobody answers there,
    the code beside the project does the same.
    """
    timeout_s = project.assistant.action_timeout_s
    named = project.action_endpoint
    endpoint = settings.action_endpoint or named
    if endpoint == named and named and project.actions_dir is not None and not is_served(named):
        log.warning("action_server_silent", url=named, instead=str(project.actions_dir))
        endpoint = None
    if endpoint:
        server = ActionServer(endpoint, timeout_s=timeout_s)
        return _Actions(server, lambda: server.available, "server")
    if project.actions_dir is None:
        return _Actions(NoActions(), None)
    try:
        runner = InProcessActions.of_bot(project.root, timeout_s=timeout_s)
    except ActionsImportError as error:
        log.error("actions_unavailable", reason=str(error))
        broken = NoActions(f"the actions cannot be imported: {error}")
        return _Actions(broken, lambda: False, "in_process")
    return _Actions(runner, lambda: True, "in_process")


async def build_engines(settings: Settings, database: Database) -> Engines:
    """The real ones: the trained understanding, and the bot over a knowledge that the store fills."""
    engine = await asyncio.to_thread(
        Engine.load,
        settings.nlu_model,
        settings.encoder_folder,
        threads=settings.inference_threads,
        runtime=settings.nlu_runtime,
    )
    await engine.start()
    await _load_models(engine, settings.nlu_models)
    project = await asyncio.to_thread(load_project, settings.bot)
    actions = await asyncio.to_thread(_actions, settings, project)
    cache = await open_cache(settings, database, engine.width)
    reader = await asyncio.to_thread(Reader.load, engine)
    knowledge = LiveKnowledge(engine, cache=cache, reader=reader)
    drills, model = Drills(), build_generator(settings)
    generator = DrilledGenerator(model, drills) if model is not None else None
    assistant = await asyncio.to_thread(
        partial(
            Assistant.build,
            project,
            actions=DrilledActions(actions.runner, drills),
            knowledge=knowledge,
            generator=generator,
            judge=DrilledJudge(model, drills) if isinstance(model, Judge) else None,
            parser=engine,
            policy_dir=settings.nlu_model.parent / "policy",
            generation_deadline_s=settings.generation_deadline_s,
        )
    )
    return Engines(
        parser=TaggingParser(engine, settings.nlu_taggers) if settings.nlu_taggers else engine,
        assistant=assistant,
        knowledge=knowledge,
        embedder=engine,
        reader=picture_reader(),
        recognizer=build_recognizer(settings),
        engine=engine,
        generator=generator,
        drills=drills,
        actions_ready=actions.ready,
        actions_kind=actions.kind,
        rewriter=model if isinstance(model, Rewriter) else None,
        close=(engine.close, assistant.close, *([generator.close] if generator else [])),
    )


async def _load_models(engine: Engine, folders: Mapping[str, Path]) -> None:
    """Further models beside the bot's; the bot serves without one that cannot be loaded."""
    for name, folder in folders.items():
        try:
            await engine.swap(folder, name)
        except (ModelError, OSError, ValueError, KeyError) as error:
            log.error("model_unavailable", model=name, reason=str(error))


def build_recognizer(settings: Settings) -> Recognizer | None:
    """The one of the extra `hearing`, if it is installed and set up."""
    folder = hearing_folder(settings.home)
    if find_spec("faster_whisper") is None or not folder.is_dir():
        return None
    from app.hearing.whisper import Whisper  # its runtime takes a second

    return Whisper(folder, settings.inference_threads)


def build_generator(settings: Settings) -> Generator | None:
    """The language model that the settings name; none without an endpoint's address or key."""
    if settings.generation == "local":
        folder = generator_folder(settings.home)
        if not (folder / "card.json").is_file():
            log.warning("generation_unavailable", reason="run `lingxi setup`")
            return None
        return LocalGenerator(partial(Decoder, folder, settings.inference_threads))
    if settings.generation == "none":
        return None
    key = settings.openai_api_key
    if settings.openai_base_url is None and key is None:
        log.warning("generation_unavailable", reason="set LINGXI_OPENAI_BASE_URL or _API_KEY")
        return None
    from dialogue.generate.openai_backend import OpenAIGenerator  # its client takes a second

    return OpenAIGenerator(
        settings.openai_model,
        api_key=key.get_secret_value() if key else "none",
        base_url=settings.openai_base_url,
        hide=Mask(settings.mask_sent, Words.load()),
    )


async def _seed_development(settings: Settings, services: Services) -> None:
    """A login to try the dashboard with; never outside development."""
    if settings.environment != "development":
        return
    email, password = DEVELOPMENT_AGENT
    auth = services.auth
    if await services.database.read(lambda s: auth.password_hash(s, email)) is not None:
        return
    password_hash = await asyncio.to_thread(auth.hash_password, password)

    def seed(session: Session) -> None:
        auth.add_agent(session, email, "Mei 小美", password_hash, "admin")

    await services.database.write(seed)
