"""Who somebody is: agents by password and cookie, visitors by token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import SecretStr
from sqlalchemy.orm import Session

from app.audit import record
from app.auth import repository
from app.auth.identity import Person, person_of
from app.auth.tokens import hash_token, new_token
from app.auth.types import IdentityProof
from app.chat.hints import SessionEnded
from app.db import Database, tell
from app.errors import Conflict, NotFound, Refused, Unauthenticated
from app.handoff.ownership import Actor
from app.models import VERIFIED, Agent, AgentSession, Visitor, VisitorDevice, new_id, now
from app.models.agents import Role
from nlu.types import Language

LOGIN_LASTS = timedelta(hours=12)
"""A working day: nobody has to sign in twice in it, and a lost laptop is locked out by the next."""
PRESENCE_LASTS = timedelta(seconds=45)
"""Two missed refreshes of `REFRESH_PRESENCE_S`."""
REFRESH_PRESENCE_S = 20.0
MAX_DEVICES = 20
"""Browsers of one customer; the one not seen for longest has to be told anew."""
MIN_PASSWORD_CHARS = 10
MAX_PASSWORD_CHARS = 200


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """An agent who has shown who they are."""

    id: str
    email: str
    name: str
    role: Role
    available: bool
    token_hash: str
    """Names the login, so that its end can end what it opened."""

    @property
    def actor(self) -> Actor:
        return Actor("agent", self.id, may_override=self.role in ("supervisor", "admin"))


@dataclass(frozen=True, slots=True)
class VisitorIdentity:
    id: str
    name: str
    language: Language


class AuthService:
    """Passwords are argon2id. An unknown address costs the same time as a wrong password."""

    def __init__(self, identity_secret: SecretStr | None = None) -> None:
        self._identity_secret = identity_secret
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash(new_token())

    # --- agents -----------------------------------------------------------------------------

    def hash_password(self, password: str) -> str:
        """Slow on purpose (tens of milliseconds): not on the event loop."""
        if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
            raise Refused("password_length", least=MIN_PASSWORD_CHARS, most=MAX_PASSWORD_CHARS)
        return self._hasher.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Slow on purpose, equally for nobody: not on the event loop."""
        try:
            return self._hasher.verify(password_hash or self._nobody, password[:MAX_PASSWORD_CHARS])
        except (VerificationError, InvalidHashError):
            return False

    def password_hash(self, session: Session, email: str) -> str | None:
        agent = repository.agent_by_email(session, email)
        return agent.password_hash if agent and not agent.disabled else None

    def log_in(self, session: Session, email: str) -> tuple[AgentIdentity, str]:
        """Open a session for an agent whose password was right; returns its token."""
        agent = repository.agent_by_email(session, email)
        if agent is None or agent.disabled:
            raise Unauthenticated("bad_credentials")
        token = new_token()
        repository.delete_expired_logins(session, now())
        session.add(
            AgentSession(
                token_hash=hash_token(token), agent_id=agent.id, expires_at=now() + LOGIN_LASTS
            )
        )
        record(session, agent.id, "login")
        return _identity(agent, hash_token(token)), token

    def log_out(self, session: Session, identity: AgentIdentity) -> None:
        repository.delete_login(session, identity.token_hash)
        record(session, identity.id, "logout")
        tell(session, SessionEnded(token_hash=identity.token_hash))

    def agent_of(self, session: Session, token: str | None) -> AgentIdentity:
        """Raises `Unauthenticated`."""
        found = repository.login(session, hash_token(token)) if token else None
        if found is None or found[0].expires_at < now() or found[1].disabled:
            raise Unauthenticated()
        return _identity(found[1], found[0].token_hash)

    def add_agent(
        self, session: Session, email: str, name: str, password_hash: str, role: Role
    ) -> Agent:
        """Raises `Conflict` when the address is taken."""
        if repository.agent_by_email(session, email) is not None:
            raise Conflict("exists")
        agent = Agent(
            id=new_id(), email=email.lower(), name=name, role=role, password_hash=password_hash
        )
        session.add(agent)
        session.flush()
        record(session, "system", "agent_added", agent.id, {"role": role})
        return agent

    def agents(self, session: Session) -> list[Agent]:
        return list(repository.agents(session))

    def agent_named(self, session: Session, agent_id: str) -> Agent:
        agent = repository.agent(session, agent_id)
        if agent is None or agent.disabled:
            raise NotFound("agent_not_found")
        return agent

    def set_available(self, session: Session, agent_id: str, available: bool) -> None:
        self.agent_named(session, agent_id).available = available

    def ended_logins(self, session: Session, token_hashes: list[str]) -> set[str]:
        return set(token_hashes) - repository.logins_among(session, token_hashes, now())

    # --- presence ---------------------------------------------------------------------------

    def see(self, session: Session, connection_id: str, agent_id: str) -> None:
        repository.see(session, connection_id, agent_id, now())
        repository.forget_stale_presence(session, now() - 4 * PRESENCE_LASTS)

    def unsee(self, session: Session, connection_id: str) -> None:
        repository.unsee(session, connection_id)

    def present(self, session: Session) -> set[str]:
        return repository.agents_present(session, now() - PRESENCE_LASTS)

    def online(self, session: Session) -> set[str]:
        return repository.agents_online(session, now() - PRESENCE_LASTS)

    # --- visitors ---------------------------------------------------------------------------

    def visitor_of(self, session: Session, token: str | None) -> VisitorIdentity:
        """Raises `Unauthenticated`."""
        found = repository.who_has_token(session, hash_token(token)) if token else None
        if found is None:
            raise Unauthenticated()
        return VisitorIdentity(*found)

    def admit_visitor(
        self,
        session: Session,
        token: str | None,
        name: str | None,
        email: str | None,
        language: Language | None,
    ) -> tuple[VisitorIdentity, str]:
        """The visitor of this token, or a new one; returns the token to keep."""
        visitor = repository.visitor_by_token(session, hash_token(token)) if token else None
        if visitor is None or token is None:
            token = new_token()
            visitor = Visitor(id=new_id(), token_hash=hash_token(token), name="")
            session.add(visitor)
        visitor.name = (name or visitor.name or "")[:200]
        visitor.email = email or visitor.email
        visitor.language = language or visitor.language or "zh"
        visitor.seen_at = now()
        session.flush()
        return VisitorIdentity(visitor.id, visitor.name, visitor.language), token

    def person_of(self, proof: IdentityProof) -> Person:
        """Whom the host site vouches for. Raises `BadIdentity`."""
        secret = self._identity_secret
        return person_of(proof, secret.get_secret_value() if secret else None)

    def admit_person(
        self, session: Session, person: Person, token: str | None, language: Language | None
    ) -> tuple[VisitorIdentity, str, str | None]:
        """The customer whom the host site vouches for, in this browser.

        Returns their token for it, and the id of the anonymous visitor they were until now.
        """
        known = repository.visitor_by_token(session, hash_token(token)) if token else None
        visitor = repository.visitor_by_external_id(session, f"{VERIFIED}:{person.id}")
        if visitor is None:
            visitor = Visitor(id=new_id(), external_id=f"{VERIFIED}:{person.id}", name="")
            session.add(visitor)
        visitor.name = person.name or visitor.name
        visitor.email = person.email or visitor.email
        visitor.language = language or visitor.language or "zh"
        visitor.seen_at = now()
        session.flush()
        was = known.id if known is not None and known.external_id is None else None
        if known is None or known.id != visitor.id or token is None:
            token = self._new_device(session, visitor)
        return VisitorIdentity(visitor.id, visitor.name, visitor.language), token, was

    @staticmethod
    def _new_device(session: Session, visitor: Visitor) -> str:
        for old in repository.devices(session, visitor.id)[MAX_DEVICES - 1 :]:
            session.delete(old)
        token = new_token()
        session.add(VisitorDevice(token_hash=hash_token(token), visitor_id=visitor.id))
        return token

    def outer_visitor_id(self, session: Session, channel: str, sender: str) -> str | None:
        visitor = repository.visitor_by_external_id(session, f"{channel}:{sender}")
        return visitor.id if visitor else None

    def outer_visitor(self, session: Session, channel: str, sender: str) -> Visitor:
        """The customer behind an outer channel's sender id."""
        external_id = f"{channel}:{sender}"
        visitor = repository.visitor_by_external_id(session, external_id)
        if visitor is None:
            visitor = Visitor(id=new_id(), external_id=external_id, name=sender[:200])
            session.add(visitor)
            session.flush()
        return visitor


def _identity(agent: Agent, token_hash: str) -> AgentIdentity:
    return AgentIdentity(agent.id, agent.email, agent.name, agent.role, agent.available, token_hash)


async def add_agent(
    database: Database, email: str, name: str, password: str, role: Role = "agent"
) -> str:
    """Make an agent; for the command line. Returns the id. Raises `Conflict`, `Refused`."""
    auth = AuthService()
    password_hash = auth.hash_password(password)
    agent = await database.write(lambda s: auth.add_agent(s, email, name, password_hash, role))
    return agent.id
