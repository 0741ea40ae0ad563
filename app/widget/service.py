"""The widget's settings: those the owner saved, else those of the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.audit import record
from app.chat.service import ChatService
from app.errors import Conflict, NotFound, Refused
from app.hours import OfficeHours
from app.models import WidgetDocument, now
from app.widget import repository
from app.widget.types import Detail, Look, Question, WidgetConfig, WidgetSettings

MAX_DETAIL_CHARS = 500
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
PHONE = re.compile(r"\+?[\d\s()./-]{5,24}")


class WidgetService:
    """`defaults` hold until the owner saves something."""

    def __init__(self, defaults: WidgetSettings, voice: bool, voice_input: bool) -> None:
        self.defaults = defaults
        self._voice = voice
        self._voice_input = voice_input
        self._parsed: tuple[int, WidgetSettings] = (0, defaults)

    def saved(self, session: Session) -> tuple[WidgetSettings, int]:
        """The settings and their revision; 0 before the owner's first."""
        row = repository.document(session)
        if row is None or not row.settings:  # never saved, or reset
            return self.defaults, row.revision if row else 0
        if self._parsed[0] != row.revision:  # parsed once for each revision
            self._parsed = (row.revision, WidgetSettings.model_validate(row.settings))
        return self._parsed[1], row.revision

    def settings(self, session: Session) -> WidgetSettings:
        return self.saved(session)[0]

    def hours(self, session: Session) -> OfficeHours:
        return self.settings(session).hours()

    def look(self, session: Session) -> Look:
        settings = self.settings(session)
        shown = [proposal for proposal in settings.proposals if proposal.enabled]
        return Look(color=settings.color, position=settings.position, proposals=shown)

    def config(self, session: Session) -> WidgetConfig:
        return self.config_of(self.settings(session))

    def config_of(self, settings: WidgetSettings) -> WidgetConfig:
        asked = settings.prechat.enabled and settings.prechat.questions
        return WidgetConfig(
            title=settings.title,
            welcome=settings.welcome,
            color=settings.color,
            position=settings.position,
            voice=self._voice,
            voice_input=self._voice_input,
            files=settings.files,
            languages=["zh", "en"],
            office_open=settings.hours().open_at(now()),
            away=settings.away,
            suggestions=settings.suggestions,
            prechat=settings.prechat if asked else None,
        )

    # --- the owner --------------------------------------------------------------------------

    def save(self, session: Session, agent_id: str, settings: WidgetSettings, revision: int) -> int:
        """Replace the settings that the owner saw as `revision`; returns the new one.

        Raises `Conflict` when somebody else saved meanwhile.
        """
        row = repository.document(session, lock=True)
        known = row.revision if row else 0
        if revision != known:
            raise Conflict("settings_changed", revision=known)
        return self._replace(session, agent_id, row, settings.model_dump(mode="json"))

    def reset(self, session: Session, agent_id: str) -> int:
        """Back to the environment's defaults."""
        return self._replace(session, agent_id, repository.document(session, lock=True), {})

    @staticmethod
    def _replace(
        session: Session, agent_id: str, row: WidgetDocument | None, settings: dict[str, Any]
    ) -> int:
        if row is None:
            row = WidgetDocument(id=repository.ONLY, revision=0)
            session.add(row)
        row.revision += 1
        row.settings = settings
        row.updated_at, row.updated_by = now(), agent_id
        session.flush()
        record(session, agent_id, "widget_settings_saved", detail={"revision": row.revision})
        return row.revision


class PrechatService:
    """What customers tell about themselves before they chat."""

    def __init__(self, widget: WidgetService, chat: ChatService) -> None:
        self._widget = widget
        self._chat = chat

    def tell(self, session: Session, visitor_id: str, answers: Mapping[str, str]) -> None:
        """Raises `Refused` (``detail_missing``, ``detail_wrong``, ``bad_request``), `NotFound`."""
        questions = self._widget.settings(session).prechat.questions
        if set(answers) - {question.key for question in questions}:
            raise Refused("bad_request")
        visitor = repository.visitor(session, visitor_id)
        if visitor is None:
            raise NotFound()
        vouched = ("name", "email") if visitor.verified_id else ()
        told = [
            self._checked(question, answers.get(question.key, ""))
            for question in questions
            if question.key not in vouched
        ]
        details = [detail for detail in told if detail is not None]
        visitor.details = [detail.model_dump() for detail in details]
        values = {detail.key: detail.value for detail in details}
        if visitor.verified_id is None:  # what the host site vouches for stands
            visitor.email = values.get("email", visitor.email)
            visitor.name = values.get("name", visitor.name)[:200]
            self._chat.rename(session, visitor_id, visitor.name)

    @staticmethod
    def _checked(question: Question, answer: str) -> Detail | None:
        value = " ".join(answer.split())
        label = question.label.zh or question.label.en
        if not value:
            if question.required:
                raise Refused("detail_missing", key=question.key, label=label)
            return None
        known = {choice.zh for choice in question.choices} | {c.en for c in question.choices}
        good = {
            "text": True,
            "email": EMAIL.fullmatch(value) is not None,
            "phone": PHONE.fullmatch(value) is not None,
            "choice": value in known,
        }
        if len(value) > MAX_DETAIL_CHARS or "\0" in value or not good[question.kind]:
            raise Refused("detail_wrong", key=question.key, label=label)
        return Detail(key=question.key, label=question.label, value=value)
