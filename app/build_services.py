"""The services, built once out of the settings and the engines."""

from __future__ import annotations

from collections.abc import Sequence

from app.auth.oidc import Admission, OidcService
from app.auth.oidc_provider import Provider
from app.auth.second_factor import SecondFactorService
from app.auth.service import AuthService
from app.auth.staff import StaffService
from app.channels.service import ChannelService
from app.chat.doors import OpenSockets, Origins
from app.chat.gateway import Gateway
from app.chat.hub import INBOX, Hub, RedisHub
from app.chat.intake import Intake
from app.chat.service import ChatService
from app.chat.turns import TurnRunner
from app.config import Settings
from app.db import Database
from app.desk.service import DeskTools
from app.desk.wording import Wording
from app.engine_metrics import EngineCollector
from app.engines import Engines
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
from app.limits import RateLimits
from app.metrics import Metrics
from app.operation.drills import DrilledParser
from app.operation.service import OperationService, Outside
from app.outside import PinnedBackend
from app.personal import Mask
from app.privacy.service import PrivacyService
from app.services import Services
from app.training.service import TrainingService
from app.vault import Vault
from app.webhooks.courier import Courier
from app.webhooks.sender import Sender
from app.webhooks.service import WebhookService
from app.widget.service import PrechatService, WidgetService
from app.widget.types import Both, Suggestions, WidgetSettings
from app.words import Words

TURN_GRACE_S = 15.0
"""Beyond the generator's own deadline: actions and searches before and after it."""


def build_services(
    settings: Settings, words: Words, database: Database, engines: Engines, voice: bool
) -> Services:
    """`voice`: whether there is one."""
    auth = AuthService(settings.identity_secret)
    chat = ChatService(words, Mask(settings.mask_stored, words))

    async def last_seqs(ids: Sequence[str]) -> dict[str, int]:
        return await database.read(lambda s: chat.last_seqs(s, ids))

    drills = engines.drills
    database.check = drills.check_database
    hub = Hub()
    if settings.redis_url:
        hub = RedisHub(settings.redis_url, last_seqs)
        hub.is_away = drills.hub_is_away
    hub.subscribe(INBOX, drills)
    parser = DrilledParser(engines.parser, drills)
    widget = WidgetService(
        widget_defaults(settings, words),
        voice=settings.voice != "none",
        voice_input=engines.recognizer is not None,
    )
    rules = RulesService()
    handoff = HandoffService(chat, auth, words, widget, rules)
    limits = RateLimits(
        {
            "send": settings.message_rate,
            "event": "60 per 10 seconds",
            "typing": "30 per 10 seconds",
            "session": settings.session_rate,
            "login": settings.login_rate,
            "login_attempt": settings.login_attempt_rate,
            "code": "10 per hour",  # of three codes in a million, wherever the guesses come from
            "voice": "30 per minute",
            "upload": settings.upload_rate,
            "hearing": "12 per minute",
            "rest": settings.rest_rate,
            "wording": "60 per minute",
            "help": "120 per minute",
        },
        settings.redis_url,
    )
    metrics = Metrics()
    sockets = OpenSockets(settings.sockets_per_address)
    origins = Origins(
        settings.allowed_origins, settings.public_url, settings.environment == "development"
    )
    runner = TurnRunner(
        database,
        chat,
        handoff,
        parser,
        engines.assistant,
        hub,
        words,
        metrics,
        settings.generation_deadline_s + TURN_GRACE_S,
    )
    intake = Intake(database, chat, runner)
    gateway = Gateway(
        database, chat, intake, handoff, auth, hub, limits, words, origins, sockets, metrics
    )
    metrics.watch("lingxi_open_sockets", "Open chat and dashboard sockets.", lambda: len(sockets))
    metrics.watch("lingxi_turns_running", "Turns under way.", lambda: runner.running)
    if engines.engine is not None:
        metrics.registry.register(EngineCollector(engines.engine.metrics))
    generator = engines.generator
    operation = OperationService(
        drills,
        database,
        hub,
        parser,
        Outside(
            (lambda: generator.ready) if generator else None,
            engines.actions_ready,
            engines.actions_kind,
            voice,
        ),
        lambda: (len(sockets), runner.running),
        settings.home,
    )
    files = FilesService(
        database, settings.home / "files", settings.upload_max_mb * 1024**2, engines.reader
    )
    webhooks = build_webhooks(settings)
    inside = frozenset(host.lower() for host in settings.webhook_inside_hosts)
    sender = Sender(PinnedBackend(inside))
    wording = Wording(engines.rewriter, settings.generation_deadline_s)
    desk = DeskTools.build(database, chat, auth, engines.knowledge, wording)
    return Services(
        settings=settings,
        database=database,
        words=words,
        auth=auth,
        staff=StaffService(auth, handoff),
        chat=chat,
        handoff=handoff,
        triage=TriageService(chat),
        teams=TeamService(auth),
        rules=rules,
        desk=desk,
        hub=hub,
        limits=limits,
        gateway=gateway,
        canned=CannedService(),
        files=files,
        second_factor=SecondFactorService(settings.secret.get_secret_value()),
        privacy=PrivacyService(database, files, settings.clips_folder, settings.retention_days),
        faq=Faq.build(
            database,
            hub,
            engines.knowledge,
            engines.embedder,
            files,
            settings.zone,
            frozenset(host.lower() for host in settings.import_inside_hosts),
        ),
        help=HelpService(engines.knowledge),
        parser=parser,
        embedder=engines.embedder,
        engine=engines.engine,
        assistant=engines.assistant,
        channels=ChannelService(database, auth, chat, hub),
        runner=runner,
        oidc=build_oidc(settings, auth),
        keys=KeyService(),
        webhooks=webhooks,
        courier=Courier(database, webhooks, sender, metrics),
        metrics=metrics,
        operation=operation,
        widget=widget,
        hearing=HearingService(engines.recognizer),
        prechat=PrechatService(widget, chat),
        training=TrainingService(settings, database, desk, engines.engine),
    )


def widget_defaults(settings: Settings, words: Words) -> WidgetSettings:
    """What holds until the owner saves something in the dashboard. Raises `ValueError`."""
    return WidgetSettings(
        title=Both(zh=settings.widget_title, en=settings.widget_title),
        color=settings.widget_color,
        position=settings.widget_position,
        welcome=Both(**words.both("welcome")),
        suggestions=Suggestions(**words.suggestions()),
        office_hours=settings.office_hours,
        timezone=settings.timezone,
    )


def build_webhooks(settings: Settings) -> WebhookService:
    vault = Vault(settings.secret.get_secret_value(), "webhooks")
    plain = settings.environment == "development"
    return WebhookService(vault, settings.webhook_inside_hosts, plain=plain)


def build_oidc(settings: Settings, auth: AuthService) -> OidcService | None:
    if settings.oidc_issuer is None:
        return None
    secret = settings.oidc_client_secret
    return OidcService(
        Provider(
            settings.oidc_issuer,
            settings.oidc_client_id,
            secret.get_secret_value() if secret else None,
        ),
        settings.oidc_name,
        Admission(
            domains=frozenset(domain.lower() for domain in settings.oidc_domains),
            role_claim=settings.oidc_role_claim,
            roles=settings.oidc_roles,
            default_role=settings.oidc_default_role,
            trust_email=settings.oidc_trust_email,
        ),
        auth,
        Vault(settings.secret.get_secret_value(), "oidc"),
    )
