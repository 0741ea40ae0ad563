"""Indexes that reports count by

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("conversations", "handoffs")


def upgrade() -> None:
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_created_at"), table, ["created_at"], if_not_exists=True)


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_created_at"), table_name=table)
