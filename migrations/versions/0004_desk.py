"""Notes, tags, urgency, snoozing, teams, skills, search, saved views, corrections, page trails

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.chat.search_repository import insert_words, make_table
from app.models.base import Names, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.String(length=32)


def upgrade() -> None:
    _make_tables()
    _widen_conversations()
    for name in ("languages", "skills"):
        op.add_column("agents", sa.Column(name, Names(), nullable=False, server_default="|"))
    op.add_column("agents", sa.Column("max_chats", sa.Integer(), nullable=True))
    op.add_column("agents", sa.Column("assigned_at", UtcDateTime(), nullable=True))
    make_table(op.get_bind())
    _index_messages()


def _make_tables() -> None:
    op.create_table(
        "teams",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("intents", Names(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_team_members_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_team_members_agent_id")),
        sa.PrimaryKeyConstraint("team_id", "agent_id", name=op.f("pk_team_members")),
    )
    op.create_index(op.f("ix_team_members_agent_id"), "team_members", ["agent_id"])
    op.create_table(
        "skills",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("intents", Names(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_skills")),
    )
    op.create_table(
        "desk_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_settings")),
    )
    op.create_table(
        "notes",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("after_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("edited_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_notes_conversation_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["agents.id"], name=op.f("fk_notes_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(
        "ix_notes_conversation_id_created_at", "notes", ["conversation_id", "created_at"]
    )
    op.create_table(
        "mentions",
        sa.Column("note_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["notes.id"], name=op.f("fk_mentions_note_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_mentions_agent_id")),
        sa.PrimaryKeyConstraint("note_id", "agent_id", name=op.f("pk_mentions")),
    )
    op.create_index(op.f("ix_mentions_agent_id"), "mentions", ["agent_id"])
    op.create_table(
        "tags",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tags")),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_saved_views_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index(op.f("ix_saved_views_agent_id"), "saved_views", ["agent_id"])
    op.create_table(
        "corrections",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("was_intent", sa.String(length=200), nullable=True),
        sa.Column("intent", sa.String(length=200), nullable=False),
        sa.Column("entities", sa.JSON(), nullable=False),
        sa.Column("entry_id", sa.String(length=100), nullable=True),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_corrections_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_corrections_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["agents.id"], name=op.f("fk_corrections_author_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("message_id", name=op.f("uq_corrections_message_id")),
    )
    op.create_index(op.f("ix_corrections_conversation_id"), "corrections", ["conversation_id"])
    op.create_table(
        "page_views",
        sa.Column("id", ID, nullable=False),
        sa.Column("visitor_id", ID, nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["visitors.id"], name=op.f("fk_page_views_visitor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_views")),
    )
    op.create_index("ix_page_views_visitor_id_at", "page_views", ["visitor_id", "at"])


def _widen_conversations() -> None:
    table = "conversations"
    op.add_column(table, sa.Column("rank", sa.Integer(), nullable=False, server_default="1"))
    op.add_column(table, sa.Column("tags", Names(), nullable=False, server_default="|"))
    # A column's own constraint: SQLite adds no other without making the table anew.
    op.execute(
        "ALTER TABLE conversations ADD COLUMN team_id VARCHAR(32) "
        "CONSTRAINT fk_conversations_team_id REFERENCES teams (id)"
    )
    for name in ("snoozed_until", "human_since", "awaiting_since", "responded_at", "held_at"):
        op.add_column(table, sa.Column(name, UtcDateTime(), nullable=True))
    op.add_column(table, sa.Column("held_s", sa.Double(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_conversations_snoozed_until"), table, ["snoozed_until"])
    op.drop_index("ix_conversations_owner_queued_at", table)
    op.create_index("ix_conversations_owner_rank_queued_at", table, ["owner", "rank", "queued_at"])
    op.execute(
        "UPDATE conversations SET human_since = queued_at, awaiting_since = queued_at "
        "WHERE owner = 'queued'"
    )


def _index_messages() -> None:
    """What was said before there was a search is found too."""
    bind = op.get_bind()
    messages = sa.table(
        "messages",
        sa.column("id", ID),
        sa.column("conversation_id", ID),
        sa.column("author_type", sa.String()),
        sa.column("content", sa.JSON()),
    )
    rows = bind.execute(
        sa.select(messages).where(messages.c.author_type != "system").order_by(messages.c.id)
    ).all()
    for row in rows:
        text = str(row.content.get("text", ""))
        insert_words(bind, [(row.id, row.conversation_id, text)])


def downgrade() -> None:
    op.drop_table("message_search")
    for name in ("assigned_at", "max_chats", "skills", "languages"):
        op.drop_column("agents", name)
    op.drop_index("ix_conversations_owner_rank_queued_at", "conversations")
    op.create_index("ix_conversations_owner_queued_at", "conversations", ["owner", "queued_at"])
    op.drop_index(op.f("ix_conversations_snoozed_until"), "conversations")
    for name in ("held_s", "held_at", "responded_at", "awaiting_since", "human_since"):
        op.drop_column("conversations", name)
    for name in ("snoozed_until", "team_id", "tags", "rank"):
        op.drop_column("conversations", name)
    for table in ("page_views", "corrections", "saved_views", "tags", "mentions", "notes"):
        op.drop_table(table)
    for table in ("desk_settings", "skills", "team_members", "teams"):
        op.drop_table(table)
