"""A login's second step: codes of an authenticator (RFC 6238), and recovery codes for its loss."""

from __future__ import annotations

import hmac
import io
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import pyotp
import segno
from sqlalchemy.orm import Session

from app.audit import record
from app.auth import repository
from app.auth.tokens import hash_token
from app.errors import Conflict, NotFound, Refused, Unauthenticated
from app.models import SecondFactor
from app.vault import Unreadable, Vault

STEP_S = 30
DRIFT_STEPS = 1
"""A telephone's clock is half a minute off at most; each step more makes guessing easier."""
RECOVERY_CODES = 8
ISSUER = "Lingxi"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is shown once, to be put into an authenticator."""

    secret: str
    uri: str
    svg: str
    """The address as a picture."""


class SecondFactorService:
    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        """`secret` is the server's own; another one later means: enrol anew."""
        self._vault = Vault(secret, "second factor")
        self._clock = clock

    def is_on(self, session: Session, agent_id: str) -> bool:
        row = repository.second_factor(session, agent_id)
        return row is not None and row.confirmed

    def begin(self, session: Session, agent_id: str, email: str) -> Enrolment:
        """A new secret, not asked for until `confirm`. Raises `Conflict` when one is in use."""
        row = repository.second_factor(session, agent_id)
        if row is not None and row.confirmed:
            raise Conflict("second_factor_on")
        secret = pyotp.random_base32()
        if row is None:
            row = SecondFactor(agent_id=agent_id)
            session.add(row)
        row.secret = self._vault.seal(secret)
        row.confirmed, row.last_step = False, 0
        uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
        return Enrolment(secret, uri, _picture(uri))

    def confirm(self, session: Session, agent_id: str, code: str) -> list[str]:
        """Ask for it from now on; returns the recovery codes. Raises `NotFound`, `Refused`."""
        row = repository.second_factor(session, agent_id)
        if row is None:
            raise NotFound()
        if row.confirmed:
            raise Conflict("second_factor_on")
        if not self._takes(row, code):
            raise Refused("bad_code")
        codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}" for _ in range(RECOVERY_CODES)]
        row.confirmed = True
        row.recovery_hashes = tuple(map(hash_token, codes))
        record(session, agent_id, "second_factor_on")
        return codes

    def end(self, session: Session, agent_id: str, code: str) -> None:
        """Raises `NotFound`, `Refused`."""
        row = repository.second_factor(session, agent_id)
        if row is None:
            raise NotFound()
        if row.confirmed and not self._takes(row, code):
            raise Refused("bad_code")
        session.delete(row)
        record(session, agent_id, "second_factor_off")

    def check(self, session: Session, agent_id: str, code: str) -> None:
        """At a login whose password was right. Raises `Unauthenticated`."""
        row = repository.second_factor(session, agent_id, lock=True)
        if row is None or not row.confirmed:
            return
        if not code:
            raise Unauthenticated("code_wanted")
        if not self._takes(row, code):
            raise Unauthenticated("bad_code")

    def _takes(self, row: SecondFactor, code: str) -> bool:
        code = code.strip().replace(" ", "")
        hashed = hash_token(code.lower())
        if hashed in row.recovery_hashes:
            row.recovery_hashes = tuple(h for h in row.recovery_hashes if h != hashed)
            return True
        try:
            codes = pyotp.TOTP(self._vault.open(row.secret))
        except Unreadable:  # the server's secret was changed
            return False
        step = int(self._clock()) // STEP_S
        for candidate in range(step - DRIFT_STEPS, step + DRIFT_STEPS + 1):
            right = hmac.compare_digest(codes.at(candidate * STEP_S).encode(), code.encode())
            if right and candidate > row.last_step:
                row.last_step = candidate
                return True
        return False


def forget(session: Session, email: str) -> bool:
    """For the command line, when a telephone is lost with its recovery codes."""
    agent = repository.agent_by_email(session, email)
    row = repository.second_factor(session, agent.id) if agent else None
    if row is None:
        return False
    session.delete(row)
    record(session, "system", "second_factor_off", row.agent_id)
    return True


def _picture(text: str) -> str:
    """A QR code as an SVG document, which can be an image of its own."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=4, border=2, xmldecl=False)
    return drawn.getvalue().decode().strip()
