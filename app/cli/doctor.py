"""``lingxi doctor``: checks everything an operator would check, and says what to do."""

from __future__ import annotations

import asyncio

import typer
from rich.console import Console
from rich.table import Table

from app.cli.settings import load_settings
from app.doctor import examine

MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "problem": "[red]✗[/]"}

app = typer.Typer()


@app.command()
def doctor() -> None:
    """Check this installation; exits with 1 when something would keep it from serving."""
    findings = asyncio.run(examine(load_settings()))
    table = Table.grid(padding=(0, 1))
    for finding in findings:
        remedy = f"\n[bold]{finding.remedy}[/]" if finding.remedy else ""
        table.add_row(MARKS[finding.verdict], finding.subject, finding.words + remedy)
    Console().print(table)
    if any(finding.verdict == "problem" for finding in findings):
        raise typer.Exit(1)
