"""When an understanding is not believed: Rasa's FallbackClassifier, and free text inside a form."""

from __future__ import annotations

from dataclasses import replace

from dialogue.project.model import AssistantSettings
from dialogue.replies.cues import Cues
from dialogue.tracker import Tracker
from nlu.types import FALLBACK_INTENT, IntentScore, Understanding

_SAID_IT = 0.9
"""How sure it is that who begins with yes means yes."""


def doubted(
    understanding: Understanding, tracker: Tracker, settings: AssistantSettings, cues: Cues
) -> Understanding:
    """`understanding`, or the same with ``nlu_fallback`` where its intent is a mere guess.

    ``漏水`` after "what is the reason?" is the reason, though it looks a little like a warranty
    question: where the form waits for free text, only a sure intent is more than that.
    """
    top = understanding.intent
    if top.name == FALLBACK_INTENT:
        return understanding
    ranking = understanding.intent_ranking
    second = ranking[1].confidence if len(ranking) > 1 else 0.0
    unsure = (
        top.confidence < settings.nlu_threshold
        or (not settings.enabled and top.confidence - second < settings.nlu_ambiguity)
        or (
            settings.enabled
            and top.confidence < settings.sure_intent
            and not cues.asks(understanding.said)
            and waits_for_free_text(tracker)
            and top.name not in _answers(tracker)
        )
    )
    if not unsure:
        return understanding
    return replace(understanding, intent=IntentScore(FALLBACK_INTENT, 1 - top.confidence))


def read_in_form(
    understanding: Understanding, tracker: Tracker, settings: AssistantSettings, cues: Cues
) -> Understanding:
    """`understanding`, or the same with the intent that its first words show inside a form.

    ``yes cancel it`` after "cancel the order?" cancels the order, and not the task; ``算了，查下 A10070``
    gives the task up, though it asks for something else too.
    """
    if tracker.loop_name is None or understanding.text.startswith("/"):
        return understanding
    meant: str | None = None
    if cues.cancels(understanding.said):
        known = tracker.domain.intents
        meant = next((name for name in settings.cancel_intents if name in known), None)
    elif not cues.asks(understanding.said):
        meant = _yes_or_no(understanding, tracker, cues)
    if meant is None:
        return understanding
    score = IntentScore(meant, max(understanding.intent.confidence, _SAID_IT))
    return replace(understanding, intent=score)


def _yes_or_no(understanding: Understanding, tracker: Tracker, cues: Cues) -> str | None:
    """The intent by which the form's yes or no question is answered so."""
    slot = tracker.domain.slots.get(tracker.requested_slot or "")
    said = cues.first_says(understanding.said)
    if slot is None or slot.type != "bool" or said is None:
        return None
    name = understanding.intent.name
    meaning = [m.intents for m in slot.mappings if m.type == "from_intent" and m.value is said]
    if any(name in intents for intents in meaning):
        return name
    if name in _answers(tracker):
        return None
    return next((intents[0] for intents in meaning if intents), None)


def waits_for_free_text(tracker: Tracker) -> bool:
    """Whether any text at all answers the open form's question."""
    slot = tracker.domain.slots.get(tracker.requested_slot or "")
    return slot is not None and any(
        mapping.type == "from_text"
        and (not mapping.intents or FALLBACK_INTENT in mapping.intents)
        and FALLBACK_INTENT not in mapping.not_intents
        for mapping in slot.mappings
    )


def _answers(tracker: Tracker) -> frozenset[str]:
    return answering_intents(tracker, tracker.requested_slot or "")


def answering_intents(tracker: Tracker, slot: str) -> frozenset[str]:
    """Intents by which a message may answer the open form's question for `slot`."""
    form = tracker.loop_name
    known = tracker.domain.slots.get(slot)
    return frozenset(
        intent
        for mapping in (known.mappings if known else ())
        if mapping.type in ("from_text", "from_intent")
        and (not mapping.conditions or any(c.active_loop == form for c in mapping.conditions))
        for intent in mapping.intents
    )
