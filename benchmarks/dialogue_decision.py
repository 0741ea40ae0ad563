"""One decision of the dialogue: state and understanding in, next action out.

Every decision point of the bot's test stories is decided with a tracker at hand, as a turn does
it. The baseline decides the same points from the stored events alone (JSON to tracker, then the
decision), which is what a host without a tracker at hand would pay. Both in one process, in turn;
of each point the best of the rounds counts, so that a busy machine is not measured.

    python benchmarks/dialogue_decision.py [BOT]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from dialogue.events import ActionExecuted, Event, event_to_json
from dialogue.history import Lookback
from dialogue.policy.ensemble import Policies
from dialogue.policy.paths import paths_of
from dialogue.policy.trained import load_trained
from dialogue.project import Project, load_project
from dialogue.tracker import Tracker
from dialogue.types import StoredEvent

ROUNDS = 5
WANTED_P99_MS = 2.0


def decision_points(project: Project) -> Iterator[list[Event]]:
    """The events before each action of each test story."""
    for path in paths_of(project.domain, project.tests):
        events = list(path.events)
        for index, event in enumerate(events):
            if isinstance(event, ActionExecuted) and index:
                yield events[:index]


def timed_ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def main() -> None:
    bot = Path(sys.argv[1] if len(sys.argv) > 1 else "bots/shop")
    project = load_project(bot)
    trained = Path("var") / "models" / bot.name / "policy"
    policies = Policies.build(project, load_trained(trained, project) if trained.is_dir() else None)
    points = list(decision_points(project))
    ours: list[float] = []
    baseline: list[float] = []
    for events in points:
        tracker = Tracker.of(project.domain, events)
        stored = [event_to_json(event) for event in events]
        mine, theirs = [], []
        for _ in range(ROUNDS):
            lookback = Lookback(tracker)
            mine.append(timed_ms(lambda t=tracker, b=lookback: policies.decide(t, b)))
            theirs.append(timed_ms(lambda s=stored: _from_stored(project, policies, s)))
        ours.append(min(mine))
        baseline.append(min(theirs))
    print(f"{bot}: {len(points)} decisions, best of {ROUNDS} rounds each")
    for name, times in (("decision", ours), ("baseline: from stored events", baseline)):
        p50, p99 = np.percentile(times, [50, 99])
        print(f"{name:30} p50 {p50:6.3f} ms   p99 {p99:6.3f} ms")
    print(f"wanted: p99 below {WANTED_P99_MS:g} ms")


def _from_stored(project: Project, policies: Policies, stored: list[StoredEvent]) -> object:
    return policies.decide(Tracker.fold(project.domain, stored))


if __name__ == "__main__":
    main()
