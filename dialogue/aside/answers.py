"""Answers from the company's knowledge: quoted, offered as buttons, or generated from it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from dialogue.aside.asked_figure import lacks_figure
from dialogue.aside.human import is_one_miss_too_many
from dialogue.aside.knowledge_actions import ANSWER_FAQ, GENERATE, SUGGEST
from dialogue.aside.related import related_buttons
from dialogue.aside.second_look import needs_look, weighed
from dialogue.events import BotUttered, Event, UserUttered
from dialogue.generate.types import (
    Generated,
    GenerationRequest,
    Generator,
    Judge,
    Passage,
    Refused,
    Said,
)
from dialogue.knowledge.types import Hit, Knowledge, SearchResult
from dialogue.tracing import span
from dialogue.turn import Turn
from dialogue.types import Candidate, OnPartial
from nlu.types import FALLBACK_INTENT, Understanding, Vector

MAX_SUGGESTIONS = 3
MAX_PASSAGES = 3
_CONTEXT_MESSAGES = 3
_SAID_MESSAGES = 6
_JUDGED = ("unknown", "ungrounded", "clarify", "human", "polite")


def only_answers(action: str) -> bool:
    """Whether an action says something and does nothing, by its name."""
    return action.startswith(("utter_", "action_answer_"))


class Answers:
    """The knowledge and the generator of one assistant; either may be missing."""

    def __init__(
        self,
        knowledge: Knowledge | None,
        generator: Generator | None,
        generation_deadline_s: float,
        judge: Judge | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._generator = generator
        self._judge = judge
        self._deadline_s = generation_deadline_s

    async def search(
        self, turn: Turn, text: str, vector: Vector | None, before: Sequence[str] = ()
    ) -> SearchResult | None:
        """What the knowledge has on `text`; None when there is none, or it failed.

        `before` is what the same message says before it, where it is taken apart. Of what has no
        letter, ``1`` or ``...``, nothing is asked.

        A turn that looks beside its flow first, and then asks by a rule, searches once.
        """
        if self._knowledge is None or not any(map(str.isalpha, text)):
            return None
        if (known := turn.searched.get(text)) is not None:
            return known
        began = time.perf_counter()
        try:
            with span("faq") as current:
                result = await self._knowledge.search(
                    text,
                    language=turn.language,
                    vector=vector,
                    context=(*_context(turn), *before)[-_CONTEXT_MESSAGES:],
                    audience=turn.audience,
                )
                current.set_attribute("lingxi.verdict", result.verdict)
        except Exception as error:
            turn.note(f"knowledge search failed: {type(error).__name__}: {error}")
            return None
        turn.found.spent("search", began)
        _trace(turn, result)
        turn.searched[text] = result
        return result

    async def second_look(self, turn: Turn, found: SearchResult) -> SearchResult:
        """`found` as the language model judges it too, where it has to be judged and can be."""
        judged = await self._judged(turn, found)
        best = judged.best
        if best is None or best.is_stored or judged.verdict != "answer":
            return judged
        if not lacks_figure(judged.query, best.entry.answer(turn.language, turn.channel)):
            return judged
        return replace(judged, verdict="did_you_mean")

    async def _judged(self, turn: Turn, found: SearchResult) -> SearchResult:
        if self._judge is None or not needs_look(found):
            return found
        began = time.perf_counter()
        chances = await self._judge.judge(self._request(turn, found))
        turn.found.spent("judge", began)
        if chances is None:
            return found
        of = dict(zip((h.entry.id for h in _read(found)), chances, strict=True))
        judged = weighed(found, [of[hit.entry.id] for hit in found.hits[:MAX_PASSAGES]])
        _trace(turn, judged)
        return judged

    def _request(self, turn: Turn, found: SearchResult) -> GenerationRequest:
        language = turn.language
        passages = [
            Passage(h.entry.id, h.entry.title(language), h.entry.answer(language), h.score)
            for h in _read(found)
        ]
        return GenerationRequest(
            found.query, passages, language, _said(turn), deadline_s=self._deadline_s
        )

    async def quote(self, turn: Turn, found: SearchResult, *, related: bool = True) -> None:
        """Answer with the best entry, word for word, and `related` questions to go on with."""
        turn.found.route = "faq"
        best = found.best
        events = await self._quoted(turn, found, related)
        turn.aside(ANSWER_FAQ, events, best.score if best else 0.0)

    async def _quoted(self, turn: Turn, found: SearchResult, related: bool) -> list[Event]:
        best = found.best
        if best is None or self._knowledge is None:
            return []
        buttons = await related_buttons(turn, self._knowledge, best.entry) if related else []
        text = best.entry.answer(turn.language, turn.channel)
        if found.again:
            text = f"{turn.bot.words.say('told_before', turn.language)}\n{text}"
        content = {"text": text, "buttons": buttons}
        return [turn.message(content, source="faq", faq_id=best.entry.id, files=best.entry.files)]

    async def offer_or_generate(
        self, turn: Turn, found: SearchResult, on_partial: OnPartial | None
    ) -> bool:
        """Between certainty and nothing: offer what is near, or let the generator try."""
        if found.verdict == "did_you_mean" and found.suggestions:
            written = await self._from_passage(turn, found, on_partial)
            if written:
                turn.aside(GENERATE, written)
                return True
            turn.found.route = "faq"
            turn.aside(SUGGEST, [_suggestion(turn, found)], found.suggestions[0].score)
            return True
        events = await self._generated(turn, found, on_partial)
        if events:
            turn.aside(GENERATE, events)
        return bool(events)

    async def as_action(
        self, turn: Turn, understanding: Understanding, on_partial: OnPartial | None
    ) -> list[Event]:
        """``action_answer_faq`` of a rule: the same ladder, as events of the action."""
        found = await self.search(turn, understanding.said, understanding.vector)
        if found is not None:
            found = await self.second_look(turn, found)
        if found is not None and found.verdict == "answer":
            turn.found.route = "faq"
            return await self._quoted(turn, found, related=True)
        if found is not None and found.verdict == "did_you_mean" and found.suggestions:
            written = await self._from_passage(turn, found, on_partial)
            if not written:
                turn.found.route = "faq"
            return written or [_suggestion(turn, found)]
        if found is not None:
            generated = await self._generated(turn, found, on_partial)
            if generated:
                return generated
        turn.missed = True
        if is_one_miss_too_many(turn):
            turn.hand_over("misses")
            return [turn.say("handoff_misses")]
        turn.found.route = "fallback"
        return [turn.say("rephrase")]

    async def _from_passage(
        self, turn: Turn, found: SearchResult, on_partial: OnPartial | None
    ) -> list[Event]:
        """What a document says to the question: it is no answer word for word, as an entry's is."""
        if found.best is None or found.best.entry.kind != "passage":
            return []
        asks_figure = lacks_figure(found.query, "")  # then nothing is shown before it is told
        reply = await self._reply(turn, found, None if asks_figure else on_partial)
        if not isinstance(reply, Generated) or lacks_figure(found.query, reply.text):
            return []
        return [_written(turn, reply)]

    async def _generated(
        self, turn: Turn, found: SearchResult, on_partial: OnPartial | None
    ) -> list[Event]:
        """A reply written from what was found, else what the model's refusal leads to."""
        reply = await self._reply(turn, found, on_partial)
        if reply is None:
            return []
        return [_written(turn, reply)] if isinstance(reply, Generated) else _instead(turn, reply)

    async def _reply(
        self, turn: Turn, found: SearchResult, on_partial: OnPartial | None
    ) -> Generated | Refused | None:
        """Of the model, every sentence supported; None where there is no model or nothing to read."""
        if self._generator is None or not self._generator.ready or not found.hits:
            return None
        began = time.perf_counter()
        request = self._request(turn, found)
        with span("generation", passages=len(request.passages)) as current:
            reply = await self._generator.generate(request, on_partial)
            current.set_attribute("lingxi.refused", isinstance(reply, Refused))
        turn.found.spent("generate", began)
        if isinstance(reply, Refused):
            turn.found.notes.append(f"generation: {reply.reason} {reply.words}".strip())
        return reply


