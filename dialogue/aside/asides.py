"""What Lingxi does beyond Rasa: answers from the knowledge, clarifies, lets go, hands over.

Such answers stand beside the bot's own rules and stories, which go on afterwards as if the
question had not been. Nothing here happens in a project that asks for none of it.
"""

from __future__ import annotations

from dialogue.aside.answers import Answers
from dialogue.aside.cancel import cancel_form
from dialogue.aside.clarify import (
    CLARIFY,
    can_offer_task,
    clarified,
    fragment_question,
    is_unsure_of_deed,
    offer_task,
)
from dialogue.aside.doubt import waits_for_free_text
from dialogue.aside.human import (
    declines_human,
    hand_over,
    is_angry,
    is_one_miss_too_many,
    wants_human,
)
from dialogue.aside.interrupt import (
    answer_outside,
    back_to_form,
    just_done,
    leaves_form,
    only_entities,
)
from dialogue.aside.message import Message, asked_in, filled_by_entities, started_form
from dialogue.decisions import RULES, TRAINED, Decision
from dialogue.domain import Form
from dialogue.events import ACTION_LISTEN, ActionExecuted, BotUttered
from dialogue.knowledge.types import SearchResult
from dialogue.policy.ensemble import Verdict
from dialogue.replies.cues import Cues, folded
from dialogue.turn import LANGUAGE_SLOT, Turn
from dialogue.types import OnPartial
from nlu.types import FALLBACK_INTENT

REPHRASE = "action_rephrase"
SWITCH_LANGUAGE = "action_switch_language"
WAIT = "action_wait"
STAY = "action_stay"
_CLEAR_LEAD = 0.15
"""So far ahead of the next entry, an answer goes before starting the task it tells about."""
_WEAK_SCORE = 0.6
"""A trained policy less sure than this does not go before the knowledge."""


