"""Keys for other programs: made once, shown once, kept as a hash, taken back at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from app.audit import record
from app.auth.tokens import hash_token, new_token
from app.errors import Conflict, NotFound, Refused
from app.keys import repository
from app.keys.types import PREFIX, KeyIdentity, Scope
from app.models import ApiKey, new_id, now

HINT_CHARS = len(PREFIX) + 4
MAX_KEYS = 100
NOTE_USE_EVERY = timedelta(minutes=1)
"""When a key was last used is told to the minute: not each request is a write."""


class KeyService:
    def all(self, session: Session) -> Sequence[tuple[ApiKey, str]]:
        """(key, the name of who made it), the latest first."""
        return repository.all_keys(session)

    def add(
        self,
        session: Session,
        by: str,
        name: str,
        scopes: Sequence[Scope],
        lasts: timedelta | None,
    ) -> tuple[ApiKey, str]:
        """`by` is an agent's id. The key, and its secret for the only time. Raises `Refused`, `Conflict`."""
        if not name.strip() or "\0" in name:
            raise Refused("bad_name")
        if repository.count_open(session) >= MAX_KEYS:
            raise Conflict("too_many_keys", limit=MAX_KEYS)
        secret = PREFIX + new_token()
        key = ApiKey(
            id=new_id(),
            name=name.strip(),
            hint=secret[:HINT_CHARS],
            secret_hash=hash_token(secret),
            scopes=tuple(sorted(set(scopes))),
            created_by=by,
            created_at=now(),
            expires_at=now() + lasts if lasts else None,
        )
        session.add(key)
        session.flush()
        record(session, by, "key_added", key.id, {"scopes": " ".join(key.scopes)})
        return key, secret

    def revoke(self, session: Session, by: str, key_id: str) -> None:
        """It opens nothing from the next request on. Raises `NotFound`."""
        key = repository.by_id(session, key_id)
        if key is None:
            raise NotFound()
        if key.revoked_at is None:
            key.revoked_at = now()
            record(session, by, "key_revoked", key.id)

    def identify(self, session: Session, secret: str) -> tuple[KeyIdentity, bool] | None:
        """Whose key it is, and whether its use should be noted; None if it opens nothing."""
        key = repository.by_hash(session, hash_token(secret))
        if key is None or key.revoked_at is not None:
            return None
        if key.expires_at is not None and key.expires_at <= now():
            return None
        stale = key.last_used_at is None or now() - key.last_used_at > NOTE_USE_EVERY
        return KeyIdentity(key.id, key.name, frozenset(key.scopes)), stale

    def note_use(self, session: Session, key_id: str) -> None:
        key = repository.by_id(session, key_id)
        if key is not None:
            key.last_used_at = now()
