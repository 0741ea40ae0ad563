"""What the knowledge would answer to the customer's last words: for an agent to use or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from app.chat.events import WireFile
from app.chat.service import ChatService
from app.db import Database
from app.words import as_language
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.types import Audience
from nlu.types import Language

CONTEXT_MESSAGES = 3
SHOWN = 3
WORTH_SHOWING = 0.5
"""Of the score from which the bot itself asks "did you mean": an agent reads before sending."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    entry_id: str
    title: str
    question: str
    answer: str
    score: float
    audience: Audience
    files: Sequence[WireFile]


class Suggestions:
    def __init__(self, database: Database, chat: ChatService, knowledge: LiveKnowledge) -> None:
        self._database = database
        self._chat = chat
        self._knowledge = knowledge

    async def of(self, conversation_id: str) -> list[Suggestion]:
        """Best first; none when nothing comes near. Raises `NotFound`."""
        opened, asked = await self._database.read(
            lambda s: (
                self._chat.opened(s, conversation_id),
                self._chat.asked(s, conversation_id, CONTEXT_MESSAGES),
            )
        )
        texts = [message.content.text for message in asked]
        if not texts or not texts[0].strip():
            return []
        language: Language = as_language(opened.language)
        found = await self._knowledge.search(
            texts[0], language=language, context=texts[:0:-1], limit=SHOWN, audience="staff"
        )
        least = found.thresholds.suggest * WORTH_SHOWING
        return [
            Suggestion(
                entry_id=hit.entry.id,
                title=hit.entry.title(language),
                question=hit.question,
                answer=hit.entry.answer(language),
                score=round(hit.score, 4),
                audience=hit.entry.audience,
                files=[WireFile(**asdict(file)) for file in hit.entry.files],
            )
            for hit in found.hits
            if hit.score >= least
        ]
