"""How a story is spoken to a live bot and judged; the speaking itself is `lingxi test --e2e`."""

from __future__ import annotations

from pathlib import Path

from dialogue.project import load_project
from dialogue.testing.live import LiveReport, LiveResult, scripts_of

CAFE = Path(__file__).parent / "bots" / "cafe"


def done(*names: str) -> list[dict[str, str]]:
    return [{"event": "action", "name": name} for name in (*names, "action_listen")]


def test_a_story_becomes_lines_with_the_actions_they_should_lead_to() -> None:
    scripts, warnings = scripts_of(load_project(CAFE))
    assert scripts
    assert not warnings
    for script in scripts:
        for line in script.lines:
            assert line.text
            assert "action_listen" not in line.actions


def test_other_actions_than_the_story_s_are_a_divergence() -> None:
    script = scripts_of(load_project(CAFE))[0][0]
    line = script.lines[0]
    result = LiveResult(script.name)
    result.judge(line, done(*line.actions))
    assert not result.divergences
    result.judge(line, done("action_default_fallback"))
    result.judge(line, [])
    report = LiveReport((result,)).as_json()
    assert (report["turns"], report["turns_agreed"], report["failed"]) == (3, 1, [script.name])
