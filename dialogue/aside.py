"""What Lingxi does beyond Rasa: answers from the knowledge, clarifies, lets go, hands over.

Such answers stand beside the bot's own rules and stories, which go on afterwards as if the
question had not been. Nothing here happens in a project that asks for none of it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from dialogue.decisions import MEMORY, RULES, TRAINED, Decision
from dialogue.domain import Form
from dialogue.events import (
    ACTION_LISTEN,
    REQUESTED_SLOT,
    ActionExecuted,
    ActionRejected,
    ActiveLoop,
    BotUttered,
    Event,
    LoopInterrupted,
    SlotSet,
    UserUttered,
)
from dialogue.generate.types import GenerationRequest, Generator, Passage, Refused, Said
from dialogue.interrupt import CANCEL, answer_outside, leaves_form, only_entities
from dialogue.knowledge.types import Knowledge, SearchResult
from dialogue.policy.ensemble import Verdict
from dialogue.replies.cues import Cues, folded
from dialogue.tracker import ASIDE_POLICY
from dialogue.turn import HANDOFF_ACTIONS, Turn
from dialogue.types import Candidate, HandoffReason, OnPartial
from nlu.types import FALLBACK_INTENT, Embedder, Understanding, Vector

ANSWER_FAQ = "action_answer_faq"
SUGGEST = "action_suggest_faq"
CLARIFY = "action_clarify"
GENERATE = "action_generate_answer"
REPHRASE = "action_rephrase"
HANDOFF = "action_handoff"
_CONTEXT_MESSAGES = 3
_CLEAR_LEAD = 0.15
"""So far ahead of the next entry, an answer goes before starting the task it tells about."""
_WEAK_SCORE = 0.6
"""A trained policy less sure than this does not go before the knowledge."""
MAX_SUGGESTIONS = 3
MAX_PASSAGES = 3


@dataclass(slots=True)
class Message:
    """The customer's message in this turn."""

    understanding: Understanding
    uttered: UserUttered
    is_payload: bool

    @property
    def text(self) -> str:
        return self.understanding.text

    @property
    def intent(self) -> str:
        return self.uttered.intent or FALLBACK_INTENT

    @property
    def confidence(self) -> float:
        return self.understanding.intent.confidence


