from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, UtcDateTime, now


class RetentionSetting(Base):
    """One row once the owner has said how long conversations are kept."""

    __tablename__ = "retention"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    days: Mapped[int | None]
    """None: nothing is forgotten by itself."""
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
    updated_by: Mapped[str] = mapped_column(sa.String(ID_CHARS))
