"""Tunes a low-rank adapter; resumable, and the best by the held-out scenes is kept."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from dialogue.generate.adapter import save_adapter
from dialogue.generate.gemma_file import GemmaFile, rows_of
from dialogue.generate.marks import ANSWERS
from dialogue.generate.tune.compose import Composer
from dialogue.generate.tune.model import Gemma
from dialogue.generate.tune.pack import Pack, Packer
from dialogue.generate.tune.scenes import FOLDER, digest, load_scenes, split

REFUSED_GOAL = 0.94
"""The threshold is set where this share of held-out questions without an answer is refused."""
LEAST_SURE = 0.5


@dataclass(frozen=True, slots=True)
class TuneOptions:
    steps: int = 500
    """Lessons, each one update: one to three passages and about ten questions."""
    rank: int = 8
    rate: float = 1e-3
    seed: int = 7
    threads: int = 2
    judge_every: int = 100
    patience: int = 3
    """Judgements without a better one before it stops early."""


@dataclass(frozen=True, slots=True)
class Judgement:
    loss: float
    marks: float
    """Share of questions whose kind, and whose passage, was told right."""
    answered: float
    """Share of answerable ones told from the right passage, at the threshold."""
    refused: float
    """Share of unanswerable ones that would not be answered, at the threshold."""
    words: float
    """Share of the reply's tokens foretold right."""
    threshold: float


@dataclass(frozen=True, slots=True)
class Progress:
    step: int
    steps: int
    loss: float
    judgement: Judgement | None
    """The last one."""


