"""What endpoints work with: built once in `app.main`, found on the application's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.auth.oidc import OidcService
from app.auth.second_factor import SecondFactorService
from app.auth.service import AuthService
from app.auth.staff import StaffService
from app.channels.service import ChannelService
from app.chat.gateway import Gateway
from app.chat.hub import Hub
from app.chat.service import ChatService
from app.chat.turns import TurnRunner
from app.chat.types import Assistant
from app.config import Settings
from app.db import Database
from app.desk.service import DeskTools
from app.faq.build import Faq
from app.files.service import FilesService
from app.handoff.canned import CannedService
from app.handoff.rules import RulesService
from app.handoff.service import HandoffService
from app.handoff.teams import TeamService
from app.handoff.triage import TriageService
from app.hearing.service import HearingService
from app.help.service import HelpService
from app.keys.service import KeyService
from app.limits import RateLimits, network_of
from app.metrics import Metrics
from app.operation.service import OperationService
from app.privacy.service import PrivacyService
from app.training.service import TrainingService
from app.webhooks.courier import Courier
from app.webhooks.service import WebhookService
from app.widget.service import PrechatService, WidgetService
from app.words import Words, as_language
from nlu.types import Embedder, Language, ModelHost, Parser


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    database: Database
    words: Words
    auth: AuthService
    staff: StaffService
    chat: ChatService
    handoff: HandoffService
    triage: TriageService
    teams: TeamService
    rules: RulesService
    desk: DeskTools
    hub: Hub
    limits: RateLimits
    gateway: Gateway
    canned: CannedService
    faq: Faq
    help: HelpService
    files: FilesService
    parser: Parser
    embedder: Embedder | None
    engine: ModelHost | None
    assistant: Assistant
    channels: ChannelService
    runner: TurnRunner
    privacy: PrivacyService
    second_factor: SecondFactorService
    oidc: OidcService | None
    keys: KeyService
    webhooks: WebhookService
    courier: Courier
    metrics: Metrics
    operation: OperationService
    widget: WidgetService
    hearing: HearingService
    prechat: PrechatService
    training: TrainingService

    @property
    def secure_cookies(self) -> bool:
        return self.settings.environment == "production"


def services(connection: HTTPConnection) -> Services:
    return cast(Services, connection.app.state.services)


def reader_language(connection: HTTPConnection) -> Language:
    """The language for words of this answer: English only where the browser asks for it."""
    accepted = connection.headers.get("accept-language", "").strip().lower()
    return as_language("en" if accepted.startswith("en") else "zh")


def address_of(connection: HTTPConnection) -> str:
    """By which a stranger is counted; see `network_of`."""
    return network_of(connection.client.host) if connection.client else ""


ReaderLanguage = Annotated[Language, Depends(reader_language)]
"""For endpoints that answer in words: the language of whoever asks."""
UsedServices = Annotated[Services, Depends(services)]
"""For endpoints: ``async def list(to: UsedServices) -> ...``."""
