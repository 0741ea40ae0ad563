"""Live turns beside Rasa's own: the same messages, the same gold understanding, the actions of each turn.

DATA holds Rasa projects and a folder ``live_reference/`` with one JSON file a project: for each test
story what was said, which actions the story tells (``expected``), which ones Rasa 3.6 ran live
(``got``) and what its bot said (``bot``). The projects' own actions are not there; the stub that
stands in returns what Rasa's transcript implies: the slot that a form asked for, the form that was
switched to. The baseline is what the story tells, which Rasa itself often leaves (a story collapses
a form).

    python benchmarks/dialogue_live_agreement.py DATA
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dialogue.actions.types import ActionResult
from dialogue.assistant import Assistant
from dialogue.events import ActionExecuted, SlotSet, UserUttered, event_from_json
from dialogue.policy.paths import paths_of
from dialogue.project import Project, load_project
from dialogue.project.model import ActionStep, OrStep, UserStep
from dialogue.types import StoredEvent, TurnRequest
from nlu.types import Entity, IntentScore, Understanding

UNSAID = ("action_listen", "action_session_start")
Reference = Mapping[str, Any]


@dataclass
class Implied:
    """Stands in for the project's action server: what this turn of Rasa's transcript implies."""

    project: Project
    turn: Reference = field(default_factory=dict)
    heard: bool = False
    """This turn has come to a form's validation before."""

    async def run(
        self, name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any]
    ) -> ActionResult:
        if name.startswith("validate_"):
            return ActionResult(tuple(self._validated(name.removeprefix("validate_"), tracker)))
        return ActionResult(tuple(self._switched(name, tracker)))

    def _validated(self, form: str, tracker: Mapping[str, Any]) -> list[SlotSet]:
        """The form asks for the slot that Rasa's asked for, so every other value was refused.

        Where something else answered first, the form had found nothing in the message.
        """
        interrupted = not self.heard and loop_of(tracker) == form and self.turn["got"][0] != form
        self.heard = True
        if interrupted:
            return []
        said = [str(message.get("text")) for message in self.turn["bot"]]
        for slot in self.project.domain.forms[form].required_slots:
            for response in (f"utter_ask_{form}_{slot}", f"utter_ask_{slot}"):
                texts = [
                    v.content.get("text") for v in self.project.domain.responses.get(response, ())
                ]
                if any(text in said for text in texts):
                    return [SlotSet(slot, None), SlotSet("requested_slot", slot)]
        return []

    def _switched(self, name: str, tracker: Mapping[str, Any]) -> list[SlotSet]:
        """Some projects keep in slots which form a customer leaves and which is next."""
        slots, loop = tracker["slots"], loop_of(tracker)
        if name == "action_switch_forms_ask":
            forms = self._forms_of(tracker["latest_message"]["intent"]["name"])
            return [SlotSet("next_form_name", forms[0])] if forms else []
        if name == "action_switch_forms_affirm":
            return [SlotSet("previous_form_name", loop), SlotSet("next_form_name", None)]
        if name in ("action_switch_forms_deny", "action_switch_back_ask"):
            gone = "next_form_name" if name.endswith("deny") else "previous_form_name"
            return [SlotSet(gone, None)] if gone in slots else []
        return []

    def _forms_of(self, intent: str) -> list[str]:
        """Forms that a rule of the project begins with `intent`."""
        forms: list[str] = []
        for rule in self.project.rules:
            for before, after in zip(rule.steps, rule.steps[1:], strict=False):
                said = before.alternatives if isinstance(before, OrStep) else (before,)
                begins = any(isinstance(one, UserStep) and one.intent == intent for one in said)
                if begins and isinstance(after, ActionStep):
                    forms += [after.name] if after.name in self.project.domain.forms else []
        return forms

    async def close(self) -> None:
        return None


def loop_of(tracker: Mapping[str, Any]) -> str | None:
    return (tracker.get("active_loop") or {}).get("name")


def understood(message: UserUttered, text: str) -> Understanding:
    """The annotation of a test story, as if it had been understood."""
    score = IntentScore(message.full_intent or message.intent or "", 1.0)
    entities = tuple(
        Entity(e.entity, 0, 0, str(e.value), e.value, 1.0, "gold", e.role, e.group)
        for e in message.entities
    )
    return Understanding(text, "en", score, (score,), entities)


async def turns_of(
    assistant: Assistant, stub: Implied, messages: Sequence[UserUttered], story: Reference
) -> list[list[str]]:
    history: list[StoredEvent] = []
    done: list[list[str]] = []
    for at, (message, told) in enumerate(zip(messages, story["out"], strict=True)):
        stub.turn, stub.heard = told, False
        result = await assistant.turn(
            TurnRequest(
                story["name"], understood(message, told["user"]), history, now=1000.0 + 10 * at
            )
        )
        history += result.events
        ran = [e for e in map(event_from_json, result.events) if isinstance(e, ActionExecuted)]
        done.append([e.name for e in ran if e.name not in UNSAID])
    return done


async def compare(root: Path, name: str) -> None:
    project = load_project(root / name)
    stories = json.loads((root / "live_reference" / f"{name}.json").read_text("utf-8"))
    messages = {
        path.name: [e for e in path.events if isinstance(e, UserUttered)]
        for path in paths_of(project.domain, project.tests)
    }
    stub = Implied(project)
    assistant = Assistant.build(project, actions=stub)
    turns = agreed = told = 0
    for story in stories:
        done = await turns_of(assistant, stub, messages[story["name"]], story)
        for reference, ours in zip(story["out"], done, strict=True):
            turns += 1
            agreed += ours == reference["got"]
            told += reference["got"] == reference["expected"]
            if ours != reference["got"]:
                print(
                    f"  {story['name']}: {reference['user']!r}: Rasa {reference['got']}, ours {ours}"
                )
    print(
        f"{name:16} {turns} turns: ours as Rasa {agreed} ({agreed / turns:.1%}); "
        f"baseline, the story as Rasa {told} ({told / turns:.1%}); ratio {agreed / max(told, 1):.2f}"
    )


def main() -> None:
    if len(sys.argv) < 2:
        print("expected DATA, a folder with Rasa projects and live_reference/; nothing to compare")
        return
    root = Path(sys.argv[1])
    for file in sorted((root / "live_reference").glob("*.json")):
        asyncio.run(compare(root, file.stem))


if __name__ == "__main__":
    main()
