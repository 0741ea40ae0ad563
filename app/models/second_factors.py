from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Names, UtcDateTime, now


class SecondFactor(Base):
    """An agent's authenticator; the secret is encrypted, what opens it is not in the database."""

    __tablename__ = "agent_second_factors"

    agent_id: Mapped[str] = mapped_column(
        sa.ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[str] = mapped_column(sa.String(400))
    confirmed: Mapped[bool] = mapped_column(default=False)
    """Only then is it asked for: a code of it was shown once."""
    last_step: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """The 30 seconds whose code was taken last; none is taken twice."""
    recovery_hashes: Mapped[tuple[str, ...]] = mapped_column(Names, default=())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
