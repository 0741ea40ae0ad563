"""One conversation with the real engines, held in memory: for the terminal and for live tests."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from app.engines import Engines
from dialogue.types import Reply, StoredEvent, TurnRequest, TurnResult
from nlu.types import Understanding


@dataclass(slots=True)
class Conversation:
    """What a host keeps of a conversation; `say` is one turn."""

    engines: Engines
    id: str = "terminal"
    history: list[StoredEvent] = field(default_factory=list)
    last_replies: tuple[Reply, ...] = ()

    async def say(self, text: str) -> tuple[Understanding, TurnResult]:
        """Understand and answer `text`; a number taps that button of the last replies."""
        understanding = await self.engines.parser.parse(self.tapped(text))
        request = TurnRequest(self.id, understanding, tuple(self.history), time.time())
        result = await self.engines.assistant.turn(request)
        self.history.extend(result.events)
        self.last_replies = result.replies
        return self.engines.assistant.understood(understanding), result

    def tapped(self, text: str) -> str:
        """The payload of button `text` ("1" is the first), else `text` itself."""
        buttons = [button for reply in self.last_replies for button in reply.buttons]
        if text.strip().isdecimal() and 0 < int(text) <= len(buttons):
            return buttons[int(text) - 1].payload
        return text

    def forget(self) -> None:
        self.history.clear()
        self.last_replies = ()
