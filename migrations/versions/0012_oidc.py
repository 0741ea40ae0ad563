"""Agents who sign in through an identity provider

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("oidc_subject", sa.String(length=600), nullable=True))
    op.create_index(op.f("ix_agents_oidc_subject"), "agents", ["oidc_subject"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_agents_oidc_subject"), table_name="agents")
    op.drop_column("agents", "oidc_subject")
