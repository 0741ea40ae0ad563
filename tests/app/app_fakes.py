"""Engines that behave as told, behind the same interfaces as the real ones."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.config import Settings
from app.db import Database
from app.engines import Engines
from app.errors import Refused
from app.hearing.types import Heard, Sound
from dialogue.knowledge.live import LiveKnowledge
from dialogue.types import (
    Button,
    Citation,
    Handoff,
    Labels,
    Progress,
    Reply,
    Route,
    Trace,
    TurnRequest,
    TurnResult,
)
from nlu.types import IntentScore, Language, Overloaded, Sentiment, Understanding

READ_IN_PICTURES = "order A10023"


def language_of(text: str) -> Language:
    return "zh" if re.search(r"[\u4e00-\u9fff]", text) else "en"


class ScriptedParser:
    """Names the first word as the intent; ``busy`` refuses it the first few times."""

    def __init__(self) -> None:
        self.refusals_left: dict[str, int] = {}

    async def parse(self, text: str) -> Understanding:
        if text.startswith("busy"):
            left = self.refusals_left.setdefault(text, 2)
            if left:
                self.refusals_left[text] = left - 1
                raise Overloaded(limit=1, retry_after_s=0.05)
        words = text.split()
        angry = "angry" in text
        return Understanding(
            text=text,
            language=language_of(text),
            intent=IntentScore(words[0].lower() if words else "none", 0.9),
            sentiment=Sentiment("negative" if angry else "neutral", 0.9 if angry else 0.0),
        )


class ScriptedAssistant:
    """Does what the customer's text says: ``echo``, ``slow 0.5``, ``think 0.5``, ``both 0.5``, ``stream``, ``human``, ``fail``;
    ``faq`` asks the knowledge."""

    def __init__(self, knowledge: LiveKnowledge) -> None:
        self._knowledge = knowledge

    def labels(self) -> Labels:
        return Labels(("echo", "refund", "track_order"), ("order_number",))

    def understood(self, understanding: Understanding) -> Understanding:
        return understanding

    async def turn(self, request: TurnRequest, progress: Progress | None = None) -> TurnResult:
        text = request.understanding.text
        command, _, rest = text.partition(" ")
        handoff = None
        route: Route = "rule"
        replies = [self._reply(f"echo: {text}", request)]
        match command:
            case "slow":
                if progress is not None:
                    progress.acted()
                await asyncio.sleep(float(rest.split()[0]))
            case "think":
                await asyncio.sleep(float(rest.split()[0]))
            case "both":
                replies = [self._reply(said, request) for said in ("at once", "in the end")]
                if progress is not None:
                    progress.said(replies[0])
                    progress.acted()
                await asyncio.sleep(float(rest.split()[0]))
            case "hang":
                await asyncio.sleep(3600)
            case "fail":
                raise RuntimeError("the assistant was told to fail")
            case "stream":
                said = ""
                for word in ("one ", "two ", "three"):
                    said += word
                    if progress is not None:
                        await progress.partial(said)
                    await asyncio.sleep(0.1)
                replies = [self._reply(said, request)]
            case "human":
                told = rest or "A1002"
                handoff = Handoff("requested", f"wants a human {rest}", {"order_number": told})
                replies = []
            case "two":
                replies = [self._reply("first", request), self._reply("second", request)]
            case "buttons":
                replies = [
                    Reply(
                        text="choose", buttons=(Button("Refund", '/refund{"a": 1}'),), language="en"
                    )
                ]
            case "reply":
                replies = [self._as_told(json.loads(rest))]
                if progress is not None:
                    await progress.partial(replies[0].text)
                await asyncio.sleep(0.1)
            case "faq":
                route, reply = await self._look_up(rest, request)
                replies = [reply]
            case "history":
                replies = [self._reply(str(len(request.history)), request)]
        events = [
            {"event": "user", "text": text, "parse_data": {}},
            *({"event": "bot", "text": reply.text} for reply in replies),
            {"event": "slot", "name": "last", "value": json.dumps(text)},
        ]
        return TurnResult(
            replies=tuple(replies),
            events=tuple(events),
            trace=Trace(route=route, decisions=({"action": command},)),
            handoff=handoff,
            language=language_of(text),
        )

    async def _look_up(self, question: str, request: TurnRequest) -> tuple[Route, Reply]:
        found = await self._knowledge.search(
            question,
            language=language_of(question),
            audience="verified" if request.verified else "everyone",
        )
        if found.verdict == "answer" and found.best is not None:
            entry = found.best.entry
            answer = self._reply(entry.answer(language_of(question)), request)
            return "faq", replace(answer, files=entry.files)
        return "fallback", self._reply("I do not know", request)

    @staticmethod
    def _as_told(reply: dict[str, Any]) -> Reply:
        """What a model writes or an action answers: whatever the text says."""
        return Reply(
            text=reply["text"],
            buttons=tuple(Button(**button) for button in reply["buttons"]),
            image=reply["image"],
            attachment=reply["attachment"],
            elements=tuple(reply["elements"]),
            citations=tuple(Citation(**citation) for citation in reply["citations"]),
            language="en",
            source="generated",
        )

    @staticmethod
    def _reply(text: str, request: TurnRequest) -> Reply:
        return Reply(text=text, language=request.understanding.language)


class ScriptedReader:
    """Reads the same in every picture."""

    def read(self, path: Path) -> str:
        assert path.is_file()
        return READ_IN_PICTURES


class ScriptedRecognizer:
    """Hears as much as there are bytes, and writes down how long it was."""

    def decode(self, recording: bytes) -> Sound:
        if recording.startswith(b"not sound"):
            raise Refused("sound_damaged")
        return np.frombuffer(recording, np.int8).astype(np.float32) / 128

    def hear(self, sound: Sound, expected: Language) -> Heard:
        return Heard(text=f"{len(sound)} samples", language=expected)


async def fake_engines(settings: Settings, database: Database) -> Engines:
    knowledge = LiveKnowledge(None)
    return Engines(
        ScriptedParser(),
        ScriptedAssistant(knowledge),
        knowledge,
        reader=ScriptedReader(),
        recognizer=ScriptedRecognizer(),
    )
