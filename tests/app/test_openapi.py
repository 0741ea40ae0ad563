"""Whatever our own OpenAPI allows to be sent, and what it does not, is answered without a failure.

``LINGXI_TEST_EXAMPLES=50`` looks longer, ``LINGXI_TEST_SEED`` elsewhere.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from app_client import PATIENCE_S, Customer
from conftest import CAFE_TOKEN, Server, running
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from app.auth.cookies import COOKIE
from app.config import DEVELOPMENT_AGENT

EXAMPLES = int(os.environ.get("LINGXI_TEST_EXAMPLES", "1"))
SEED = int(os.environ.get("LINGXI_TEST_SEED", "20261125"))
LEFT_OUT = {
    "POST /api/auth/logout",  # nobody would be signed in any more
    "GET /api/auth/oidc/start",  # there is no provider
    "GET /api/auth/oidc/callback",
}


@pytest.mark.slow
async def test_nothing_that_the_schema_describes_makes_the_server_fail(tmp_path: Path) -> None:
    """A server of its own: what is sent may change anything."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'lingxi.db'}"
    own = Server(tmp_path, url, {"LINGXI_REST_TOKEN": CAFE_TOKEN}, engines="cafe")
    async with running(own):
        customer = await Customer.arrive(own.base)
        failed, looked = await asyncio.to_thread(look_at_all, own.base, customer.token)
    assert failed == []
    assert looked > 100


def look_at_all(base: str, customer: str) -> tuple[list[str], int]:
    """(what failed, how many operations were tried)."""
    schema = schemathesis.openapi.from_url(f"{base}/openapi.json")
    failed: list[str] = []
    looked = 0
    cookie = signed_in(base)
    for found in schema.get_all_operations():
        operation = found.ok()
        name = f"{operation.method.upper()} {operation.path}"
        if name in LEFT_OUT:
            continue
        looked += 1
        if operation.path.startswith(("/api/visitor/", "/api/voice")):
            headers = {"Authorization": f"Bearer {customer}"}
        elif operation.path.startswith("/api/"):
            headers = {"Cookie": cookie, "Origin": base}
        else:
            headers = {"Authorization": f"Bearer {CAFE_TOKEN}"}
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            failed += try_out(operation, mode, headers, name)
    return failed, looked


def signed_in(base: str) -> str:
    email, password = DEVELOPMENT_AGENT
    answer = httpx.post(
        f"{base}/api/auth/login", json={"email": email, "password": password}, timeout=PATIENCE_S
    )
    return f"{COOKIE}={answer.cookies[COOKIE]}"


def try_out(operation: Any, mode: GenerationMode, headers: dict[str, str], name: str) -> list[str]:
    failed: list[str] = []

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def once(case: Case) -> None:
        answer = case.call(headers=headers, timeout=PATIENCE_S, allow_redirects=False)
        if answer.status_code >= 500 and answer.status_code != 503:
            failed.append(f"{name}: {answer.status_code} {case.as_curl_command()[:1500]}")

    try:
        once()
    except Unsatisfiable:  # nothing about it can be wrong
        return failed
    return failed
