"""``lingxi serve``: the gateway, the widget and the dashboard on one port."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from app.bounded_http import BoundedHttp
from app.cli.project import open_project
from app.cli.settings import errors, expect_model, expect_vectors, load_settings
from app.config import DEVELOPMENT_AGENT, Settings

MAX_FRAME_BYTES = 1024 * 1024
"""Far above any event, so that a text too long by far is refused in words, not by a cut socket."""
DRAIN_S = 10
"""How long a stop waits for turns that are under way."""

NOT_STARTED = 3
"""The exit code by which a supervisor tells a failed start from a stop."""

app = typer.Typer()


@app.command()
def serve(
    bot: Annotated[Path | None, typer.Option(help="The bot project to serve.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the bot, the widget and the dashboard."""
    settings = load_settings(bot=bot, host=host, port=port)
    if not settings.bot.is_dir():
        errors.print(f"[red]✗[/] LINGXI_BOT: expected a bot project's folder, got {settings.bot}")
        raise typer.Exit(2)
    open_project(settings.bot)
    expect_model(settings)
    expect_vectors(settings)
    from app.main import create_app  # after the checks: its imports take seconds

    Console().print(_welcome(settings))
    server = uvicorn.Server(server_config(create_app(settings), settings.host, settings.port))
    server.run()
    if not server.started:
        raise typer.Exit(NOT_STARTED)


def server_config(application: FastAPI, host: str, port: int) -> uvicorn.Config:
    """How the application is served, here and under test."""
    return uvicorn.Config(
        application,
        host=host,
        port=port,
        http=BoundedHttp,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME_BYTES,
        # Small frames do not shrink, and each socket's compressor would cost hundreds of KiB.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=DRAIN_S,
        log_config=None,  # its lines go where the others go, and are as careful
        log_level="warning",
        access_log=False,
        server_header=False,
    )


def _welcome(settings: Settings) -> Panel:
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    addresses = Table.grid(padding=(0, 2))
    addresses.add_row("Demo shop with the widget", f"[link]{base}/[/link]")
    addresses.add_row("Dashboard for agents", f"[link]{base}/dashboard/[/link]")
    if settings.environment == "development":
        email, password = DEVELOPMENT_AGENT
        addresses.add_row("  development login", f"{email}  /  {password}")
    addresses.add_row("API documentation", f"[link]{base}/docs[/link]")
    return Panel(addresses, title="灵犀 Lingxi", expand=False)
