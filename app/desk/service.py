"""An agent's tools, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from app.auth.service import AuthService
from app.chat.service import ChatService
from app.db import Database
from app.desk.corrections import Corrections
from app.desk.notes import NoteService
from app.desk.saved_views import SavedViews
from app.desk.suggestions import Suggestions
from app.desk.wording import Wording
from dialogue.knowledge.live import LiveKnowledge


@dataclass(frozen=True, slots=True)
class DeskTools:
    notes: NoteService
    views: SavedViews
    suggestions: Suggestions
    corrections: Corrections
    wording: Wording

    @classmethod
    def build(
        cls,
        database: Database,
        chat: ChatService,
        auth: AuthService,
        knowledge: LiveKnowledge,
        wording: Wording,
    ) -> Self:
        return cls(
            notes=NoteService(chat, auth),
            views=SavedViews(),
            suggestions=Suggestions(database, chat, knowledge),
            corrections=Corrections(),
            wording=wording,
        )
