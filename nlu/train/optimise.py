"""AdamW over float32 copies of low-precision parameters, what they were of late on the average, and a
file to go on from after a stop."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

WARM_UP = 0.1
WEIGHT_DECAY = 0.01
KEEP_EVERY_S = 30.0
_PARTS = ("weight", "exp_avg", "exp_avg_sq", "mean", "best")


class Optimiser:
    """bfloat16 is too coarse to add small steps to: they are added in float32, then rounded.

    The rate rises over the first tenth of `steps` and falls to nothing over the others. The means of
    the last steps' parameters (Polyak and Juditsky 1992) do better than the last step's own.
    """

    def __init__(
        self, groups: Sequence[tuple[list[nn.Parameter], float]], steps: int, memory: float = 1
    ) -> None:
        """`groups` are parameters and their highest rates; of so many steps means are of."""
        self._parameters = [one for group, _ in groups for one in group]
        self._copies = [one.detach().float().clone() for one in self._parameters]
        self._means = [one.clone() for one in self._copies]
        self._best = [one.detach().clone() for one in self._parameters]
        self._memory = max(memory, 1.0)
        self._rates = [rate for _, rate in groups]
        left = iter(self._copies)
        self._adam = torch.optim.AdamW(
            [{"params": [next(left) for _ in group], "lr": rate} for group, rate in groups],
            weight_decay=WEIGHT_DECAY,
            fused=True,
        )
        for copy in self._copies:  # so that what a file holds is always there to be filled
            self._adam.state[copy] = {
                "step": torch.zeros(()),
                "exp_avg": torch.zeros_like(copy),
                "exp_avg_sq": torch.zeros_like(copy),
            }
        self._steps = steps
        self._warm = max(1, round(steps * WARM_UP))
        self.done = 0

    def step(self, loss: torch.Tensor) -> None:
        if loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]
            self._follow()
        self.done += 1

    def _follow(self) -> None:
        warm, rest = self._warm, max(self._steps - self._warm, 1)
        share = min((self.done + 1) / warm, max(0.0, (self._steps - self.done) / rest))
        for group, rate in zip(self._adam.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        for copy, parameter in zip(self._copies, self._parameters, strict=True):
            copy.grad = None if parameter.grad is None else parameter.grad.float()
            parameter.grad = None
        nn.utils.clip_grad_norm_(self._copies, 1.0)
        self._adam.step()
        with torch.no_grad():  # early ones have few steps to be means of
            share = 1 / min(self._memory, 1 + self.done / 2)
            torch._foreach_lerp_(self._means, self._copies, share)
        self._write(self._copies)

    def _write(self, values: Sequence[torch.Tensor]) -> None:
        with torch.no_grad():
            for parameter, value in zip(self._parameters, values, strict=True):
                parameter.copy_(value)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Inside, the parameters are the means."""
        self._write(self._means)
        try:
            yield
        finally:
            self._write(self._copies)

    def keep_best(self) -> None:
        """The means are the best parameters so far."""
        for best, mean in zip(self._best, self._means, strict=True):
            best.copy_(mean)

    def take_best(self) -> None:
        """For good."""
        self._write(self._best)

    def tensors(self) -> dict[str, torch.Tensor]:
        """All that the next step depends on, by name; they are the optimiser's own, not copies."""
        found: dict[str, torch.Tensor] = {}
        for at, copy in enumerate(self._copies):
            state = self._adam.state[copy]
            values = (
                copy,
                state["exp_avg"],
                state["exp_avg_sq"],
                self._means[at],
                self._best[at],
            )
            found |= {f"{at}.{name}": value for name, value in zip(_PARTS, values, strict=True)}
        return found

    def restore(self, found: dict[str, torch.Tensor], done: int) -> None:
        with torch.no_grad():
            for name, value in self.tensors().items():
                value.copy_(found[name])
        for copy in self._copies:
            self._adam.state[copy]["step"].fill_(done)
        self.done = done
        self._write(self._copies)


class Checkpoint:
    """Where a run stands, in a file; one of another run (told by `key`) is not gone on from."""

    def __init__(self, path: Path, key: str) -> None:
        self._path, self._key = path, key
        self._kept_at = time.monotonic()

    def restore(self, optimiser: Optimiser) -> dict[str, float]:
        """Take up what the file holds, if it is this run's; what was noted with it."""
        try:
            with safe_open(self._path, framework="pt") as file:
                about = file.metadata() or {}
                if about.get("key") == self._key:
                    found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                    optimiser.restore(found, int(about["done"]))
                    noted: dict[str, float] = json.loads(about["noted"])
                    return noted
        except (FileNotFoundError, SafetensorError):
            pass
        return {}

    def keep(self, optimiser: Optimiser, noted: dict[str, float]) -> None:
        """Every so often; a file is never seen half written."""
        if time.monotonic() - self._kept_at < KEEP_EVERY_S:
            return
        scratch = self._path.with_name(self._path.name + ".part")
        about = {"key": self._key, "done": str(optimiser.done), "noted": json.dumps(noted)}
        save_file(optimiser.tensors(), scratch, metadata=about)
        scratch.replace(self._path)
        self._kept_at = time.monotonic()
