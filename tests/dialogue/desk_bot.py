"""A bot with a desk to book: a knowledge, actions, a generator and a judge of a few lines each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dialogue.actions.types import ActionFailedError, ActionResult
from dialogue.assistant import Assistant
from dialogue.events import SlotSet
from dialogue.generate.types import Generated, GenerationRequest, Generator, Refused
from dialogue.knowledge.types import (
    Audience,
    Entry,
    EntryKind,
    Hit,
    SearchResult,
    Thresholds,
    verdict_of,
)
from dialogue.project import load_project
from dialogue.types import Citation, OnPartial, TurnRequest, TurnResult
from nlu.types import Entity, IntentScore, Language, Polarity, Sentiment, Understanding, Vector

DESK = Path(__file__).parent / "bots" / "desk"
LIMITS = Thresholds(answer=0.6, suggest=0.2)


class Shelf:
    """A knowledge whose scores are written down: ``{query: {entry id: score}}``."""

    def __init__(self, scores: Mapping[str, Mapping[str, float]], again: str) -> None:
        self._scores, self._again = scores, again
        self.asked: list[str] = []

    async def search(
        self,
        query: str,
        *,
        language: Language,
        vector: Vector | None = None,
        context: Sequence[str] = (),
        limit: int = 5,
        audience: Audience = "everyone",
    ) -> SearchResult:
        self.asked.append(query)
        scores = sorted(self._scores.get(query, {}).items(), key=lambda item: -item[1])
        hits = tuple(Hit(entry(name), name, score, score, score) for name, score in scores)
        return SearchResult(
            query, verdict_of(hits, LIMITS), hits, LIMITS, again=query == self._again
        )

    async def related(
        self,
        entry_id: str,
        *,
        limit: int = 3,
        told: Sequence[str] = (),
        audience: Audience = "everyone",
    ) -> tuple[Entry, ...]:
        near = ("hours", "howto", "parking")
        return tuple(entry(name) for name in near if name not in (entry_id, *told))[:limit]


def entry(name: str) -> Entry:
    kind: EntryKind = "passage" if name.endswith(".pdf") else "faq"
    return Entry(name, (name,), {"en": f"About {name}."}, kind=kind)


class Hands:
    """Actions: one that works and one that raises."""

    async def run(
        self, name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any]
    ) -> ActionResult:
        if name == "action_track":
            return ActionResult((SlotSet("people", tracker["slots"]["people"]),), ({"text": "T"},))
        raise ActionFailedError(name, "raised", "ZeroDivisionError: secret of the house")

    async def close(self) -> None:
        return None


class Mute:
    """A generator that never finds support for what it would say."""

    ready = True
    asked = 0

    async def generate(
        self, request: GenerationRequest, on_partial: OnPartial | None = None
    ) -> Refused:
        self.asked += 1
        return Refused("ungrounded")

    async def close(self) -> None:
        return None


class Writer(Mute):
    """A generator that says what it is told to."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def generate(
        self, request: GenerationRequest, on_partial: OnPartial | None = None
    ) -> Generated:
        best = request.passages[0]
        return Generated(self.text, (Citation(best.id, best.title, best.url),), (), "writer")


class Reader:
    """A judge to whom only what it is told answers; it fails when told nothing."""

    def __init__(self, **chances: float) -> None:
        self.chances = chances
        self.asked = 0

    async def judge(self, request: GenerationRequest) -> tuple[float, ...] | None:
        self.asked += 1
        return tuple(self.chances[p.id] for p in request.passages) if self.chances else None


SHELF = Shelf(
    {
        "when do you open?": {"hours": 0.9},
        "how do I book?": {"howto": 0.8},
        "how much is parking?": {"parking": 0.9},
        "parking": {"parking": 0.4, "bikes": 0.3},
        "something odd": {"parking": 0.1},
        "when is the camp?": {"camp.pdf": 0.7},
        "how much is the camp?": {"camp.pdf": 0.7},
        "and on Sunday?": {"hours": 0.9},
    },
    again="and on Sunday?",
)


class Talk:
    def __init__(self, generator: Generator | None = None, judge: Reader | None = None) -> None:
        self.assistant = Assistant.build(
            load_project(DESK), actions=Hands(), knowledge=SHELF, generator=generator, judge=judge
        )
        self.history: list[Any] = []
        self.now = 1000.0

    async def say(
        self,
        text: str,
        intent: str = "nlu_fallback",
        confidence: float = 0.95,
        mood: tuple[Polarity, float] = ("neutral", 0.0),
        also: tuple[str, float] | None = None,
        **entities: str,
    ) -> TurnResult:
        found = tuple(
            Entity(n, text.find(v), text.find(v) + len(v), v, v, 1.0, "gold")
            for n, v in entities.items()
        )
        top = IntentScore(intent, confidence)
        ranking = (top, IntentScore(*also)) if also else (top,)
        self.now += 1
        read = Understanding(text, "en", top, ranking, found, sentiment=Sentiment(*mood))
        request = TurnRequest("c", read, tuple(self.history), self.now)
        result = await self.assistant.turn(request)
        self.history += result.events
        return result

    @property
    def loop(self) -> str | None:
        return self.assistant.tracker(self.history).loop_name

    @property
    def slots(self) -> Mapping[str, Any]:
        return self.assistant.tracker(self.history).slots


def titles(result: TurnResult) -> list[str]:
    return [button.title for reply in result.replies for button in reply.buttons]


def faqs(result: TurnResult) -> list[str]:
    return [reply.faq_id for reply in result.replies if reply.faq_id]
