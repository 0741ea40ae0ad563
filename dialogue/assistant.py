"""The assistant: one message in, replies and events out. Holds no conversation."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from dialogue.actions.types import ActionRunner, NoActions
from dialogue.aside.answers import Answers
from dialogue.aside.asides import Asides
from dialogue.aside.doubt import doubted, read_in_form
from dialogue.aside.interrupt import return_to_left_form
from dialogue.aside.later import begin, keep_for_later, next_task, waits
from dialogue.aside.message import Message, as_question_before, asked_in
from dialogue.aside.requests import (
    as_wish_for_human,
    given_up_for,
    request_besides,
    requests_in,
)
from dialogue.bot import Bot
from dialogue.choice import chosen_payload
from dialogue.decisions import Decision
from dialogue.events import (
    ACTION_LISTEN,
    ActionExecuted,
    EntityValue,
    Event,
    SlotSet,
    UserUttered,
    entities_from_json,
    event_from_json,
)
from dialogue.generate.types import Generator, Judge
from dialogue.knowledge.types import Knowledge
from dialogue.payload import Payload, read_payload
from dialogue.policy.ensemble import Policies, Verdict
from dialogue.policy.trained import load_trained
from dialogue.project.model import Project
from dialogue.reminders import EXTERNAL, done, due_at, pending_reminders
from dialogue.replies.cues import Cues
from dialogue.replies.language import language_of
from dialogue.replies.responses import reply_of
from dialogue.replies.words import Words
from dialogue.tracker import Tracker, as_mapping
from dialogue.turn import LANGUAGE_SLOT, Turn
from dialogue.types import Labels, OnPartial, Progress, StoredEvent, Trace, TurnRequest, TurnResult
from dialogue.understood import parse_data, understanding_of_payload
from nlu.types import Parser, Understanding


class Assistant:
    """A bot that is ready to talk. Safe to use from many tasks at once."""

    def __init__(
        self, bot: Bot, cues: Cues, answers: Answers, parser: Parser | None = None
    ) -> None:
        self._bot = bot
        self._cues = cues
        self._answers = answers
        self._asides = Asides(cues, answers)
        self._parser = parser

    @classmethod
    def build(
        cls,
        project: Project,
        *,
        actions: ActionRunner | None = None,
        knowledge: Knowledge | None = None,
        generator: Generator | None = None,
        judge: Judge | None = None,
        parser: Parser | None = None,
        policy_dir: Path | None = None,
        generation_deadline_s: float = 20.0,
    ) -> Self:
        """Compile `project`. Blocking for a moment (rules and stories), never for long.

        `policy_dir` is the folder that ``lingxi train`` wrote the trained policy into; without
        it, or when it belongs to another domain, rules and memory decide alone. With `parser` a
        message of several requests is taken apart; with `judge` what the knowledge found is read
        again before it is quoted.
        """
        scorer = load_trained(policy_dir, project) if policy_dir else None
        policies = Policies.build(project, scorer)
        bot = Bot(project, policies, actions or NoActions(), Words.load())
        answers = Answers(knowledge, generator, generation_deadline_s, judge)
        return cls(bot, Cues.load(), answers, parser)

    @property
    def project(self) -> Project:
        return self._bot.project

    @property
    def policies(self) -> Policies:
        return self._bot.policies

    def knows_intent(self, name: str) -> bool:
        return name.split("/", 1)[0] in self._bot.domain.intents

    def knows_action(self, name: str) -> bool:
        return name.split("/", 1)[0] in self._bot.domain.action_names

    def understood(self, understanding: Understanding) -> Understanding:
        """What counts of a message: its payload, if it is one, else what a model understood."""
        payload = self._payload_in(understanding.text)
        return (
            understanding if payload is None else understanding_of_payload(understanding, payload)
        )

    def _payload_in(self, text: str) -> Payload | None:
        """None, too, where a customer types a slash before something that is no intent."""
        payload = read_payload(text)
        return payload if payload is not None and self.knows_intent(payload.intent) else None

    def labels(self) -> Labels:
        domain = self._bot.domain
        return Labels(tuple(domain.intents), tuple(domain.entities))

    async def turn(self, request: TurnRequest, progress: Progress | None = None) -> TurnResult:
        """Answer one message. The events of the result continue `request.history`."""
        began = time.perf_counter()
        turn = self._start(request, progress)
        on_partial = progress.partial if progress else None
        if turn.tracker.paused and request.understanding.intent.name != "restart":
            turn.log(self._uttered(request, request.understanding))
            return self._result(turn, began)
        await turn.start_session_if_due()
        await self._answer(turn, request, request.understanding, on_partial)
        return self._result(turn, began)

    async def hear(self, request: TurnRequest) -> TurnResult:
        """Log a message and fill slots, without deciding anything (Rasa's ``POST messages``)."""
        began = time.perf_counter()
        turn = self._start(request)
        await turn.start_session_if_due()
        understanding = self.understood(request.understanding)
        self._note_language(turn, understanding)
        await turn.hear(self._uttered(request, understanding))
        return self._result(turn, began)

    async def append(self, request: TurnRequest, events: Sequence[StoredEvent]) -> TurnResult:
        """Log events as they are (Rasa's ``POST tracker/events``); nothing is said or decided."""
        began = time.perf_counter()
        turn = self._start(request)
        if not request.history:
            await turn.start_session_if_due()
        turn.log_all([event_from_json(event) for event in events])
        return replace(self._result(turn, began), replies=())

    def predict(self, history: Sequence[StoredEvent], sender_id: str = "default") -> Verdict:
        """What would come next (Rasa's ``POST predict``); nothing happens."""
        return self._bot.policies.decide(self.tracker(history, sender_id))

    async def execute(
        self,
        request: TurnRequest,
        action: str,
        policy: str | None = None,
        confidence: float | None = None,
    ) -> TurnResult:
        """Run one action by name (Rasa's ``POST execute``). `request.understanding` is unused."""
        began = time.perf_counter()
        turn = self._start(request)
        await turn.take(Decision(action, policy or "api", confidence or 1.0))
        return self._result(turn, began)

    async def trigger(
        self, request: TurnRequest, intent: str, entities: Sequence[Mapping[str, Any]] = ()
    ) -> TurnResult:
        """Act as if `intent` had been said: events from outside, ``trigger_intent``."""
        began = time.perf_counter()
        turn = self._start(request)
        await turn.start_session_if_due()
        await self._act_on(turn, request, intent, entities_from_json(list(entities)))
        return self._result(turn, began)

    async def remind(self, request: TurnRequest) -> TurnResult:
        """Do the reminder that is due; nothing, if none is by now."""
        began = time.perf_counter()
        turn = self._start(request)
        for reminder in pending_reminders(request.history)[:1]:
            if due_at(reminder) <= request.now:
                turn.log(done(reminder))
                await self._act_on(turn, request, reminder.intent, reminder.entities)
        return self._result(turn, began)

    async def _act_on(
        self, turn: Turn, request: TurnRequest, intent: str, entities: tuple[EntityValue, ...]
    ) -> None:
        if not turn.tracker.listening:
            turn.log(ActionExecuted(ACTION_LISTEN))
        await turn.hear(
            UserUttered(
                f"EXTERNAL: {intent}",
                intent.split("/", 1)[0],
                entities,
                full_intent=intent,
                channel=request.channel,
                metadata={**request.metadata, EXTERNAL: True},
            )
        )
        await turn.run_until_listening()

    def tracker(self, history: Sequence[StoredEvent], sender_id: str = "default") -> Tracker:
        return Tracker.fold(self._bot.domain, history, sender_id)

    def tracker_json(
        self, history: Sequence[StoredEvent], sender_id: str = "default"
    ) -> dict[str, Any]:
        """The tracker as Rasa's HTTP API shows it."""
        return self.tracker(history, sender_id).as_json()

    async def close(self) -> None:
        await self._bot.actions.close()

    # one turn

    def _start(self, request: TurnRequest, progress: Progress | None = None) -> Turn:
        tracker = self.tracker(request.history, request.conversation_id)
        language = language_of(tracker, request, self._cues)
        turn = Turn(
            self._bot,
            tracker,
            now=request.now,
            channel=request.channel,
            audience="verified" if request.verified else "everyone",
            language=language,
            rng=random.Random(f"{request.conversation_id}:{len(request.history)}"),
            progress=progress,
        )
        return turn

    def _note_language(self, turn: Turn, understanding: Understanding) -> None:
        slots = turn.tracker.slots
        if LANGUAGE_SLOT in turn.bot.domain.slots and slots.get(LANGUAGE_SLOT) != turn.language:
            turn.log(SlotSet(LANGUAGE_SLOT, turn.language))

    def _uttered(self, request: TurnRequest, understanding: Understanding) -> UserUttered:
        name = understanding.intent.name
        data = parse_data(understanding)
        if understanding.text.strip() in self._bot.spoken:
            name, data = "", {**data, "intent": {"name": None, "confidence": 1.0}}
        return UserUttered(
            text=understanding.text,
            intent=name.split("/", 1)[0] or None,
            entities=entities_from_json(data["entities"]),
            confidence=understanding.intent.confidence,
            full_intent=name or None,
            parse_data=data,
            channel=request.channel,
            message_id=str(request.metadata.get("message_id") or "") or None,
            metadata=request.metadata,
        )

    async def _answer(
        self,
        turn: Turn,
        request: TurnRequest,
        understanding: Understanding,
        on_partial: OnPartial | None,
    ) -> None:
        """Answer the message: its parts one by one if it holds several requests."""
        if self._bot.settings.enabled:
            chosen = chosen_payload(turn.tracker, understanding.text, self._cues)
            if chosen is not None and chosen != understanding.text:
                understanding = replace(understanding, text=chosen, vector=None)
            if self._parser is not None and read_payload(understanding.text) is None:
                understanding = await as_wish_for_human(
                    understanding, self._parser, self._bot.settings, self._cues
                )
            understanding = read_in_form(
                understanding, turn.tracker, self._bot.settings, self._cues
            )
        self._note_language(turn, understanding)
        later = []
        form = turn.tracker.loop_name
        parts = await self._parts(turn, understanding)
        for part in parts or (understanding,):
            if parts and waits(turn, part):
                later.append(part)
                continue
            await self._answer_one(turn, request, part, on_partial)
            if turn.handoff is not None:
                return
        if later:
            keep_for_later(turn, later)
        if form is not None and turn.tracker.loop_name is None:
            await self._answer_besides(turn, request, understanding, on_partial)
        if self._bot.settings.enabled:
            await return_to_left_form(turn)
            await self._go_on_with_next(turn, request, on_partial)
            if not turn.bot_events:
                turn.found.route = "fallback"
                turn.log(turn.say("rephrase"))

    async def _answer_besides(
        self,
        turn: Turn,
        request: TurnRequest,
        understanding: Understanding,
        on_partial: OnPartial | None,
    ) -> None:
        """The form is given up; the same message may say what is wanted in its place."""
        if self._splitter is None:
            return
        settings, rules = self._bot.settings, self._bot.policies.rules
        wanted = await request_besides(understanding, self._splitter, rules, settings)
        if wanted is not None:
            await self._answer_one(turn, request, wanted, on_partial)

    async def _go_on_with_next(
        self, turn: Turn, request: TurnRequest, on_partial: OnPartial | None
    ) -> None:
        text = next_task(turn)
        if text is not None and self._parser is not None:
            part = await self._parser.parse(text)
            begin(turn, part)
            await self._answer_one(turn, request, part, on_partial)

    async def _parts(self, turn: Turn, understanding: Understanding) -> Sequence[Understanding]:
        settings = self._bot.settings
        if self._splitter is None:
            return ()
        if understanding.text.startswith("/"):
            return ()
        rules = self._bot.policies.rules
        if turn.tracker.loop_name is not None:
            return await given_up_for(understanding, self._splitter, rules, settings)
        if understanding.intent.name in settings.human_intents:
            return ()
        search = partial(self._answers.search, turn)
        parts = await requests_in(
            understanding, self._splitter, rules, settings, self._cues, search
        )
        if not parts:
            turn.found.candidates = ()  # of a part; it is the whole that is answered
        return parts

    @property
    def _splitter(self) -> Parser | None:
        """What reads a message's parts, where one message may hold several requests."""
        settings = self._bot.settings
        return self._parser if settings.enabled and settings.multi_request else None

    async def _answer_one(
        self,
        turn: Turn,
        request: TurnRequest,
        understanding: Understanding,
        on_partial: OnPartial | None,
    ) -> None:
        payload = self._payload_in(understanding.text)
        if payload is not None:
            understanding = understanding_of_payload(understanding, payload)
        else:
            settings = self._bot.settings
            if settings.enabled:
                understanding = as_question_before(turn, understanding, self._cues)
            understanding = doubted(understanding, turn.tracker, settings, self._cues)
        uttered = self._uttered(request, understanding)
        message = Message(understanding, uttered, payload is not None)
        turn.answer_faq = self._faq_action(turn, understanding, on_partial)
        if not self._bot.settings.enabled:
            await turn.hear(uttered)
            await turn.run_until_listening()
            return
        turn.log(uttered)
        if await self._asides.before_slots(turn, message):
            return
        await turn.fill_slots()
        await self._decide(turn, message, on_partial)

    async def _decide(self, turn: Turn, message: Message, on_partial: OnPartial | None) -> None:
        """Take the bot's decisions, but look first for a better answer beside the flow."""
        verdict = turn.decide()
        if verdict.decision.no_user:
            await turn.take(verdict.decision)
            rejected = turn.tracker.loop_rejected and turn.tracker.listening
            if not rejected:
                await turn.run_until_listening()
                return
            verdict = turn.decide()
        if await self._asides.before_decision(turn, message, verdict, on_partial):
            return
        await turn.run_until_listening()

    def _faq_action(
        self, turn: Turn, understanding: Understanding, on_partial: OnPartial | None
    ) -> Callable[[], Awaitable[list[Event]]]:
        asked = asked_in(turn, understanding, self._cues)
        return lambda: self._answers.as_action(turn, asked, on_partial)

    def _result(self, turn: Turn, began: float) -> TurnResult:
        turn.found.spent("turn", began)
        replies = tuple(
            reply for event in turn.bot_events if (reply := reply_of(event)) is not None
        )
        found = turn.found
        trace = Trace(
            route=found.route or "rule",
            decisions=tuple(found.decisions),
            candidates=found.candidates,
            thresholds=found.thresholds,
            slots=as_mapping(turn.tracker.slots),
            timings_ms=found.timings_ms,
            notes=tuple(found.notes),
        )
        return TurnResult(replies, turn.events, trace, turn.handoff, turn.language)
