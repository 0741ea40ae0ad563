"""The shop bot is complete, its stories pass, and its actions work on a real database."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from dialogue.actions.in_process import load_executor
from dialogue.policy.ensemble import Policies
from dialogue.project import load_project
from dialogue.testing.stories import run_tests

SHOP = Path(__file__).parents[2] / "bots" / "shop"
ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
HAN = re.compile(r"[\u4e00-\u9fff]")
OURS = {"action_answer_faq", "action_handoff"}


def _domain() -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for file in sorted((SHOP / "domain").glob("*.yml")):
        for key, value in yaml.safe_load(file.read_text("utf-8")).items():
            if isinstance(value, dict):
                merged.setdefault(key, {}).update(value)
            else:
                merged.setdefault(key, value)
    return merged


def _utterances() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted((SHOP / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            if "intent" in block:
                lines = [line[2:].strip() for line in block["examples"].splitlines() if line]
                found.setdefault(block["intent"], []).extend(lines)
    return found


def _entries() -> list[dict[str, Any]]:
    files = sorted((SHOP / "faq").glob("*.yml"))
    return [entry for file in files for entry in yaml.safe_load(file.read_text("utf-8"))]


def test_every_intent_has_thirty_utterances_in_both_languages() -> None:
    utterances, intents = _utterances(), _domain()["intents"]
    assert len(intents) >= 27
    assert set(utterances) == set(intents)
    for intent, lines in utterances.items():
        chinese = sum(bool(HAN.search(line)) for line in lines)
        assert len(lines) >= 30, intent
        assert chinese >= 12, intent
        assert len(lines) - chinese >= 12, intent


def test_no_utterance_belongs_to_two_intents() -> None:
    plain = [
        ANNOTATION.sub(r"\1", line).lower() for lines in _utterances().values() for line in lines
    ]
    assert [text for text, times in Counter(plain).items() if times > 1] == []


def test_every_response_speaks_both_languages() -> None:
    for name, variations in _domain()["responses"].items():
        languages = {v["condition"][0]["value"] for v in variations}
        assert languages == {"zh", "en"}, name


def test_knowledge_is_large_and_asked_in_many_ways() -> None:
    entries = _entries()
    assert len(entries) >= 130
    assert len({entry["id"] for entry in entries}) == len(entries)
    asked: Counter[str] = Counter()
    for entry in entries:
        for language in ("zh", "en"):
            assert 3 <= len(entry["questions"][language]) <= 10, entry["id"]
            assert entry["answer"][language].strip(), entry["id"]
            asked.update(q.lower().strip("？?") for q in entry["questions"][language])
    assert [question for question, times in asked.items() if times > 1] == []


async def test_all_test_stories_pass() -> None:
    project = load_project(SHOP)
    report = (await run_tests(project, Policies.build(project))).as_json()
    assert report["stories"] >= 60
    assert report["divergences"] == {}


class Desk:
    """Runs one action at a time with a tracker made here."""

    def __init__(self, executor: ActionExecutor) -> None:
        self.executor = executor
        self.domain = _domain()
        self.slots: dict[str, Any] = dict.fromkeys(self.domain["slots"])
        self.slots["language"] = "zh"

    async def run(
        self,
        action: str,
        given: dict[str, Any] | None = None,
        entities: list[dict[str, Any]] | None = None,
    ) -> list[str]:
        """Run `action` after a message that filled the slots `given`; return what was said."""
        self.slots.update(given or {})
        message = {"text": "", "intent": {"name": "inform"}, "entities": entities or []}
        filled = [
            {"event": "slot", "timestamp": None, "name": name, "value": value}
            for name, value in (given or {}).items()
        ]
        call = {
            "next_action": action,
            "sender_id": "test",
            "domain": self.domain,
            "tracker": {
                "sender_id": "test",
                "slots": dict(self.slots),
                "latest_message": message,
                "events": [{"event": "user", "text": "", "parse_data": message}, *filled],
                "latest_event_time": 0.0,
                "followup_action": None,
                "paused": False,
                "latest_input_channel": "rest",
                "active_loop": {},
                "latest_action_name": "action_listen",
            },
        }
        result = await self.executor.run(call)
        for event in result.events:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
        return [response.get("response") or "" for response in result.responses]


@pytest.fixture
def executor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ActionExecutor:
    monkeypatch.setenv("SHOP_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    return load_executor(SHOP)


@pytest.fixture
def desk(executor: ActionExecutor) -> Desk:
    return Desk(executor)


def test_every_action_of_the_domain_exists(executor: ActionExecutor) -> None:
    assert set(executor.actions) == set(_domain()["actions"]) - OURS


async def test_an_order_is_found_by_number_tail_and_phone(desk: Desk) -> None:
    await desk.run("validate_track_form", {"order_number": "Ａ１００２３"})
    assert desk.slots["order_number"] == "A10023"
    await desk.run("validate_track_form", {"order_number": "尾号 8812"})
    assert desk.slots["order_number"] == "20261105-8812"
    said = await desk.run("validate_track_form", {"order_number": "13800000126"})
    assert said == ["utter_several_orders"]
    assert desk.slots["order_number"] is None
    said = await desk.run("validate_track_form", {"order_number": "A19999"})
    assert said == ["utter_order_not_found"]


@pytest.mark.parametrize(
    ("number", "response"),
    [
        ("A10047", "utter_tracking_shipped"),
        ("20261112-3306", "utter_tracking_delayed"),
        ("A10019", "utter_tracking_refunding"),
        ("A10063", "utter_tracking_unpaid"),
    ],
)
async def test_tracking_tells_the_state(desk: Desk, number: str, response: str) -> None:
    said = await desk.run("action_track_order", {"order_number": number})
    assert said == ["utter_tracking", response]


async def test_a_refund_is_written_once(desk: Desk, executor: ActionExecutor) -> None:
    await desk.run("validate_refund_form", {"order_number": "A10023"})
    assert desk.slots["contact_phone"] == "13800000126"
    assert desk.slots["requested_slot"] == "refund_reason"
    await desk.run("validate_refund_form", {"refund_reason": "一直漏水"})
    assert desk.slots["refund_reason"] == "quality"
    assert desk.slots["requested_slot"] == "refund_confirm"
    other_window = Desk(executor)
    other_window.slots = {**desk.slots, "refund_confirm": True}
    desk.slots["refund_confirm"] = True
    said = await asyncio.gather(
        desk.run("action_submit_refund"), other_window.run("action_submit_refund")
    )
    assert sorted(reply[0] for reply in said) == ["utter_refund_already", "utter_refund_submitted"]


async def test_a_correction_is_read_back_again(desk: Desk) -> None:
    await desk.run("validate_refund_form", {"order_number": "A10023"})
    await desk.run("validate_refund_form", {"refund_reason": "坏了"})
    await desk.run(
        "validate_refund_form",
        {"order_number": "8812", "refund_confirm": False},
        [{"entity": "order_tail", "value": "8812"}],
    )
    assert desk.slots["order_number"] == "20261105-8812"
    assert desk.slots["refund_confirm"] is None


async def test_a_wrong_phone_is_asked_again(desk: Desk) -> None:
    desk.slots["order_number"] = "A10074"
    said = await desk.run("validate_refund_form", {"contact_phone": "1390000"})
    assert said == ["utter_phone_wrong"]
    await desk.run("validate_refund_form", {"contact_phone": "+86 139-0000-0512"})
    assert desk.slots["contact_phone"] == "13900000512"


async def test_only_what_has_not_left_can_be_cancelled(desk: Desk) -> None:
    sure = {"order_number": "A10038", "cancel_confirm": True}
    assert await desk.run("action_cancel_order", sure) == ["utter_order_cancelled"]
    gone = {"order_number": "A10047", "cancel_confirm": True}
    assert await desk.run("action_cancel_order", gone) == ["utter_cannot_cancel_shipped"]


async def test_an_address_is_changed_after_a_yes(desk: Desk) -> None:
    said = await desk.run(
        "validate_address_form", {"order_number": "A10041", "new_address": "公司"}
    )
    assert "utter_address_too_short" in said
    where = {"new_address": "北京市朝阳区建国路 93 号 1802", "address_confirm": True}
    assert await desk.run("action_change_address", where) == ["utter_address_changed"]
