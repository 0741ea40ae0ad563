"""Every table, on one `Base`; migrations compare against what is imported here."""

from app.models.agents import Agent, AgentPresence, AgentSession
from app.models.api_keys import ApiKey
from app.models.base import Base, UtcDateTime, new_id, now
from app.models.conversations import Conversation
from app.models.corrections import Correction
from app.models.desk import AuditEntry, CannedResponse, SavedView, Tag
from app.models.files import EntryFile, StoredFile
from app.models.handoffs import HandoffRecord
from app.models.knowledge import (
    FaqCase,
    FaqEntry,
    FaqImport,
    FaqSettledQuestion,
    FaqState,
    FaqSynonyms,
    FaqVersion,
)
from app.models.messages import StoredMessage
from app.models.notes import Mention, Note
from app.models.privacy import RetentionSetting
from app.models.routing import DeskSettings, Skill, Team, TeamMember
from app.models.second_factors import SecondFactor
from app.models.turns import TrackerEvent, Turn
from app.models.visitors import VERIFIED, PageView, Visitor, VisitorDevice
from app.models.webhooks import Webhook, WebhookDelivery
from app.models.widget import WidgetDocument

__all__ = [
    "VERIFIED",
    "Agent",
    "AgentPresence",
    "AgentSession",
    "ApiKey",
    "AuditEntry",
    "Base",
    "CannedResponse",
    "Conversation",
    "Correction",
    "DeskSettings",
    "EntryFile",
    "FaqCase",
    "FaqEntry",
    "FaqImport",
    "FaqSettledQuestion",
    "FaqState",
    "FaqSynonyms",
    "FaqVersion",
    "HandoffRecord",
    "Mention",
    "Note",
    "PageView",
    "RetentionSetting",
    "SavedView",
    "SecondFactor",
    "Skill",
    "StoredFile",
    "StoredMessage",
    "Tag",
    "Team",
    "TeamMember",
    "TrackerEvent",
    "Turn",
    "UtcDateTime",
    "Visitor",
    "VisitorDevice",
    "Webhook",
    "WebhookDelivery",
    "WidgetDocument",
    "new_id",
    "now",
]