class Asides:
    """The layer beyond Rasa, for one assistant."""

    def __init__(
        self,
        cues: Cues,
        knowledge: Knowledge | None,
        generator: Generator | None,
        embedder: Embedder | None,
        generation_deadline_s: float = 20.0,
    ) -> None:
        self._cues = self.cues = cues
        self._knowledge = knowledge
        self._generator = generator
        self._embedder = embedder
        self._deadline_s = generation_deadline_s

    # before the slots are filled

    async def before_slots(self, turn: Turn, message: Message) -> bool:
        """Handle what must not be taken for an answer to the form's question. True if handled."""
        settings = turn.bot.settings
        if not message.text.strip():
            turn.found.route = "fallback"
            turn.aside(REPHRASE, [turn.say("empty")])
            await self._go_on(turn)
            return True
        if self._wants_human(turn, message):
            await self.hand_over(turn, "requested")
            return True
        if self._angry(turn, message):
            await self.hand_over(turn, "anger")
            return True
        form = turn.bot.domain.forms.get(turn.tracker.loop_name or "")
        if form is None:
            return False
        if self._cancels(turn, message):
            return self._cancel(turn, form, message)
        if message.is_payload:
            return False
        requested = turn.tracker.requested_slot
        filled = _filled_by_entities(turn, form, message)
        other = bool(filled - {requested}) and requested not in filled
        if requested and (
            (self._cues.corrects(message.text) and filled - {requested})
            or (other and only_entities(message.uttered))
        ):
            turn.skip_text_of = frozenset({requested})
            return False
        if settings.digressions and leaves_form(turn, form, message.uttered):
            await answer_outside(turn, form)
            return True
        if settings.digressions and not filled:
            return await self._digression(turn, form, message)
        return False

    def _wants_human(self, turn: Turn, message: Message) -> bool:
        if message.intent in turn.bot.settings.human_intents:
            sure = message.confidence >= turn.bot.settings.sure_intent
            return sure and not turn.bot.policies.rules.knows_intent(message.intent)
        return not message.is_payload and self._cues.asks_for_human(message.text)

    def _angry(self, turn: Turn, message: Message) -> bool:
        settings = turn.bot.settings
        mood = message.understanding.sentiment
        if mood.label != "negative" or mood.strength < settings.anger_strength:
            return False
        if message.intent in settings.calm_intents:
            return False
        if mood.strength >= settings.anger_extreme:
            return True
        earlier = [e for e in turn.tracker.events if isinstance(e, UserUttered)]
        before = earlier[-2].parse_data.get("sentiment") if len(earlier) > 1 else None
        return bool(
            before
            and before.get("label") == "negative"
            and before.get("strength", 0.0) >= settings.anger_strength
        )

    def _cancels(self, turn: Turn, message: Message) -> bool:
        return message.intent in turn.bot.settings.cancel_intents or (
            not message.is_payload and self._cues.cancels(message.text)
        )

    def _cancel(self, turn: Turn, form: Form, message: Message) -> bool:
        """End the form, unless the bot has its own way to do so."""
        turn.skip_text_of = frozenset(form.required_slots)
        refused = turn.tracker.copy_with([ActionRejected(form.name)])
        own = turn.bot.policies.decide(refused).decision
        if own.policy in (RULES, MEMORY) and own.action not in (ACTION_LISTEN, form.name):
            return False
        slots = turn.bot.domain.slots
        cleared = [
            SlotSet(name, slots[name].initial_value)
            for name in form.required_slots
            if name in slots
            and any(c.active_loop for m in slots[name].mappings for c in m.conditions)
        ]
        turn.aside(
            CANCEL,
            [turn.say("cancelled"), ActiveLoop(None), SlotSet(REQUESTED_SLOT, None), *cleared],
        )
        turn.found.route = "form"
        turn.log(ActionExecuted(ACTION_LISTEN))
        return True

    async def _digression(self, turn: Turn, form: Form, message: Message) -> bool:
        """Answer a question asked in place of an answer, then go back to the form."""
        if not self._cues.asks(message.text):
            return False
        guess = message.intent == FALLBACK_INTENT or (
            message.confidence < turn.bot.settings.sure_intent
        )
        if not guess and turn.bot.policies.rules.knows_intent(message.intent):
            return False
        found = await self._search(turn, message.text, message.understanding.vector)
        if found is None or found.verdict != "answer":
            return False
        self._answer(turn, found)
        await self._back_to_form(turn, form)
        return True

    async def _back_to_form(self, turn: Turn, form: Form) -> None:
        turn.log(turn.say("back_to_form"))
        turn.log(LoopInterrupted(True))
        await turn.take(Decision(form.name, ASIDE_POLICY, 1.0))
        turn.log(ActionExecuted(ACTION_LISTEN))

    # before the bot's own decision is taken

    async def before_decision(
        self, turn: Turn, message: Message, verdict: Verdict, on_partial: OnPartial | None
    ) -> bool:
        """Answer beside the flow if that is better than `verdict`. True if the turn is over."""
        decision = verdict.decision
        if decision.no_user or not turn.tracker.listening:
            return False
        if message.is_payload and message.intent != FALLBACK_INTENT:
            return False
        weak = (
            decision.is_fallback
            or message.intent == FALLBACK_INTENT
            or (decision.policy == TRAINED and decision.confidence < _WEAK_SCORE)
            or _silent(decision)
            or _unsure_of_deed(turn, message)
        )
        if not message.is_payload:
            found = await self._search(turn, message.text, message.understanding.vector)
            if found is not None and self._outranks(turn, message, found, weak):
                self._answer(turn, found)
                self._offer_task(turn, message)
                await self._go_on(turn)
                return True
            if _silent(decision) and _starts(turn, message.intent) == turn.tracker.loop_name:
                await self._go_on(turn)
                return True
            if self._clarified(turn, message, weak):
                await self._go_on(turn)
                return True
            if weak and found is not None and await self._lesser_answer(turn, found, on_partial):
                await self._go_on(turn)
                return True
        if not weak:
            return False
        return await self._missed(turn, decision)

    async def _go_on(self, turn: Turn) -> None:
        form = turn.bot.domain.forms.get(turn.tracker.loop_name or "")
        if form is not None and turn.handoff is None:
            await self._back_to_form(turn, form)
        else:
            turn.log(ActionExecuted(ACTION_LISTEN))

    def _outranks(self, turn: Turn, message: Message, found: SearchResult, weak: bool) -> bool:
        best = found.best
        if best is None:
            return False
        if _chosen_from_buttons(turn, message.text):
            asked = folded(message.text)
            return any(
                folded(q) == asked for q in (*best.entry.questions, *best.entry.titles.values())
            )
        if found.verdict != "answer":
            return False
        if self._asks_how(turn, message, found):
            return True
        unsure = message.confidence < turn.bot.settings.sure_intent
        return weak or (unsure and best.score >= message.confidence)

    def _asks_how(self, turn: Turn, message: Message, found: SearchResult) -> bool:
        """``怎么退货？`` asks for the way; ``怎么退 A10023`` is about to go it."""
        form = turn.bot.domain.forms.get(_starts(turn, message.intent) or "")
        if form is None or not self._cues.asks_how(message.text):
            return False
        scores = [hit.score for hit in found.hits[:2]]
        clear = len(scores) < 2 or scores[0] - scores[1] >= _CLEAR_LEAD
        return clear and not _filled_by_entities(turn, form, message)

    def _offer_task(self, turn: Turn, message: Message) -> None:
        """After the answer about a task that the bot could do now, a button to do it."""
        if turn.tracker.loop_name is not None or _starts(turn, message.intent) is None:
            return
        if message.confidence < turn.bot.settings.clarify_floor:
            return
        button = {"title": _title(turn, message.intent), "payload": f"/{message.intent}"}
        text = turn.say("offer_task").text
        turn.log(turn.message({"text": text, "buttons": [button]}, source="system"))

    async def _lesser_answer(
        self, turn: Turn, found: SearchResult, on_partial: OnPartial | None
    ) -> bool:
        """Between certainty and nothing: offer what is near, or let the generator try."""
        if found.verdict == "did_you_mean" and found.suggestions:
            self._suggest(turn, found)
            return True
        return await self._generate(turn, found, on_partial)

    async def _missed(self, turn: Turn, decision: Decision) -> bool:
        """Nothing fits. The bot's own words for that, or ours; a human after several misses."""
        turn.missed = True
        if misses(turn) + 1 >= turn.bot.settings.misses_before_handoff:
            await self.hand_over(turn, "misses")
            return True
        own_words = decision.is_fallback and turn.has_response("utter_default")
        if own_words or not (decision.is_fallback or _silent(decision)):
            return False
        turn.found.route = "fallback"
        turn.aside(REPHRASE, [turn.say("rephrase")])
        await self._go_on(turn)
        return True

    def _clarified(self, turn: Turn, message: Message, weak: bool) -> bool:
        """Offer two intents that are equally likely; never twice in a row."""
        settings = turn.bot.settings
        if message.confidence >= settings.sure_intent and not weak:
            return False
        ranking = [
            score
            for score in message.understanding.intent_ranking
            if score.name != FALLBACK_INTENT
            and score.confidence >= settings.clarify_floor
            and turn.bot.policies.rules.knows_intent(score.name.split("/", 1)[0])
        ][:2]
        near = (
            len(ranking) == 2
            and ranking[0].confidence - ranking[1].confidence < settings.clarify_margin
        )
        if not ranking or _last_action(turn) == CLARIFY:
            return False
        deed = _unsure_of_deed(turn, message)
        if not (near or deed) or all(_harmless(turn, score.name) for score in ranking):
            return False
        buttons = [
            {"title": _title(turn, score.name), "payload": f"/{score.name}"} for score in ranking
        ]
        if deed:
            none = turn.bot.words.say("none_of_these", turn.language)
            buttons.append({"title": none, "payload": f"/{FALLBACK_INTENT}"})
        text = turn.say("which_help" if deed else "clarify").text
        turn.found.route = "clarify"
        turn.aside(
            CLARIFY,
            [turn.message({"text": text, "buttons": buttons}, source="system")],
            ranking[0].confidence,
        )
        return True

    # answers

    async def answer_faq(
        self, turn: Turn, understanding: Understanding, on_partial: OnPartial | None
    ) -> list[Event]:
        """The action ``action_answer_faq`` of a rule: the same ladder, as events of the action."""
        found = await self._search(turn, understanding.text, understanding.vector)
        if found is not None and found.verdict == "answer":
            turn.found.route = "faq"
            return self._answer_events(turn, found)
        if found is not None and found.verdict == "did_you_mean" and found.suggestions:
            turn.found.route = "faq"
            return [self._suggestion(turn, found)]
        if found is not None:
            generated = await self._generated(turn, found, on_partial)
            if generated:
                return generated
        turn.missed = True
        if misses(turn) + 1 >= turn.bot.settings.misses_before_handoff:
            turn.hand_over("misses")
            return [turn.say("handoff_misses")]
        return [turn.say("rephrase")]

    async def _search(self, turn: Turn, text: str, vector: Vector | None) -> SearchResult | None:
        if self._knowledge is None or not text.strip():
            return None
        began = time.perf_counter()
        try:
            result = await self._knowledge.search(
                text, language=turn.language, vector=vector, context=_context(turn)
            )
        except Exception as error:
            turn.note(f"knowledge search failed: {type(error).__name__}: {error}")
            return None
        turn.found.spent("search", began)
        turn.found.candidates = tuple(
            Candidate(h.entry.id, h.question, h.score, h.lexical, h.semantic) for h in result.hits
        )
        turn.found.thresholds.update(
            faq_answer=result.thresholds.answer, faq_suggest=result.thresholds.suggest
        )
        return result

    def _answer(self, turn: Turn, found: SearchResult) -> None:
        turn.found.route = "faq"
        best = found.best
        turn.aside(ANSWER_FAQ, self._answer_events(turn, found), best.score if best else 0.0)

    def _answer_events(self, turn: Turn, found: SearchResult) -> list[Event]:
        best = found.best
        if best is None:
            return []
        entry = best.entry
        return [turn.message({"text": entry.answer(turn.language)}, source="faq", faq_id=entry.id)]

    def _suggest(self, turn: Turn, found: SearchResult) -> None:
        turn.found.route = "faq"
        score = found.suggestions[0].score
        turn.aside(SUGGEST, [self._suggestion(turn, found)], score)

    def _suggestion(self, turn: Turn, found: SearchResult) -> BotUttered:
        titles = dict.fromkeys(
            hit.entry.title(turn.language) for hit in found.suggestions[:MAX_SUGGESTIONS]
        )
        buttons = [{"title": title, "payload": title} for title in titles]
        none = turn.bot.words.say("none_of_these", turn.language)
        buttons.append({"title": none, "payload": f"/{FALLBACK_INTENT}"})
        text = turn.bot.words.say("did_you_mean", turn.language)
        return turn.message({"text": text, "buttons": buttons}, source="faq")

    async def _generate(
        self, turn: Turn, found: SearchResult, on_partial: OnPartial | None
    ) -> bool:
        events = await self._generated(turn, found, on_partial)
        if events:
            turn.aside(GENERATE, events)
        return bool(events)

    async def _generated(
        self, turn: Turn, found: SearchResult, on_partial: OnPartial | None
    ) -> list[Event]:
        """A reply written from what was found, if every sentence of it is supported."""
        if self._generator is None or not self._generator.ready or not found.hits:
            return []
        language = turn.language
        passages = [
            Passage(h.entry.id, h.entry.title(language), h.entry.answer(language), h.score)
            for h in found.hits[:MAX_PASSAGES]
        ]
        began = time.perf_counter()
        request = GenerationRequest(
            found.query, passages, language, _said(turn), deadline_s=self._deadline_s
        )
        reply = await self._generator.generate(request, on_partial)
        turn.found.spent("generate", began)
        if isinstance(reply, Refused):
            turn.found.notes.append(f"generation: {reply.reason} {reply.words}".strip())
            return []
        turn.found.route = "generate"
        return [turn.message({"text": reply.text}, source="generated", citations=reply.citations)]

    async def hand_over(self, turn: Turn, reason: HandoffReason) -> None:
        """Ask for a human, with words that fit the reason."""
        turn.found.route = "handoff"
        turn.hand_over(reason)
        turn.aside(HANDOFF, [turn.say(f"handoff_{reason}")])
        turn.log(ActionExecuted(ACTION_LISTEN))