class Tuner:
    def __init__(self, source: Path, work: Path, options: TuneOptions, data: Path = FOLDER) -> None:
        torch.manual_seed(options.seed)
        torch.set_num_threads(options.threads)
        self._options, self._work, self._data = options, work, data
        learnt, held = split(load_scenes(data))
        self._composer = Composer(learnt, options.seed)
        file = GemmaFile(source)
        self._levels, self._scales = file.embedding()
        self._packer = Packer(file.tokenizer(), file.bos, file.eos)
        plain = Composer(learnt, options.seed, noisy=False)
        self.joining = self._packer.learn_joining(plain.lesson(i) for i in range(len(plain)))
        judged = Composer(held, options.seed, noisy=False)
        self._held = [self._packer.pack(judged.lesson(i)) for i in range(len(judged))]
        self._model = Gemma(file.shape, file.weight, options.rank, torch.bfloat16)
        self._learnt = self._model.adapter()
        self._optimiser = torch.optim.AdamW(
            self._learnt.values(), options.rate, betas=(0.9, 0.99), weight_decay=0.01
        )
        self._base = file.shape

    def run(self, out: Path, progress: Callable[[Progress], None]) -> Judgement:
        """Train from the last checkpoint, if there is one of the same run. Writes `out`."""
        step, best, worse, spent = self._resume()
        loss, began = 0.0, time.monotonic() - spent
        last: Judgement | None = best
        while step < self._options.steps and worse < self._options.patience:
            value = self._step(self._packer.pack(self._composer.lesson(step)), step)
            step += 1
            loss = value if loss == 0.0 else 0.9 * loss + 0.1 * value
            if step % self._options.judge_every == 0 or step == self._options.steps:
                last = self.judge()
                if best is None or last.loss < best.loss:
                    best, worse = last, 0
                    self._keep(out, last, step, time.monotonic() - began)
                else:
                    worse += 1
                self._checkpoint(step, best, worse, time.monotonic() - began)
            progress(Progress(step, self._options.steps, loss, last))
        if best is None:
            raise ValueError("expected at least one step")
        return best

    def _logits(self, pack: Pack) -> Tensor:
        rows = torch.from_numpy(rows_of(self._levels, self._scales, pack.ids))
        states = self._model(rows, pack.positions, pack.mask.to(self._model.dtype))
        output = torch.from_numpy(rows_of(self._levels, self._scales, pack.candidates))
        logits: Tensor = states[pack.asked].float() @ output.T  # (targets, candidates)
        return logits

    def _step(self, pack: Pack, step: int) -> float:
        done = step / self._options.steps
        warm = min(1.0, (step + 1) / 20)
        for group in self._optimiser.param_groups:
            group["lr"] = self._options.rate * warm * max(0.02, 1 - done)
        losses = functional.cross_entropy(self._logits(pack), pack.targets, reduction="none")
        loss = (losses * pack.weights).sum() / pack.weights.sum()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._learnt.values(), 1.0)
        self._optimiser.step()
        return float(loss.detach())

    @torch.no_grad()
    def judge(self) -> Judgement:
        """On the held-out scenes, without noise."""
        losses: list[float] = []
        words: list[float] = []
        answerable: list[tuple[float, bool]] = []
        unanswerable: list[float] = []
        marks: list[bool] = []
        for pack in self._held:
            logits = self._logits(pack)
            each = functional.cross_entropy(logits, pack.targets, reduction="none")
            losses.append(float((each * pack.weights).sum() / pack.weights.sum()))
            right = (logits.argmax(-1) == pack.targets).tolist()
            places = torch.from_numpy(np.searchsorted(pack.candidates, self._packer.marks))
            chances = logits[:, places].softmax(-1)  # (targets, marks)
            for place, branch in zip(pack.first, pack.branches, strict=True):
                sure = float(chances[place, : len(ANSWERS)].max())
                marked = right[place]
                marks.append(marked)
                if branch.kind == "answer":
                    best = int(chances[place, : len(ANSWERS)].argmax())
                    answerable.append((sure, ANSWERS[best] == branch.mark))
                elif branch.kind == "unknown":
                    unanswerable.append(sure)
            firsts = set(pack.first)
            words += [float(ok) for at, ok in enumerate(right) if at not in firsts]
        least = np.quantile(unanswerable, REFUSED_GOAL) if unanswerable else 0.0
        threshold = max(LEAST_SURE, float(least))
        return Judgement(
            loss=_mean(losses),
            marks=_mean(marks),
            answered=_mean([ok and sure >= threshold for sure, ok in answerable]),
            refused=_mean([sure < threshold for sure in unanswerable]),
            words=_mean(words),
            threshold=round(threshold, 4),
        )

    def _keep(self, out: Path, judgement: Judgement, step: int, seconds: float) -> None:
        card = {
            "base": "gemma-3-270m",
            "command": "lingxi generate train",
            "options": asdict(self._options),
            "data_sha256": digest(self._data),
            "step": step,
            "minutes": round(seconds / 60, 1),
            "held_out": asdict(judgement),
            "threshold": judgement.threshold,
            "joining": self.joining,
        }
        tensors = {name: t.detach().numpy() for name, t in self._learnt.items()}
        save_adapter(out, tensors, card)

    # checkpoints: tensors and figures, never a pickle

    @property
    def _run(self) -> Mapping[str, object]:
        return {**asdict(self._options), "data": digest(self._data)}

    def _checkpoint(self, step: int, best: Judgement, worse: int, seconds: float) -> None:
        tensors: dict[str, Tensor] = {}
        for name, parameter in self._learnt.items():
            state = self._optimiser.state[parameter]
            tensors[name] = parameter.detach().contiguous()
            tensors[f"{name}/mean"] = state["exp_avg"]
            tensors[f"{name}/square"] = state["exp_avg_sq"]
        self._work.mkdir(parents=True, exist_ok=True)
        scratch = self._work / "checkpoint.part"
        figures = {
            "run": self._run,
            "step": step,
            "best": asdict(best),
            "worse": worse,
            "seconds": seconds,
        }
        save_file(tensors, scratch, {"figures": json.dumps(figures)})
        scratch.rename(self._work / "checkpoint.safetensors")

    def _resume(self) -> tuple[int, Judgement | None, int, float]:
        path = self._work / "checkpoint.safetensors"
        figures = _figures(path)
        if figures is None or figures["run"] != self._run:
            return 0, None, 0, 0.0
        tensors = load_file(path)
        with torch.no_grad():
            for name, parameter in self._learnt.items():
                parameter.copy_(tensors[name])
                self._optimiser.state[parameter] = {
                    "step": torch.tensor(float(figures["step"])),
                    "exp_avg": tensors[f"{name}/mean"],
                    "exp_avg_sq": tensors[f"{name}/square"],
                }
        best = Judgement(**figures["best"])
        return figures["step"], best, figures["worse"], figures["seconds"]


def _figures(path: Path) -> dict[str, Any] | None:
    from safetensors import safe_open

    if not path.is_file():
        return None
    with safe_open(path, "pt") as file:
        figures: dict[str, Any] = json.loads(file.metadata()["figures"])
        return figures


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0
