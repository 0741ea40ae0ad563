"""From scenes to lessons: passages with many questions on them, some of which they do not answer.

What a lesson holds depends on the seed and its number alone, so that a run can be resumed. A
passage's number is what the model answers with, so their order is shuffled; a passage may be
left out, and then its questions have no answer, which is the hardest kind of no.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from dialogue.generate.marks import ANSWERS, OTHERS, Kind
from dialogue.generate.prompt import harmless, passages_prompt, question_prompt
from dialogue.generate.tune.scenes import Note, Scene, Turn
from dialogue.generate.types import Said
from nlu.types import Language

_MARK_OF = {kind: mark for mark, kind in OTHERS.items()}
_VERDICT = re.compile(
    r"(?:不能|能|不可以|可以|不是|是|是的|不会|会|没有|有|不行|行|不需要|需要|不用|对|不对|不送)，"
    r"|(?:Yes|No)[,.] "
)
"""Yes or no is not learnt: a small model guesses it. What the passage says answers by itself."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One question on a lesson's passages."""

    prompt: str
    mark: str
    text: str
    """The reply after the mark; empty unless the mark is a passage's number."""
    kind: Kind


@dataclass(frozen=True, slots=True)
class Lesson:
    passages: str
    branches: tuple[Branch, ...]


@lru_cache(maxsize=1)
def _noise() -> Mapping[Language, Mapping[str, Sequence[str]]]:
    words: Mapping[Language, Mapping[str, Sequence[str]]] = yaml.safe_load(
        (files(__package__) / "noise.yml").read_text(encoding="utf-8")
    )
    return words


class Composer:
    def __init__(self, scenes: Sequence[Scene], seed: int, *, noisy: bool = True) -> None:
        self._scenes, self._seed, self._noisy = scenes, seed, noisy
        self._by_language = {
            language: [s for s in scenes if s.language == language] for language in ("zh", "en")
        }

    def __len__(self) -> int:
        return len(self._scenes)

    def lesson(self, number: int) -> Lesson:
        epoch, place = divmod(number, len(self._scenes))
        order = list(range(len(self._scenes)))
        random.Random(f"{self._seed}:{epoch}").shuffle(order)
        return self._compose(
            self._scenes[order[place]], random.Random(f"{self._seed}:{epoch}:{place}")
        )

    def _compose(self, scene: Scene, rng: random.Random) -> Lesson:
        notes = [(note, index) for index, note in enumerate(scene.passages)]
        rng.shuffle(notes)
        most = len(ANSWERS)
        if len(notes) > most or (len(notes) > 1 and rng.random() < 0.3):
            notes = notes[: min(most, len(notes) - 1)]
        others = self._others(scene, rng)
        if len(notes) < most and others and rng.random() < 0.6:
            note = rng.choice(rng.choice(others).passages)
            notes.insert(rng.randrange(len(notes) + 1), (note, -1))
        numbers = {own: number for number, (_, own) in enumerate(notes) if own >= 0}
        shown = [self._planted(note, scene.language, rng) for note, _ in notes]
        branches = [
            branch
            for turn in scene.turns
            if (branch := self._branch(turn, scene, numbers, rng)) is not None
        ]
        branches += self._strange(others, scene.language, rng)
        rng.shuffle(branches)
        passages = passages_prompt([(n.title, n.text) for n in shown], scene.language)
        return Lesson(passages, tuple(branches))

    def _others(self, scene: Scene, rng: random.Random) -> list[Scene]:
        """One of the same trade, whose passages are near, and one of any other."""
        pool = [s for s in self._by_language[scene.language] if s.id != scene.id]
        near = [s for s in pool if s.trade == scene.trade]
        far = [s for s in pool if s.trade != scene.trade]
        return [rng.choice(some) for some in (near, far) if some]

    def _branch(
        self, turn: Turn, scene: Scene, numbers: Mapping[int, int], rng: random.Random
    ) -> Branch | None:
        kind = turn.kind
        if kind == "clarify" and len(numbers) < len(scene.passages):
            return None
        if kind == "answer":
            known = [index for index in turn.cited if index in numbers]
            if 0 < len(known) < len(turn.cited):
                return None
            if not known:
                kind = "unknown"
        history = [Said(by, text) for by, text in turn.after]
        ask = self._asked(turn.ask, scene.language, rng) if self._noisy else turn.ask
        prompt = question_prompt(ask, history, scene.language)
        if kind != "answer":
            return Branch(prompt, _MARK_OF[kind], "", kind)
        return Branch(prompt, ANSWERS[numbers[turn.cited[0]]], told(turn.text), kind)

    def _strange(
        self, others: Sequence[Scene], language: Language, rng: random.Random
    ) -> list[Branch]:
        """Questions that have nothing to do with the passages, and attacks."""
        asks = [
            self._asked(turn.ask, language, rng)
            for scene in others
            for turn in rng.sample(scene.turns, 1)
            if turn.kind in ("answer", "unknown") and not turn.after
        ]
        if self._noisy and rng.random() < 0.3:
            asks.append(rng.choice(_noise()[language]["attacks"]))
        return [
            Branch(question_prompt(ask, [], language), _MARK_OF["unknown"], "", "unknown")
            for ask in asks
        ]

    def _planted(self, note: Note, language: Language, rng: random.Random) -> Note:
        if not self._noisy or rng.random() > 0.06:
            return note
        order = rng.choice(_noise()[language]["planted"])
        between = "" if language == "zh" else " "
        return Note(title=note.title, text=f"{note.text}{between}{order}")

    def _asked(self, ask: str, language: Language, rng: random.Random) -> str:
        """`ask` as another customer may type it: its answer is the same."""
        noise = _noise()[language]
        for kind, share in (("greetings", 0.08), ("insults", 0.06), ("orders", 0.06)):
            if rng.random() < share:
                ask = rng.choice(noise[kind]) + ask
        if rng.random() < 0.08 and len(ask) > 4:
            place = rng.randrange(len(ask) - 1)
            ask = ask[:place] + rng.choice(["", ask[place] * 2]) + ask[place + 1 :]
        if rng.random() < 0.15:
            ask = (
                ask.rstrip("？?。.！!")
                if ask[-1] in "？?"
                else ask + ("？" if language == "zh" else "?")
            )
        return ask


def told(reply: str) -> str:
    """What a reply says without its yes or no: ``No, a new card costs £6.`` is ``A new card ...``."""
    text = harmless(_VERDICT.sub("", reply, count=1) if _VERDICT.match(reply) else reply, 500)
    return text[:1].upper() + text[1:]