def _read(found: SearchResult) -> Sequence[Hit]:
    """What a model reads, in an order that stays as scores change: it need not read it twice."""
    return sorted(found.hits[:MAX_PASSAGES], key=lambda hit: hit.entry.id)


def _trace(turn: Turn, found: SearchResult) -> None:
    turn.found.candidates = tuple(
        Candidate(h.entry.id, h.question, h.score, h.lexical, h.semantic) for h in found.hits
    )
    turn.found.thresholds.update(
        faq_answer=found.thresholds.answer, faq_suggest=found.thresholds.suggest
    )


def _written(turn: Turn, reply: Generated) -> BotUttered:
    turn.found.route = "generate"
    return turn.message({"text": reply.text}, source="generated", citations=reply.citations)


def _instead(turn: Turn, refused: Refused) -> list[Event]:
    """What the model's own judgement of the message leads to; nothing where it failed.

    Whatever it is, nothing was answered: a miss, and after several a human comes.
    """
    if refused.reason not in _JUDGED or is_one_miss_too_many(turn):
        return []
    turn.found.route = "fallback"
    turn.missed = True
    match refused.reason:
        case "polite":
            return [turn.say("polite")]
        case "human":
            return [_offer_of_human(turn, "offer_human")]
        case _:
            return [_offer_of_human(turn, "not_known")]


def _offer_of_human(turn: Turn, key: str) -> BotUttered:
    words = turn.bot.words
    human = words.say("human_button", turn.language)
    text = words.say(key, turn.language)
    return turn.message(
        {"text": text, "buttons": [{"title": human, "payload": human}]}, source="system"
    )


def _suggestion(turn: Turn, found: SearchResult) -> BotUttered:
    titles = dict.fromkeys(
        hit.entry.title(turn.language) for hit in found.suggestions[:MAX_SUGGESTIONS]
    )
    buttons = [{"title": title, "payload": title} for title in titles]
    none = turn.bot.words.say("none_of_these", turn.language)
    buttons.append({"title": none, "payload": f"/{FALLBACK_INTENT}"})
    text = turn.bot.words.say("did_you_mean", turn.language)
    return turn.message({"text": text, "buttons": buttons}, source="faq")


def _context(turn: Turn) -> Sequence[str]:
    said = [e.said for e in turn.tracker.events if isinstance(e, UserUttered) and e.said]
    return [text for text in said[-_CONTEXT_MESSAGES - 1 : -1] if not text.startswith("/")]


def _said(turn: Turn) -> Sequence[Said]:
    said = []
    for event in turn.tracker.events:
        if isinstance(event, UserUttered) and event.said:
            said.append(Said("customer", event.said))
        elif isinstance(event, BotUttered) and event.text:
            said.append(Said("bot", event.text))
    return said[:-1][-_SAID_MESSAGES:]
