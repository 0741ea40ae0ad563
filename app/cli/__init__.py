"""The command line ``lingxi``: one table of commands, each loaded when it is called.

`lingxi --help` and `lingxi serve` must not wait for a trainer's imports, so a command's module
is imported only when that command runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


class Entry(NamedTuple):
    target: str
    """``module:attribute``, a Typer app."""
    help: str


COMMANDS = {
    "serve": Entry("app.cli.serve:app", "Serve the bot, the widget and the dashboard."),
    "setup": Entry("app.cli.setup:app", "Convert the weights, build the database, train the bot."),
    "chat": Entry("app.cli.chat:app", "Talk to a bot in the terminal."),
    "parse": Entry("app.cli.parse:app", "Understand one text: intent, entities, sentiment, words."),
    "say": Entry("app.cli.say:app", "Speak one text into a sound file."),
    "train": Entry("app.cli.bot:train_app", "Train a bot project."),
    "test": Entry("app.cli.bot_tests:app", "Run a bot project's test stories."),
    "validate": Entry("app.cli.bot:validate_app", "Check a bot project for mistakes."),
    "stories": Entry("app.cli.stories:app", "Write stored conversations as stories."),
    "nlu": Entry("app.cli.nlu:app", "Train and judge understanding on any data."),
    "faq": Entry("app.cli.faq:app", "The knowledge: import, export, search and judge it."),
    "generate": Entry("app.cli.generate:app", "The language model: tune and judge it."),
    "doctor": Entry("app.cli.doctor:app", "Check this installation, and say what to do."),
    "backup": Entry("app.cli.backup:backup_app", "Back up the data, while chats go on."),
    "restore": Entry("app.cli.backup:restore_app", "Put a backup's data in place."),
    "settings": Entry("app.cli.settings:app", "Print the table of all settings."),
    "db": Entry("app.cli.db:db_app", "The database: upgrade it."),
    "privacy": Entry("app.cli.privacy:app", "Find, hand out and forget one customer."),
    "audit": Entry("app.cli.audit:app", "The audit log: whether it is whole."),
    "agent": Entry("app.cli.agent:app", "Human agents: add one."),
}


class LazyCommand(TyperCommand):
    """Shows its help line in lists; becomes the real command when it is invoked."""

    def __init__(self, name: str, entry: Entry) -> None:
        super().__init__(name, params=[], help=entry.help, callback=None)
        self.entry = entry

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        module, attribute = self.entry.target.split(":")
        real = get_command(getattr(import_module(module), attribute))
        real.name = self.name
        return real.make_context(info_name, args, parent=parent, **extra)


class LazyGroup(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = COMMANDS.get(cmd_name)
        return LazyCommand(cmd_name, entry) if entry else None


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Lingxi (灵犀): an intelligent customer-service chatbot that you run yourself.",
)


@app.callback()
def root() -> None:
    """Lingxi (灵犀): an intelligent customer-service chatbot that you run yourself."""


def main(args: Sequence[str] | None = None) -> None:
    app(args=list(args) if args is not None else None)
