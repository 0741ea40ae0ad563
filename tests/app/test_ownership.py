"""The ownership machine, driven at random: whatever is asked, its promises hold."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.errors import LingxiError
from app.handoff.ownership import BY_AGENTS, TRANSITIONS, Actor, Command, Ownership, apply

AGENTS = ("a", "b")
COMMANDS: tuple[Command, ...] = tuple(sorted({command for _, command in TRANSITIONS}))


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = Ownership("bot")

    @rule(
        command=st.sampled_from(COMMANDS),
        kind=st.sampled_from(("visitor", "bot", "agent")),
        id_=st.sampled_from(AGENTS),
        to=st.sampled_from((None, *AGENTS)),
    )
    def ask(self, command: Command, kind: str, id_: str, to: str | None) -> None:
        before = self.now
        actor = Actor(kind, id_ if kind == "agent" else kind)  # type: ignore[arg-type]
        try:
            self.now = apply(before, command, actor, to)
        except LingxiError:
            return
        if kind != "agent":
            assert command not in BY_AGENTS
            assert before.owner != "agent" or self.now == before, "only agents give up a chat"
        if before.owner == "agent" and before.agent_id != actor.id and kind == "agent":
            assert self.now == before, "nobody takes a chat from another agent"

    @invariant()
    def one_agent_exactly_while_an_agent_owns(self) -> None:
        assert (self.now.owner == "agent") == (self.now.agent_id is not None)


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)


def test_an_impossible_owner_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="expected an agent exactly when"):
        Ownership("agent")
