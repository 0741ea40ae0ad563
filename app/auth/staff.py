"""Who works at the desk: admins invite, promote, disable and let in again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.audit import record
from app.auth import staff_repository as repository
from app.auth.service import AgentIdentity, AuthService
from app.chat.hints import SessionEnded
from app.db import tell
from app.errors import Conflict, NotFound, Refused
from app.handoff.service import HandoffService
from app.handoff.views import Filters, View
from app.models import Agent
from app.models.agents import Role

PASSWORD_BYTES = 12
"""96 random bits, for the admin to pass on."""
OWN_VIEWS: tuple[View, ...] = ("mine", "snoozed")
PAGE = 100


def new_password() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)


class StaffService:
    def __init__(self, auth: AuthService, handoff: HandoffService) -> None:
        self._auth = auth
        self._handoff = handoff

    def everybody(self, session: Session) -> Sequence[Agent]:
        return repository.everybody(session)

    def add(
        self,
        session: Session,
        by: AgentIdentity,
        email: str,
        name: str,
        role: Role,
        password_hash: str,
    ) -> Agent:
        """Raises `Conflict` when the address is taken, `Refused`."""
        check_name(name)
        agent = self._auth.add_agent(session, email, name, password_hash, role)
        record(session, by.id, "agent_invited", agent.id, {"role": role})
        return agent

    def rename(self, session: Session, by: AgentIdentity, agent_id: str, name: str) -> None:
        check_name(name)
        self._get(session, agent_id).name = name
        record(session, by.id, "agent_renamed", agent_id)

    def set_role(self, session: Session, by: AgentIdentity, agent_id: str, role: Role) -> None:
        """They sign in again, so that nothing they have open goes on with the old role."""
        agent = self._get(session, agent_id)
        if agent.role == role:
            return
        self._check_an_admin_stays(session, agent)
        was, agent.role = agent.role, role
        self._end_logins(session, agent_id)
        record(session, by.id, "agent_role_changed", agent_id, {"was": was, "role": role})

    def set_disabled(
        self, session: Session, by: AgentIdentity, agent_id: str, disabled: bool
    ) -> None:
        """Who is disabled is signed out everywhere; their customers wait for somebody else."""
        agent = self._get(session, agent_id)
        if agent.disabled == disabled:
            return
        if disabled:
            self._check_an_admin_stays(session, agent)
            self._release_chats(session, by, agent_id)
            self._end_logins(session, agent_id)
        agent.disabled = disabled
        session.flush()
        record(session, by.id, "agent_disabled" if disabled else "agent_enabled", agent_id)

    def set_password(
        self, session: Session, by: AgentIdentity, agent_id: str, password_hash: str
    ) -> Agent:
        agent = self._get(session, agent_id)
        agent.password_hash = password_hash
        self._end_logins(session, agent_id)
        record(session, by.id, "agent_password_reset", agent_id)
        return agent

    def change_own_password(
        self, session: Session, agent: AgentIdentity, password_hash: str
    ) -> None:
        """Whoever else is signed in with the old one is out; this login stays."""
        self._get(session, agent.id).password_hash = password_hash
        self._end_logins(session, agent.id, but=agent.token_hash)
        record(session, agent.id, "password_changed", agent.id)

    def _get(self, session: Session, agent_id: str) -> Agent:
        agent = session.get(Agent, agent_id)
        if agent is None:
            raise NotFound("agent_not_found")
        return agent

    @staticmethod
    def _check_an_admin_stays(session: Session, agent: Agent) -> None:
        if repository.lock_admins(session) == {agent.id}:
            raise Conflict("last_admin")

    @staticmethod
    def _end_logins(session: Session, agent_id: str, but: str = "") -> None:
        for token_hash in repository.forget_logins(session, agent_id, but):
            tell(session, SessionEnded(token_hash=token_hash))

    def _release_chats(self, session: Session, by: AgentIdentity, agent_id: str) -> None:
        for view in OWN_VIEWS:
            while rows := self._handoff.list(
                session, agent_id, Filters(view=view), None, PAGE
            ).items:
                for row in rows:
                    self._handoff.act(session, row.id, "release", by)


def check_name(name: str) -> None:
    if not name.strip() or "\0" in name:
        raise Refused("bad_name")
