"""``lingxi agent``: the people who work at the desk."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from app.cli.database import open_database
from app.cli.settings import errors, load_settings
from app.config import Settings
from app.models.agents import Role

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

app = typer.Typer(no_args_is_help=True)


@app.callback()
def agent() -> None:
    """Human agents."""


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    name: Annotated[str, typer.Option(help="What customers see.", prompt="Name")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = "agent",
) -> None:
    """Add an agent. Asks for the password, or takes it from standard input."""
    from app.auth.service import MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS

    email, name = email.strip(), name.strip()
    if not ADDRESS.fullmatch(email):
        _refuse(f"expected an e-mail address, got {email!r}")
    if not name:
        _refuse("expected a name, got nothing")
    settings = load_settings()
    password = _password()
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        _refuse(
            f"expected a password of {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters, "
            f"got {len(password)}"
        )
    asyncio.run(_add(settings, email, name, password, role))
    Console().print(f"{name} may sign in as {email}, with the role {role}")


@app.command("reset-second-factor")
def reset_second_factor(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
) -> None:
    """Let an agent sign in by password alone, when the authenticator is lost."""
    from app.errors import DatabaseUnavailable

    try:
        done = asyncio.run(_reset(load_settings(), email.strip()))
    except (DatabaseUnavailable, OSError) as error:
        _refuse(f"the database cannot be used now: {error}")
    if not done:
        _refuse(f"expected an agent with two-step sign-in, got {email}")
    Console().print(f"{email} signs in by password alone")


async def _reset(settings: Settings, email: str) -> bool:
    from app.auth.second_factor import forget

    async with open_database(settings) as database:
        return await database.write(lambda s: forget(s, email))


def _password() -> str:
    """Typed twice and unseen; in a script, the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


async def _add(settings: Settings, email: str, name: str, password: str, role: Role) -> None:
    from app.auth.service import add_agent
    from app.errors import Conflict, DatabaseUnavailable

    try:
        async with open_database(settings) as database:
            await add_agent(database, email, name, password, role)
    except Conflict:
        _refuse(f"{email} is an agent already")
    except (DatabaseUnavailable, OSError) as error:
        _refuse(f"the database cannot be used now: {error}")


def _refuse(words: str) -> NoReturn:
    errors.print(f"[red]✗[/] {words}")
    raise typer.Exit(1)
