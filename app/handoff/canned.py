"""Canned responses: texts that agents send often, shared by all of them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.audit import record
from app.errors import Conflict, NotFound, Refused
from app.handoff import repository
from app.models import CannedResponse, new_id


class CannedService:
    def all(self, session: Session) -> list[CannedResponse]:
        return list(repository.canned(session))

    def add(
        self, session: Session, agent_id: str, shortcut: str, title: str, text: str
    ) -> CannedResponse:
        """Raises `Conflict` when the shortcut is taken."""
        row = CannedResponse(id=new_id(), shortcut="", title="", text="")
        self._fill(session, row, shortcut, title, text)
        session.add(row)
        session.flush()
        record(session, agent_id, "canned_added", row.id)
        return row

    def change(
        self, session: Session, agent_id: str, id_: str, shortcut: str, title: str, text: str
    ) -> CannedResponse:
        row = self._get(session, id_)
        self._fill(session, row, shortcut, title, text)
        record(session, agent_id, "canned_changed", id_)
        return row

    def delete(self, session: Session, agent_id: str, id_: str) -> None:
        session.delete(self._get(session, id_))
        record(session, agent_id, "canned_deleted", id_)

    def _get(self, session: Session, id_: str) -> CannedResponse:
        row = session.get(CannedResponse, id_)
        if row is None:
            raise NotFound()
        return row

    def _fill(
        self, session: Session, row: CannedResponse, shortcut: str, title: str, text: str
    ) -> None:
        if any("\0" in part for part in (shortcut, title, text)):
            raise Refused("bad_text")
        holder = repository.canned_by_shortcut(session, shortcut)
        if holder is not None and holder.id != row.id:
            raise Conflict("exists")
        row.shortcut, row.title, row.text = shortcut, title, text