def _silent(decision: Decision) -> bool:
    """Nobody knows an answer: the bot would say nothing."""
    return decision.action == ACTION_LISTEN and decision.confidence == 0.0


def _starts(turn: Turn, intent: str) -> str | None:
    """The form that `intent` opens."""
    forms = turn.bot.domain.forms
    return next((a for a in turn.bot.policies.rules.answers(intent) if a in forms), None)


def _harmless(turn: Turn, intent: str) -> bool:
    """Whether a wrong guess at `intent` costs the customer no more than a strange reply."""
    answers = turn.bot.policies.rules.answers(intent)
    return all(action == ANSWER_FAQ or action.startswith("utter_") for action in answers)


def _unsure_of_deed(turn: Turn, message: Message) -> bool:
    """Whether the intent does something, and was understood too vaguely for that."""
    settings = turn.bot.settings
    if message.is_payload or message.intent == FALLBACK_INTENT:
        return False
    answers = turn.bot.policies.rules.answers(message.intent)
    if any(action in HANDOFF_ACTIONS for action in answers):
        return message.confidence < settings.sure_intent
    return message.confidence < settings.commit_intent and not _harmless(turn, message.intent)


def misses(turn: Turn) -> int:
    """How many turns before this one ended, in a row, without an answer.

    A human's help or an answer in between starts the count anew.
    """
    count = 0
    missed = False
    answered = False
    seen_user = 0
    for event in reversed(turn.tracker.events):
        if isinstance(event, BotUttered) and seen_user:
            if event.metadata.get("handed_back"):
                return count
            if (event.metadata.get("lingxi") or {}).get("miss"):
                missed = True
            elif event.text or event.data:
                answered = True
        elif isinstance(event, ActionExecuted) and event.name == HANDOFF and seen_user:
            return count
        elif isinstance(event, UserUttered):
            if seen_user and not missed:
                return count
            if seen_user and missed:
                count += 1
            seen_user += 1
            missed = answered = False
    return count + (1 if missed and not answered and seen_user else 0)


