"""When a conversation's next reminder is due

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("remind_at", UtcDateTime(), nullable=True))
    op.create_index(op.f("ix_conversations_remind_at"), "conversations", ["remind_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_conversations_remind_at"), "conversations")
    op.drop_column("conversations", "remind_at")
