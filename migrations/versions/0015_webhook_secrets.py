"""A webhook's old secret signs for a while beside the new one

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("old_secret", sa.String(length=400), nullable=True))
    op.add_column("webhooks", sa.Column("old_secret_until", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("webhooks", "old_secret_until")
    op.drop_column("webhooks", "old_secret")