def _filled_by_entities(turn: Turn, form: Form, message: Message) -> set[str]:
    slots = turn.bot.domain.slots
    return {
        name
        for name in form.required_slots
        if name in slots
        for mapping in slots[name].mappings
        if mapping.type == "from_entity"
        and any(mapping.matches(entity) for entity in message.uttered.entities)
    }


def _chosen_from_buttons(turn: Turn, text: str) -> bool:
    for event in reversed(turn.tracker.events):
        if isinstance(event, BotUttered):
            buttons = event.data.get("buttons") or ()
            return any(folded(str(b.get("title"))) == folded(text) for b in buttons)
    return False


def _last_action(turn: Turn) -> str | None:
    for event in reversed(turn.tracker.events):
        if isinstance(event, ActionExecuted) and event.name != ACTION_LISTEN:
            return event.name
    return None


def _title(turn: Turn, intent: str) -> str:
    titles = turn.bot.settings.titles.get(intent) or {}
    return str(titles.get(turn.language) or intent.split("/", 1)[0].replace("_", " "))


def _context(turn: Turn) -> Sequence[str]:
    said = [e.text for e in turn.tracker.events if isinstance(e, UserUttered) and e.text]
    return [text for text in said[-_CONTEXT_MESSAGES - 1 : -1] if not text.startswith("/")]


def _said(turn: Turn) -> Sequence[Said]:
    said = []
    for event in turn.tracker.events:
        if isinstance(event, UserUttered) and event.text:
            said.append(Said("customer", event.text))
        elif isinstance(event, BotUttered) and event.text:
            said.append(Said("bot", event.text))
    return said[:-1][-6:]