class Asides:
    """The layer beyond Rasa, for one assistant."""

    def __init__(self, cues: Cues, answers: Answers) -> None:
        self._cues = cues
        self._answers = answers

    # before the slots are filled

    async def before_slots(self, turn: Turn, message: Message) -> bool:
        """Handle what must not be taken for an answer to the form's question. True if handled."""
        if not message.text.strip():
            turn.found.route = "fallback"
            turn.aside(REPHRASE, [turn.say("empty")])
            await self._go_on(turn)
            return True
        if not message.is_payload and self._wished_language(turn, message):
            await self._go_on(turn)
            return True
        if not message.is_payload and self._cues.asks_to_wait(message.text):
            turn.found.route = "rule"
            turn.aside(WAIT, [turn.say("take_your_time")])
            turn.log(ActionExecuted(ACTION_LISTEN))
            return True
        if self._is_fragment(turn, message):
            turn.found.route = "clarify"
            turn.aside(CLARIFY, [] if turn.tracker.loop_name else [fragment_question(turn)])
            await self._go_on(turn)
            return True
        if declines_human(turn, message, self._cues):
            turn.found.route = "rule"
            turn.aside(STAY, [turn.say("human_declined")])
            await self._go_on(turn)
            return True
        if wants_human(turn, message, self._cues):
            hand_over(turn, "requested")
            return True
        if is_angry(turn, message):
            hand_over(turn, "anger")
            return True
        form = turn.bot.domain.forms.get(turn.tracker.loop_name or "")
        if form is None:
            return await self._done_again(turn, message)
        return await self._in_form(turn, form, message)

    async def _done_again(self, turn: Turn, message: Message) -> bool:
        """``不对，是尾号 8812 的那个`` after a task: it is done for that, and asks what it has to."""
        if message.is_payload or not self._cues.corrects(message.text):
            return False
        form = just_done(turn)
        if form is None or not filled_by_entities(turn, form, message):
            return False
        await turn.fill_slots()
        await turn.take(Decision(form.name, RULES, 1.0))
        await turn.run_until_listening()
        return True

    def _is_fragment(self, turn: Turn, message: Message) -> bool:
        if message.is_payload or message.uttered.entities or waits_for_free_text(turn.tracker):
            return False
        return self._cues.is_fragment(message.text)

    def _wished_language(self, turn: Turn, message: Message) -> bool:
        """Confirm the language that was asked for, where the bot speaks both."""
        if LANGUAGE_SLOT not in turn.bot.domain.slots:
            return False
        if self._cues.wished_language(message.text) is None:
            return False
        turn.found.route = "rule"
        turn.aside(SWITCH_LANGUAGE, [turn.say("language")])
        return True

    async def _in_form(self, turn: Turn, form: Form, message: Message) -> bool:
        settings = turn.bot.settings
        if message.intent in settings.cancel_intents or (
            not message.is_payload and self._cues.cancels(message.text)
        ):
            if not cancel_form(turn, form):  # the bot has its own way
                await answer_outside(turn, form)
            return True
        if message.is_payload:
            return False
        requested = turn.tracker.requested_slot
        filled = filled_by_entities(turn, form, message)
        other = bool(filled - {requested}) and requested not in filled
        if requested and (
            (self._cues.corrects(message.text) and filled - {requested})
            or (other and only_entities(message.uttered, self._cues))
        ):
            turn.skip_text_of = frozenset({requested})
            return False
        if requested in filled and self._cues.corrects(message.text):
            return False
        if not settings.digressions:
            return False
        if leaves_form(turn, form, message.uttered, self._cues):
            await answer_outside(turn, form)
            return True
        return not filled and await self._digression(turn, form, message)

    async def _digression(self, turn: Turn, form: Form, message: Message) -> bool:
        """Answer a question asked in place of an answer, then go back to the form."""
        if not self._cues.asks(message.text):
            return False
        guess = message.intent == FALLBACK_INTENT or (
            message.confidence < turn.bot.settings.sure_intent
        )
        if not guess and turn.bot.policies.rules.knows_intent(message.intent):
            return False
        found = await self._searched(turn, message)
        if found is not None and found.verdict == "answer":
            found = await self._answers.second_look(turn, found)
        if found is None or found.verdict != "answer":
            return False
        await self._answers.quote(turn, found)
        await back_to_form(turn, form)
        return True

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
            or _guessed(decision)
            or _silent(decision)
            or is_unsure_of_deed(turn, message)
        )
        if not message.is_payload and await self._answered(
            turn, message, decision, weak, on_partial
        ):
            await self._go_on(turn)
            return True
        return weak and await self._missed(turn, decision)

    async def _answered(
        self,
        turn: Turn,
        message: Message,
        decision: Decision,
        weak: bool,
        on_partial: OnPartial | None,
    ) -> bool:
        """Quote, ask back, offer or generate, in this order; True if one of them was right."""
        found = await self._searched(turn, message)
        if found is not None and (weak or self._outranks(turn, message, found, weak)):
            found = await self._answers.second_look(turn, found)
        if found is not None and self._outranks(turn, message, found, weak):
            await self._answers.quote(turn, found, related=not can_offer_task(turn, message))
            offer_task(turn, message)
            return True
        if _silent(decision) and started_form(turn, message.intent) == turn.tracker.loop_name:
            return True
        if clarified(turn, message, weak):
            return True
        return (
            weak
            and found is not None
            and await self._answers.offer_or_generate(turn, found, on_partial)
        )

    async def _searched(self, turn: Turn, message: Message) -> SearchResult | None:
        asked = asked_in(turn, message.understanding, self._cues)
        return await self._answers.search(turn, asked.said, asked.vector)

    async def _go_on(self, turn: Turn) -> None:
        form = turn.bot.domain.forms.get(turn.tracker.loop_name or "")
        if form is not None and turn.handoff is None:
            await back_to_form(turn, form)
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
        form = turn.bot.domain.forms.get(started_form(turn, message.intent) or "")
        if form is None or not self._cues.asks_how(message.text):
            return False
        scores = [hit.score for hit in found.hits[:2]]
        clear = len(scores) < 2 or scores[0] - scores[1] >= _CLEAR_LEAD
        return clear and not filled_by_entities(turn, form, message)

    async def _missed(self, turn: Turn, decision: Decision) -> bool:
        """Nothing fits. The bot's own words for that, or ours; a human after several misses."""
        turn.missed = True
        if is_one_miss_too_many(turn):
            hand_over(turn, "misses")
            return True
        own_words = decision.is_fallback and turn.has_response("utter_default")
        if own_words or not (decision.is_fallback or _silent(decision) or _guessed(decision)):
            return False
        turn.found.route = "fallback"
        turn.aside(REPHRASE, [turn.say("rephrase")])
        await self._go_on(turn)
        return True


def _guessed(decision: Decision) -> bool:
    return decision.policy == TRAINED and decision.confidence < _WEAK_SCORE


def _silent(decision: Decision) -> bool:
    """Nobody knows an answer: the bot would say nothing."""
    return decision.action == ACTION_LISTEN and decision.confidence == 0.0


def _chosen_from_buttons(turn: Turn, text: str) -> bool:
    for event in reversed(turn.tracker.events):
        if isinstance(event, BotUttered):
            buttons = event.data.get("buttons") or ()
            return any(folded(str(b.get("title"))) == folded(text) for b in buttons)
    return False
