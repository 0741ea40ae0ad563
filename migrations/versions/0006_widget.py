"""The widget's settings, answers before the chat, devices of verified customers

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "widget_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_widget_settings")),
    )
    op.create_table(
        "visitor_devices",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("visitor_id", sa.String(length=32), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["visitors.id"], name=op.f("fk_visitor_devices_visitor_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_visitor_devices")),
    )
    op.create_index(op.f("ix_visitor_devices_visitor_id"), "visitor_devices", ["visitor_id"])
    op.add_column("visitors", sa.Column("details", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("visitors", "details")
    op.drop_table("visitor_devices")
    op.drop_table("widget_settings")
