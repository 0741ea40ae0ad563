"""Sign-in through an identity provider: OpenID Connect, code flow with PKCE, state and nonce.

What a visit needs to come back travels in a sealed cookie, so that any worker can take it. An agent
is known by the provider's subject; the first time, by an e-mail address that the provider vouches
for.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import orjson
from sqlalchemy.orm import Session

from app.audit import record
from app.auth import repository, staff_repository
from app.auth.oidc_provider import Claims, Provider
from app.auth.service import AgentIdentity, AuthService
from app.auth.tokens import new_token
from app.errors import Forbidden, Unauthenticated
from app.models import Agent
from app.models.agents import Role
from app.vault import Unreadable, Vault

VISIT_LASTS_S = 600
RANKS: tuple[Role, ...] = ("agent", "supervisor", "admin")


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom the provider's word lets in, and as what."""

    domains: frozenset[str]
    """Of e-mail addresses; none named: all, which then needs roles."""
    role_claim: str | None
    roles: Mapping[str, Role]
    default_role: Role | Literal["none"]
    trust_email: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """What a browser carries to the provider and back, sealed."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    begun: int


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the provider says has come."""

    subject: str
    email: str
    name: str
    role: Role | None
    """None: the provider says nothing of roles; the account keeps its own."""


class OidcService:
    def __init__(
        self, provider: Provider, name: str, admission: Admission, auth: AuthService, vault: Vault
    ) -> None:
        self.name = name
        self._provider = provider
        self._admission = admission
        self._auth = auth
        self._vault = vault

    async def depart(self, redirect_uri: str) -> tuple[str, str]:
        """(where to send the browser, what it brings back). Raises `Unavailable`."""
        visit = Visit(
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(48),
            redirect_uri,
            int(time.time()),
        )
        url = await self._provider.authorization_url(
            redirect_uri, visit.state, visit.nonce, visit.verifier
        )
        return url, self._vault.seal(orjson.dumps(asdict(visit)).decode())

    async def arrive(self, sealed: str, state: str, code: str) -> Profile:
        """Raises `Unauthenticated`, `Forbidden` (not to be admitted), `Unavailable`."""
        visit = self._visit(sealed)
        if not hmac.compare_digest(visit.state.encode(), state.encode()):
            raise Unauthenticated("oidc_failed")
        claims = await self._provider.claims(visit.redirect_uri, code, visit.nonce, visit.verifier)
        return self._profile(claims)

    async def new_password_hash(self) -> str:
        """Of a password that nobody knows: such an account has none until an admin gives one."""
        return await asyncio.to_thread(self._auth.hash_password, new_token())

    def enter(
        self, session: Session, profile: Profile, password_hash: str
    ) -> tuple[AgentIdentity, str]:
        """The agent's login and its token; the account is made if there is none.

        Raises `Forbidden` when it is disabled or another's.
        """
        agent = repository.agent_by_subject(session, profile.subject)
        if agent is None:
            agent = repository.agent_by_email(session, profile.email)
            if agent is None:
                role = profile.role or self._admission.default_role
                if role == "none":
                    raise Forbidden("oidc_not_admitted")
                agent = self._auth.add_agent(
                    session, profile.email, profile.name, password_hash, role
                )
            if agent.oidc_subject is not None:
                raise Forbidden("oidc_not_admitted")
            agent.oidc_subject = profile.subject
            session.flush()
            record(session, agent.id, "oidc_linked", agent.id)
        if agent.disabled:
            raise Forbidden("oidc_not_admitted")
        if profile.role is not None:
            self._set_role(session, agent, profile.role)
        return self._auth.log_in(session, agent.email)

    @staticmethod
    def _set_role(session: Session, agent: Agent, role: Role) -> None:
        """The provider says who is what; but the last admin stays one."""
        if agent.role == role or staff_repository.lock_admins(session) == {agent.id}:
            return
        record(session, "oidc", "agent_role_changed", agent.id, {"was": agent.role, "role": role})
        agent.role = role

    def _visit(self, sealed: str) -> Visit:
        try:
            visit = Visit(**orjson.loads(self._vault.open(sealed)))
        except (Unreadable, ValueError, TypeError):
            raise Unauthenticated("oidc_expired") from None
        if not 0 <= time.time() - visit.begun <= VISIT_LASTS_S:
            raise Unauthenticated("oidc_expired")
        return visit

    def _profile(self, claims: Claims) -> Profile:
        admission = self._admission
        email = str(claims.get("email") or "").strip().lower()
        vouched = admission.trust_email or claims.get("email_verified") is True
        if "@" not in email or "\0" in email or len(email) > 320 or not vouched:
            raise Forbidden("oidc_email_unverified")
        if admission.domains and email.rpartition("@")[2] not in admission.domains:
            raise Forbidden("oidc_not_admitted")
        name = str(claims.get("name") or email.partition("@")[0]).replace("\0", "").strip()
        subject = f"{self._provider.issuer}|{claims['sub']}"[:600]
        return Profile(subject, email, name[:200] or email[:200], self._role(claims))

    def _role(self, claims: Claims) -> Role | None:
        admission = self._admission
        default: Role | None = None if admission.default_role == "none" else admission.default_role
        if admission.role_claim is None:
            return None
        told = set(_values(claims, admission.role_claim))
        mapped = [role for value, role in admission.roles.items() if value in told]
        role = max(mapped, key=RANKS.index) if mapped else default
        if role is None:
            raise Forbidden("oidc_not_admitted")
        return role


def _values(claims: Claims, name: str) -> Iterator[str]:
    """Of a claim by its name, or inside others: ``realm_access.roles``."""
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    yield from map(str, found if isinstance(found, list) else [found])
