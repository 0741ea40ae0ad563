"""What `app.main` builds once and the services use: the understanding and the dialogue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from app.chat.types import Assistant
from app.config import Settings
from app.db import Database
from app.files.types import PictureReader
from app.hearing.types import Recognizer
from app.operation.drills import Drills
from dialogue.generate.reword import Rewriter
from dialogue.generate.types import Generator
from dialogue.knowledge.live import LiveKnowledge
from nlu.types import Embedder, ModelHost, Parser

Close = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Engines:
    parser: Parser
    assistant: Assistant
    knowledge: LiveKnowledge = field(default_factory=partial(LiveKnowledge, None))
    """Empty: the store fills it."""
    embedder: Embedder | None = None
    reader: PictureReader | None = None
    """Reads the text in customers' pictures."""
    engine: ModelHost | None = None
    """What holds the models, where they can be swapped and explained."""
    recognizer: Recognizer | None = None
    """Writes down what customers say aloud."""
    generator: Generator | None = None
    drills: Drills = field(default_factory=Drills)
    """By which generator and actions may play dead."""
    actions_ready: Callable[[], bool] | None = None
    """Whether the bot's own actions can be run; None: it has none."""
    actions_kind: str = ""
    """``in_process`` or ``server``."""
    rewriter: Rewriter | None = None
    """Translates and polishes; only a large model can."""
    close: tuple[Close, ...] = ()
    """Called in reverse order when the server stops."""


BuildEngines = Callable[[Settings, Database], Awaitable[Engines]]
