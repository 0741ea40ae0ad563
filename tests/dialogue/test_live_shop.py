"""The shop bot with its real models, actions and knowledge, talked to as customers write.

The conversations are in ``live/*.yml``. They say where a message leads (response, action, FAQ
entry, form, slots, handoff), so a model trained anew has to hold them too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from app.cli.chat import running_engines
from app.cli.conversation import Conversation
from app.config import Settings
from app.engines import Engines
from dialogue.domain import Domain
from dialogue.project import load_project
from dialogue.tracker import Tracker
from dialogue.types import TurnResult

ROOT = Path(__file__).parents[2]
LIVE = Path(__file__).parent / "live"

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


def conversations() -> list[Any]:
    return [
        pytest.param(told, id=f"{file.stem}: {told['conversation']}")
        for file in sorted(LIVE.glob("*.yml"))
        for told in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engines]:
    folder = tmp_path_factory.mktemp("live")
    settings = Settings(
        bot=ROOT / "bots" / "shop", database_url=f"sqlite:///{folder / 'lingxi.db'}"
    )
    async with running_engines(settings) as running:
        yield running


@pytest.fixture(scope="module")
def domain() -> Domain:
    return load_project(ROOT / "bots" / "shop").domain


@pytest.fixture(autouse=True)
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every conversation has its own shop: a refund in one is not seen by the next."""
    monkeypatch.setenv("SHOP_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")


@pytest.mark.parametrize("told", conversations())
async def test_live(told: Mapping[str, Any], engines: Engines, domain: Domain) -> None:
    talk = Conversation(engines, told["conversation"])
    for step in told["steps"]:
        understanding, result = await talk.say(step["say"])
        got = outcome(result, Tracker.fold(domain, talk.history))
        for name, wanted in step.items():
            if name != "say":
                about = (step["say"], understanding.intent_ranking[:3], result.trace.decisions)
                assert holds(name, wanted, got), (name, wanted, got, about)
        assert result.replies, f"no answer to {step['say']!r}"


def outcome(result: TurnResult, tracker: Tracker) -> dict[str, Any]:
    return {
        "response": [reply.response for reply in result.replies],
        "faq": [reply.faq_id for reply in result.replies],
        "offers": [button.title for reply in result.replies for button in reply.buttons],
        "action": [decision["action"] for decision in result.trace.decisions],
        "language": {reply.language for reply in result.replies},
        "handoff": result.handoff.reason if result.handoff else None,
        "loop": tracker.loop_name,
        "slots": tracker.slots,
        "replies": len(result.replies),
        "miss": any(
            event["event"] == "bot" and event["metadata"].get("lingxi", {}).get("miss")
            for event in result.events
        ),
    }


def holds(name: str, wanted: Any, got: Mapping[str, Any]) -> bool:
    if name in ("response", "faq", "offers", "action", "language"):
        return all(one in got[name] for one in (wanted if isinstance(wanted, list) else [wanted]))
    if name == "slots":
        return all(got["slots"].get(slot) == value for slot, value in wanted.items())
    return bool(got[name] == wanted)
