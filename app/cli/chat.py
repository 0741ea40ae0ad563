"""``lingxi chat``: talk to a bot in the terminal and see why it answers as it does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from app.cli.chat_remote import NoServerError, chat_with_server
from app.cli.conversation import Conversation
from app.cli.database import open_database
from app.cli.project import open_project
from app.cli.settings import errors, expect_model, load_settings
from app.config import Settings
from app.engines import Engines
from dialogue.types import Reply, TurnResult
from nlu.types import Understanding

PROMPT = "› "
NEW = "/new"
"""Typed by itself: start a new conversation."""

app = typer.Typer()


@app.command()
def chat(
    bot: Annotated[Path | None, typer.Option(help="The bot project; else the settings'.")] = None,
    url: Annotated[
        str | None, typer.Option(help="A running server's socket, ws://host:port/ws.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Replies only, no reasons.")] = False,
) -> None:
    """Talk to a bot in the terminal, or line by line from standard input."""
    console = Console(highlight=False)
    if url is not None:
        in_turn = not sys.stdin.isatty()
        show = partial(show_reply, console, number=1)
        try:
            asyncio.run(chat_with_server(url, read_line, show, in_turn=in_turn))
        except NoServerError as error:
            errors.print(f"[red]✗[/] {escape(str(error))}")
            raise typer.Exit(1) from None
        return
    settings = load_settings(bot=bot.resolve() if bot else None)
    open_project(settings.bot)
    expect_model(settings)
    asyncio.run(_chat(settings, console, quiet))


async def _chat(settings: Settings, console: Console, quiet: bool) -> None:
    async with running_engines(settings) as engines:
        talk = Conversation(engines)
        while (line := await read_line()) is not None:
            if line.strip() == NEW:
                talk.forget()
                console.rule(style="dim")
                continue
            understanding, result = await talk.say(line)
            show_turn(console, understanding, result, quiet)


@asynccontextmanager
async def running_engines(settings: Settings) -> AsyncIterator[Engines]:
    """The engines that a server of these settings would have; the project's own knowledge."""
    from app.faq.seed import project_entries
    from app.main import build_engines

    entries = await asyncio.to_thread(project_entries, settings.bot, settings.zone)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        engines = await build_engines(settings, database)
        await engines.knowledge.replace(entries)
        for close in engines.close:
            stack.push_async_callback(close)
        yield engines


async def read_line() -> str | None:
    """The next line without its end; None at the end of the input."""
    if sys.stdin.isatty():
        try:
            typed: str = await asyncio.to_thread(input, PROMPT)
        except EOFError:
            return None
        return typed
    line: str = await asyncio.to_thread(sys.stdin.readline)
    if not line:
        return None
    typer.echo(PROMPT + line.rstrip("\n"))
    return line.rstrip("\n")


def show_turn(
    console: Console, understanding: Understanding, result: TurnResult, quiet: bool
) -> None:
    if not quiet:
        for reason in reasons(understanding, result):
            console.print(Text(reason, style="dim"))
    number = 1
    for reply in result.replies:
        number = show_reply(console, reply, number)
    if result.handoff is not None:
        console.print(Text(f"→ {result.handoff.reason}: {result.handoff.summary}", style="yellow"))


def show_reply(console: Console, reply: Reply, number: int) -> int:
    """Print one reply, its buttons numbered from `number`; the next free number."""
    console.print(Text(reply.text))
    for button in reply.buttons:
        console.print(Text(f"  [{number}] {button.title}", style="cyan"))
        number += 1
    for other in (reply.image, reply.attachment):
        if other:
            console.print(Text(f"  {other}", style="cyan"))
    return number


def reasons(understanding: Understanding, result: TurnResult) -> Sequence[str]:
    """Why the turn went as it did, in a few short lines."""
    mood = understanding.sentiment
    ranking = ", ".join(f"{s.name} {s.confidence:.2f}" for s in understanding.intent_ranking[:3])
    lines = [f"  {ranking}; {understanding.language}, {mood.label} {mood.strength:.2f}"]
    if understanding.entities:
        found = ", ".join(f"{e.entity}={e.value!r}" for e in understanding.entities)
        lines.append(f"  {found}")
    trace = result.trace
    decisions = " → ".join(
        f"{d['action']} ({d['policy']} {d['confidence']:.2f})" for d in trace.decisions
    )
    lines.append(f"  {trace.route}: {decisions}")
    if trace.candidates:
        shown = ", ".join(f"{c.entry_id} {c.score:.2f}" for c in trace.candidates[:3])
        limits = ", ".join(f"{name} {value:.2f}" for name, value in trace.thresholds.items())
        lines.append(f"  {shown} ({limits})")
    slots = {name: value for name, value in trace.slots.items() if value is not None}
    lines.append("  " + ", ".join(f"{name}={value!r}" for name, value in slots.items()))
    lines.extend(f"  ! {note}" for note in trace.notes)
    return lines
