"""Searches of the inbox that agents keep under a name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.desk import repository
from app.errors import Forbidden, NotFound, Refused
from app.handoff.views import Filters
from app.models import SavedView, new_id

MAX_VIEWS = 50


class SavedViews:
    def all(self, session: Session, agent_id: str) -> list[SavedView]:
        return list(repository.views_of(session, agent_id))

    def add(
        self, session: Session, agent_id: str, name: str, shared: bool, filters: Filters
    ) -> SavedView:
        if len(repository.views_of(session, agent_id)) >= MAX_VIEWS:
            raise Refused("too_many_views", limit=MAX_VIEWS)
        row = SavedView(id=new_id(), agent_id=agent_id)
        self._fill(row, name, shared, filters)
        session.add(row)
        session.flush()
        return row

    def change(
        self, session: Session, agent_id: str, id_: str, name: str, shared: bool, filters: Filters
    ) -> SavedView:
        row = self._own(session, agent_id, id_)
        self._fill(row, name, shared, filters)
        return row

    def delete(self, session: Session, agent_id: str, id_: str) -> None:
        session.delete(self._own(session, agent_id, id_))

    @staticmethod
    def _own(session: Session, agent_id: str, id_: str) -> SavedView:
        row = session.get(SavedView, id_)
        if row is None:
            raise NotFound()
        if row.agent_id != agent_id:
            raise Forbidden()
        return row

    @staticmethod
    def _fill(row: SavedView, name: str, shared: bool, filters: Filters) -> None:
        if "\0" in name or "\0" in filters.q:
            raise Refused("bad_text")
        row.name, row.shared = name, shared
        row.filters = filters.model_dump(mode="json", exclude_defaults=True)
