"""``lingxi serve``: the gateway, the widget and the dashboard on one port."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from app.cli.settings import errors, load_settings
from app.config import DEVELOPMENT_AGENT, Settings

MAX_FRAME_BYTES = 64 * 1024
"""A frame holds one event; the longest text of 4,000 characters stays under 17 KB."""
DRAIN_S = 10
"""How long a stop waits for turns that are under way."""

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
    from app.main import create_app  # after the checks: its imports take seconds

    Console().print(_welcome(settings))
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME_BYTES,
        timeout_graceful_shutdown=DRAIN_S,
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
