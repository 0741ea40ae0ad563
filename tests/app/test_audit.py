"""Admins read who did what to what, and see when somebody has tampered with it."""

from __future__ import annotations

import sqlalchemy as sa
import sqlalchemy.orm
from app_client import Customer, Desk

from app.audit import chain, record
from app.db import Database
from app.models import AuditEntry, new_id


async def test_the_log_is_narrowed_by_who_what_and_about_what(desk: Desk) -> None:
    customer = await Customer.arrive(desk.base)
    await desk.act(customer.conversation_id, "claim")
    await desk.act(customer.conversation_id, "close")
    asked = {"subject": customer.conversation_id, "actor": desk.id}
    first = (await desk.http.get("/api/audit", params={**asked, "limit": 1})).json()
    assert [row["action"] for row in first["items"]] == ["close"]
    assert first["items"][0]["actor_name"] == desk.name
    rest = (await desk.http.get("/api/audit", params={**asked, "before": first["next"]})).json()
    assert [row["action"] for row in rest["items"]] == ["claim"]
    assert rest["next"] is None
    only = (await desk.http.get("/api/audit", params={**asked, "action": "claim"})).json()
    assert only == rest
    none = await desk.http.get("/api/audit", params={**asked, "until": "2020-01-01T00:00:00Z"})
    assert none.json()["items"] == []
    state = (await desk.http.get("/api/audit/state")).json()
    assert state["first_broken"] is None
    assert "claim" in state["actions"]
    assert {"id": desk.id, "name": desk.name} in state["actors"]


async def test_a_changed_and_a_missing_entry_show(database: Database) -> None:
    def plant(session: sa.orm.Session) -> None:
        for number in range(5):
            record(session, "system", "login", new_id(), {"number": number})

    await database.write(plant)
    assert await database.read(chain.check) == (5, None)
    change = sa.update(AuditEntry).where(AuditEntry.position == 3).values(actor="somebody else")
    await database.write(lambda s: s.execute(change))
    assert await database.read(chain.check) == (5, 3)
    await database.write(lambda s: s.execute(sa.delete(AuditEntry).where(AuditEntry.position == 2)))
    assert await database.read(chain.check) == (4, 3)
