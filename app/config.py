"""Every setting, read in one place: environment variables and ``.env``, prefix ``LINGXI_``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    RedisDsn,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from nlu.types import PERSONAL_KINDS, PersonalKind, RuntimeName

DEVELOPMENT_SECRET = "development-only-secret"  # noqa: S105  refused outside development
DEVELOPMENT_AGENT = ("agent@example.com", "lingxi-dev")


def _redis_address(url: str) -> str:
    """With port and database: not all that read it know the usual ones."""
    try:
        return str(RedisDsn(url))
    except ValidationError:
        raise ValueError(
            "expected redis://HOST, rediss://HOST or redis://:PASSWORD@HOST:PORT/0"
        ) from None


class Settings(BaseSettings):
    """What an operator may set. `docs/settings.md` is generated from these descriptions."""

    model_config = SettingsConfigDict(env_prefix="LINGXI_", env_file=".env", extra="ignore")

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses default secrets and development logins."
    )
    home: Path = Field(
        Path("var"), description="Data folder: database, weights, trained models, speech cache."
    )
    bot: Path = Field(Path("bots/shop"), description="The bot project that is served.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    secret: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET),
        description="Signs visitor tokens; 32 characters or more in production.",
    )
    database_url: str | None = Field(
        None,
        description="`postgresql+asyncpg://...`; unset means SQLite in the data folder.",
    )
    knowledge_vectors: Literal["auto", "memory", "pgvector"] = Field(
        "auto",
        description="Where the knowledge's vectors are kept: `pgvector`, in PostgreSQL for all "
        "workers (refused at the start where the extension is missing), `memory`, in each worker and "
        "a file of its own, or `auto`, pgvector where the database has it.",
    )
    redis_url: Annotated[str, AfterValidator(_redis_address)] | None = Field(
        None, description="`redis://HOST` connects several workers; unset means one process."
    )
    public_url: str | None = Field(
        None, description="The address customers see, e.g. `https://chat.example.com`."
    )
    allowed_origins: list[str] = Field(
        default_factory=list,
        description="Further sites whose pages may open the widget; JSON list of origins.",
    )
    encoder: str | None = Field(
        None,
        description="Folder or hub id of another BERT encoder; unset means the packaged one, and "
        "`e5-small-zh-en` its smaller variant, which reads other scripts letter by letter.",
    )
    nlu_models: dict[str, Path] = Field(
        default_factory=dict,
        description="Further trained models served beside the bot's: JSON object, name to folder.",
    )
    nlu_taggers: list[str] = Field(
        default_factory=list,
        description="Those of them whose label of a customer's message becomes a tag of the chat, "
        "by which teams and skills take it too: JSON list of names.",
    )
    nlu_runtime: RuntimeName = Field(
        "onnx",
        description="What computes the encoder: `onnx` (int8, on the CPU), `torch` (16 bits, on the "
        "GPU if torch finds one, else on the CPU), or `auto` (`torch` where there is a GPU, else `onnx`).",
    )
    inference_threads: int = Field(2, ge=1, description="Threads of the understanding engine.")
    generation: Literal["local", "openai", "none"] = Field(
        "local",
        description="Last resort when the FAQ has no answer: our small model in process, "
        "an OpenAI-compatible endpoint, or no model.",
    )
    openai_base_url: str | None = Field(None, description="OpenAI-compatible endpoint.")
    openai_api_key: SecretStr | None = Field(None, description="Its key.")
    openai_model: str = Field("gpt-4o-mini", description="Its model.")
    generation_deadline_s: float = Field(20.0, gt=0, description="A reply takes no longer.")
    help_centre: bool = Field(
        True, description="Serve the knowledge to everybody as a help centre at `/help`."
    )
    voice: Literal["neural", "gtts", "none"] = Field(
        "neural", description="Speech engine: offline neural voice, Google's service, or none."
    )
    voice_zh: str = Field("zf_xiaoxiao", description="Mandarin voice of the neural engine.")
    voice_en: str = Field("af_heart", description="English voice of the neural engine.")
    action_endpoint: str | None = Field(
        None, description="URL of a remote rasa-sdk action server; unset runs actions in process."
    )
    office_hours: str = Field(
        "Mo-Su 00:00-24:00",
        description="When humans answer, e.g. `Mo-Fr 09:00-18:00`; outside, messages are left.",
    )
    timezone: str = Field("Asia/Shanghai", description="Time zone of the office hours.")
    message_rate: str = Field(
        "20 per 10 seconds", description="Messages a customer or agent may send."
    )
    session_rate: str = Field(
        "60 per minute", description="New customer sessions from one network address."
    )
    login_rate: str = Field(
        "10 per 5 minutes", description="Failed logins from one network address."
    )
    login_attempt_rate: str = Field(
        "60 per 5 minutes", description="Logins, good or bad, from one network address."
    )
    sockets_per_address: int = Field(
        200, ge=1, description="Open chat connections from one network address."
    )
    upload_rate: str = Field(
        "30 per 10 minutes", description="Files that one customer or agent may send."
    )
    upload_max_mb: int = Field(10, ge=1, le=100, description="Largest file, in MiB.")
    rest_rate: str = Field(
        "600 per minute", description="Requests at the Rasa-style REST doors from one address."
    )
    rest_token: SecretStr | None = Field(
        None,
        description="The operator's own key to every door for programs, beside those under `/api/keys`.",
    )
    webhook_inside_hosts: list[str] = Field(
        default_factory=list,
        description='Hosts of your own net that webhooks may reach, e.g. `["crm.internal"]`; '
        "all others must be on the public net, by https.",
    )
    import_inside_hosts: list[str] = Field(
        default_factory=list,
        description="Hosts of your own net whose pages may be imported into the knowledge, e.g. "
        '`["wiki.internal"]`; all others must be on the public net.',
    )
    identity_secret: SecretStr | None = Field(
        None,
        min_length=32,
        description="Shared with the host site's server, which vouches for its customers by it.",
    )
    oidc_issuer: str | None = Field(
        None, description="Agents may sign in through this OpenID Connect provider: its address."
    )
    oidc_client_id: str = Field("", description="What the provider calls this server.")
    oidc_client_secret: SecretStr | None = Field(
        None, description="Its secret there; unset for a public client (PKCE is always used)."
    )
    oidc_name: str = Field("SSO", max_length=60, description="The provider on the login button.")
    oidc_domains: list[str] = Field(
        default_factory=list,
        description='E-mail domains that are admitted, e.g. `["example.com"]`.',
    )
    oidc_role_claim: str | None = Field(
        None,
        description="Claim that holds groups or roles, e.g. `groups` or `realm_access.roles`; "
        "then the provider decides on roles at every sign-in.",
    )
    oidc_roles: dict[str, Literal["agent", "supervisor", "admin"]] = Field(
        default_factory=dict,
        description='The claim\'s values and our roles, e.g. `{"support-leads": "supervisor"}`.',
    )
    oidc_default_role: Literal["agent", "supervisor", "admin", "none"] = Field(
        "agent", description="Of who has none of those; `none` admits nobody else."
    )
    oidc_trust_email: bool = Field(
        False,
        description="Believe addresses without `email_verified`, where the provider is your own.",
    )
    mask_sent: list[PersonalKind] = Field(
        default_factory=lambda: list(PERSONAL_KINDS),
        description="Personal data hidden from language models and speech services elsewhere; "
        "JSON list of `email`, `id_number`, `card`, `phone`; unset means all of them.",
    )
    mask_stored: list[PersonalKind] = Field(
        default_factory=list,
        description="Personal data that is never kept: hidden in messages before they are saved, "
        'e.g. `["card", "id_number"]`; the bot does not see it either.',
    )
    retention_days: int | None = Field(
        None,
        ge=1,
        description="Conversations without a word for so many days are forgotten, until an admin says otherwise under Settings; unset keeps all.",
    )
    widget_title: str = Field("灵犀", description="Name shown at the top of the widget.")
    widget_color: str = Field(
        "#1f6f54", pattern="^#[0-9a-fA-F]{6}$", description="Accent colour of the widget."
    )
    widget_position: Literal["right", "left"] = Field(
        "right", description="Corner of the page in which the widget sits."
    )

    @model_validator(mode="after")
    def _refuse_default_secrets(self) -> Self:
        if self.environment == "production":
            secret = self.secret.get_secret_value()
            if secret == DEVELOPMENT_SECRET or len(secret) < 32:
                raise ValueError(
                    "LINGXI_SECRET: expected a secret of 32 characters or more in production, "
                    f"got {'the development default' if secret == DEVELOPMENT_SECRET else f'{len(secret)} characters'}"
                )
        return self

    @model_validator(mode="after")
    def _refuse_unknown_taggers(self) -> Self:
        unknown = [name for name in self.nlu_taggers if name not in self.nlu_models]
        if unknown:
            raise ValueError(
                f"LINGXI_NLU_TAGGERS: expected names of LINGXI_NLU_MODELS, got {unknown[0]!r}"
            )
        return self

    @model_validator(mode="after")
    def _refuse_vectors_without_postgresql(self) -> Self:
        if self.knowledge_vectors == "pgvector" and self.database_url is None:
            raise ValueError(
                "LINGXI_DATABASE_URL: expected a PostgreSQL with "
                "LINGXI_KNOWLEDGE_VECTORS=pgvector, got none"
            )
        return self

    @model_validator(mode="after")
    def _refuse_open_sign_in(self) -> Self:
        if self.oidc_issuer is None:
            return self
        if not self.oidc_client_id:
            raise ValueError("LINGXI_OIDC_CLIENT_ID: expected what the provider calls us, got none")
        if not self.oidc_domains and self.oidc_default_role != "none":
            raise ValueError(
                "LINGXI_OIDC_DOMAINS: expected e-mail domains, or LINGXI_OIDC_DEFAULT_ROLE=none; "
                "else everybody whom the provider knows would be admitted"
            )
        if self.environment == "production" and not self.oidc_issuer.startswith("https://"):
            raise ValueError(
                f"LINGXI_OIDC_ISSUER: expected an https:// address, got {self.oidc_issuer!r}"
            )
        return self

    @property
    def nlu_model(self) -> Path:
        """Where the served bot's trained understanding is."""
        return self.models_folder / self.bot.name / "nlu"

    @property
    def models_folder(self) -> Path:
        return self.home / "models"

    @property
    def encoder_folder(self) -> Path:
        """The converted encoder: the packaged one, or a name of the operator's own."""
        return self.home / "encoders" / (Path(self.encoder).name if self.encoder else "e5-small")

    @property
    def clips_folder(self) -> Path:
        """Rendered speech."""
        return self.home / "voice"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def sqlalchemy_url(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{(self.home / 'lingxi.db').resolve()}"
