"""One turn: a message is heard, the policies decide, actions run, until the bot listens again."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from opentelemetry.trace import SpanKind

from dialogue.actions import defaults
from dialogue.actions.types import ActionFailedError, ActionRejectedError
from dialogue.bot import Bot
from dialogue.decisions import MEMORY, RULES, Decision
from dialogue.domain import TWO_STAGE_FALLBACK, Form, question_names
from dialogue.events import (
    ACTION_LISTEN,
    ACTION_SESSION_START,
    ActionExecuted,
    ActionRejected,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
    event_to_json,
    stamped,
)
from dialogue.findings import Findings
from dialogue.forms import run_form
from dialogue.handoff import HANDOFF_ACTIONS, handoff_of
from dialogue.history import Lookback
from dialogue.knowledge.types import Audience, SearchResult
from dialogue.policy.ensemble import Verdict
from dialogue.recall import recalled_slots
from dialogue.replies.responses import bot_event, render, reply_of
from dialogue.slots import custom_mapping_actions, extract_slots
from dialogue.tracing import span
from dialogue.tracker import ASIDE_POLICY, Tracker
from dialogue.types import Handoff, HandoffReason, Progress, StoredEvent
from nlu.types import Language

log = logging.getLogger(__name__)

VALIDATE_MAPPINGS = "action_validate_slot_mappings"
LANGUAGE_SLOT = "language"


class Turn:
    """The state of one turn. It serves one conversation once, in one task."""

    def __init__(
        self,
        bot: Bot,
        tracker: Tracker,
        *,
        now: float,
        channel: str,
        language: Language,
        rng: random.Random,
        progress: Progress | None = None,
        audience: Audience = "everyone",
    ) -> None:
        self.bot = bot
        self.tracker = tracker
        self.lookback = Lookback(tracker)
        self.channel = channel
        self.audience = audience
        self.language = language
        self.rng = rng
        self.found = Findings()
        self.handoff: Handoff | None = None
        self.missed = False
        """The bot had no answer; its next message says so to later turns."""
        self._progress = progress
        self._now = now
        self._logged: list[Event] = []
        self._apologised = False
        self._listen_next = False
        self.skip_text_of: frozenset[str] = frozenset()
        self.keep_slots = False
        """A form that is taken up again does not read the message that was about something else."""
        self.searched: dict[str, SearchResult] = {}
        """What the knowledge had on a text."""
        self.answer_faq: Callable[[], Awaitable[list[Event]]] | None = None
        """What ``action_answer_faq`` does in this turn."""

    # what has happened

    def log(self, event: Event) -> None:
        """Make `event` part of the conversation."""
        self._now += 1e-6
        event = stamped(event, self._now)
        self._logged.append(event)
        self.tracker.update(event)
        if self._progress is not None and isinstance(event, BotUttered):
            reply = reply_of(event)
            if reply is not None:
                self._progress.said(reply)

    def log_all(self, events: Sequence[Event]) -> None:
        for event in events:
            self.log(event)

    @property
    def events(self) -> tuple[StoredEvent, ...]:
        return tuple(event_to_json(event) for event in self._logged)

    @property
    def bot_events(self) -> list[BotUttered]:
        return [event for event in self._logged if isinstance(event, BotUttered)]

    def note(self, words: str) -> None:
        self.found.notes.append(words)
        log.warning("%s: %s", self.tracker.sender_id, words)

    # speaking

    def say(self, key: str, **values: str) -> BotUttered:
        """One of Lingxi's own phrases, as an event to log."""
        text = self.bot.words.say(key, self.language, self.rng, **values)
        return self.message({"text": text}, source="system")

    def message(self, content: Mapping[str, Any], **about: Any) -> BotUttered:
        about.setdefault("language", self.language)
        miss, self.missed = self.missed, False
        return bot_event(content, miss=miss, **about)

    def utter(
        self, name: str, tracker: Tracker | None = None, extra: Mapping[str, Any] | None = None
    ) -> list[Event]:
        """The response `name`; nothing, and a note, when the domain has none that fits."""
        slots = (tracker or self.tracker).slots
        resolved = self._retrieval(name)
        rendered = render(self.bot.domain, resolved, slots, self.channel, self.rng, extra)
        if rendered is None:
            self.note(f"no response {resolved!r} fits")
            return []
        for missing in rendered.missing:
            self.note(f"{resolved}: nothing to put for {{{missing}}}")
        return [self.message(rendered.content, response=resolved)]

    def has_response(self, name: str) -> bool:
        return name in self.bot.domain.responses

    def _retrieval(self, name: str) -> str:
        """``utter_faq`` of the message ``faq/opening_hours`` is ``utter_faq/opening_hours``."""
        if name in self.bot.domain.responses:
            return name
        message = self.tracker.latest_message
        base = name.removeprefix("utter_")
        if message is not None:
            ranking = message.parse_data.get("intent_ranking") or ()
            for full in [message.full_intent, *(r.get("name") for r in ranking)]:
                if full and full.startswith(f"{base}/"):
                    candidate = f"utter_{full}"
                    if candidate in self.bot.domain.responses:
                        return candidate
        return name

    def apologise(self, error: ActionFailedError) -> None:
        """Tell the customer once a turn that a step failed; the reason goes into the trace."""
        self.note(str(error))
        if not self._apologised:
            self._apologised = True
            self.log(self.say("apology"))

    # the session and the message

    async def start_session_if_due(self) -> None:
        tracker, domain = self.tracker, self.bot.domain
        last = tracker.last_user_time()
        minutes = domain.session_minutes
        expired = bool(last and minutes > 0 and self._now - last > minutes * 60)
        if tracker.events and not expired:
            return
        await self.perform(Decision(ACTION_SESSION_START, "session", 1.0))
        if not tracker.listening:
            self.log(ActionExecuted(ACTION_LISTEN))

    async def hear(self, message: UserUttered) -> None:
        """Log a message and fill the slots that it fills."""
        self.log(message)
        await self.fill_slots()

    async def fill_slots(self) -> None:
        for event in await self._extraction(self.tracker):
            self.log(event)

    async def _extraction(self, tracker: Tracker) -> list[Event]:
        found: list[Event] = list(extract_slots(tracker, skip_text_of=self.skip_text_of))
        extra: list[str] = custom_mapping_actions(tracker)
        if VALIDATE_MAPPINGS in self.bot.domain.actions:
            extra.append(VALIDATE_MAPPINGS)
        for name in extra:
            try:
                if name == VALIDATE_MAPPINGS:
                    seen = tracker.copy_with([ActionExecuted("action_extract_slots"), *found])
                else:
                    seen = tracker.copy_with(found)
                events = await self.run_custom(name, seen)
            except (ActionFailedError, ActionRejectedError) as error:
                self.note(str(error))
                continue
            kept = [e for e in events if isinstance(e, SlotSet | BotUttered)]
            renewed = {e.name for e in kept if isinstance(e, SlotSet)}
            found = [e for e in found if not (isinstance(e, SlotSet) and e.name in renewed)]
            found += kept
        return found

    # deciding and acting

    def decide(self) -> Verdict:
        began = time.perf_counter()
        with span("decide") as current:
            verdict = self.bot.policies.decide(self.tracker, self.lookback)
            current.set_attribute("lingxi.action", verdict.decision.action)
            current.set_attribute("lingxi.policy", verdict.decision.policy)
        self.found.spent("decide", began)
        return verdict

    async def run_until_listening(self) -> None:
        """Decide and act until the bot listens, or has acted too often."""
        for _ in range(self.bot.settings.max_predictions):
            if self.handoff is not None or self._listen_next:
                break
            decision = self.decide().decision
            if decision.is_fallback and self.bot.settings.enabled and self._has_answered():
                break  # "I did not understand" after an answer would take it back
            await self.take(decision)
            if decision.action == ACTION_LISTEN:
                return
        else:
            self.note(f"stopped after {self.bot.settings.max_predictions} actions in one turn")
            self.log(self.say("apology_circuit"))
        self._listen_next = False
        self.log(ActionExecuted(ACTION_LISTEN))

    def _has_answered(self) -> bool:
        return any(isinstance(event, BotUttered) for event in self.tracker.events_since_user())

    async def take(self, decision: Decision) -> None:
        """Note a decision for the trace, and perform it."""
        self.found.decisions.append(decision.as_json())
        if self.found.route is None and decision.action != ACTION_LISTEN:
            self.found.route = decision.route
        await self.perform(decision)

    async def perform(self, decision: Decision) -> None:
        """Run one action and log what it did."""
        name = decision.action
        self.log_all(decision.events)
        began = time.perf_counter()
        failed: ActionFailedError | None = None
        events: list[Event] = []
        try:
            events = await self._run(name)
        except ActionRejectedError as error:
            self.log(ActionRejected(error.action, decision.policy, decision.confidence))
            return
        except ActionFailedError as error:
            failed = error
        finally:
            self.found.spent("act", began)
        if failed is not None and self._may_be_left(name):
            self.note(str(failed))
            self.log(ActionRejected(name, decision.policy, decision.confidence))
            return
        self.log(
            ActionExecuted(
                name, decision.policy, decision.confidence, hide_rule_turn=decision.hide_rule_turn
            )
        )
        self.log_all(events)
        if failed is not None:
            if self.tracker.loop_name == name and self._has_answered():
                self.note(str(failed))  # the form only comes back after another answer
            else:
                self.apologise(failed)
            self._keep_open(name)
        if any(isinstance(event, UserUttered) for event in events):
            await self.fill_slots()
        if name in defaults.LISTEN_AFTER:
            self._listen_next = True

    def _may_be_left(self, name: str) -> bool:
        """Whether an open form that fails is in the way of something else that was asked for: who
        wants a human must not be told of an action server."""
        if name not in self.bot.domain.forms or self.tracker.loop_name != name:
            return False
        refused = self.tracker.copy_with([ActionRejected(name)])
        own = self.bot.policies.decide(refused).decision
        return own.policy in (RULES, MEMORY) and own.action not in (ACTION_LISTEN, name)

    def _keep_open(self, name: str) -> None:
        """A form that failed as it was opened is not filled, though it looks like one that is."""
        if name in self.bot.domain.forms and self.tracker.loop_name != name:
            self.log(ActiveLoop(name))
            self._listen_next = True

    async def _run(self, name: str) -> list[Event]:
        domain = self.bot.domain
        if name == ACTION_LISTEN:
            return []
        if name in domain.forms:
            return await run_form(domain.forms[name], self.tracker, self)
        own = name in domain.actions and not name.startswith("utter_")
        if name in HANDOFF_ACTIONS or name in defaults.ACTIONS:
            if own:
                try:
                    return await self.run_custom(name, self.tracker)
                except ActionFailedError as error:
                    if error.kind != "unknown" and name != ACTION_SESSION_START:
                        raise
                    if error.kind != "unknown":
                        self.note(str(error))  # nobody is greeted with an apology
            return await self._default(name)
        if self.has_response(name) or name.startswith("utter_"):
            return self.utter(name)
        return await self.run_custom(name, self.tracker)

    async def _default(self, name: str) -> list[Event]:
        if name in HANDOFF_ACTIONS:
            self.hand_over("action" if not self._asked_for_human() else "requested")
            return [self.say(f"handoff_{self.handoff.reason}")] if self.handoff else []
        if name == "action_answer_faq" and self.answer_faq is not None:
            return await self.answer_faq()
        if name == TWO_STAGE_FALLBACK:
            return await defaults.two_stage_fallback(self)
        return await defaults.ACTIONS[name](self)

    def _asked_for_human(self) -> bool:
        message = self.tracker.latest_message
        return message is not None and message.intent in self.bot.settings.human_intents

    def hand_over(self, reason: HandoffReason) -> None:
        """Ask the host for a human, with what they should know."""
        self.handoff = handoff_of(self.tracker, self.bot, self.language, reason)

    async def run_custom(self, name: str, tracker: Tracker) -> list[Event]:
        """Run a custom action on `tracker`; its messages come before the events it returned."""
        if self._progress is not None:
            self._progress.acted()
        with span("action", SpanKind.CLIENT, action=name):
            result = await self.bot.actions.run(name, tracker.as_json(), self.bot.domain.source)
        for words in result.notes:
            self.note(words)
        messages: list[Event] = []
        for response in result.responses:
            messages += self._spoken(response, tracker)
        return [*messages, *result.events]

    def _spoken(self, response: Mapping[str, Any], tracker: Tracker) -> list[Event]:
        body = {k: v for k, v in response.items() if k not in ("response", "template")}
        name = response.get("response") or response.get("template")
        buttons = list(body.pop("buttons", None) or ())
        given = {k: v for k, v in body.items() if v}
        if not name:
            return [self.message({**given, "buttons": buttons}, source="action")]
        known = ("text", "elements", "custom", "image", "attachment")
        extra = {k: v for k, v in body.items() if k not in known}
        rendered = self.utter(str(name), tracker, extra)
        if not rendered or not isinstance(rendered[0], BotUttered):
            return []
        said = rendered[0]
        data = {**said.data, **{k: given[k] for k in known[1:] if k in given}}
        data["buttons"] = [*(said.data.get("buttons") or ()), *buttons] or None
        return [replace(said, text=given.get("text", said.text), data=data)]

    # what forms ask of their host

    async def extract(self, tracker: Tracker) -> list[Event]:
        if self.keep_slots:
            return []
        return await self._extraction(tracker)

    async def ask(self, form: Form, slot: str, tracker: Tracker) -> list[Event]:
        domain = self.bot.domain
        for name in question_names(form.name, slot):
            if name.startswith("utter_") and self.has_response(name):
                return self.utter(name, tracker)
            if name.startswith("action_") and name in domain.actions:
                return await self.run_custom(name, tracker)
        self.note(f"the form {form.name!r} has no question for {slot!r}")
        return []

    def recall(self, form: Form, tracker: Tracker) -> Sequence[SlotSet]:
        settings = self.bot.settings
        if self.keep_slots or not (settings.enabled and settings.early_slots):
            return []
        return recalled_slots(form, tracker)

    def aside(self, action: str, events: Sequence[Event], confidence: float = 1.0) -> None:
        """Log an answer that stands beside the bot's own flow."""
        self.found.decisions.append(Decision(action, ASIDE_POLICY, confidence).as_json())
        self.log(ActionExecuted(action, ASIDE_POLICY, confidence, hide_rule_turn=True))
        self.log_all(events)
