"""A report as tables, with headings in the reader's language."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from app.analytics.schemas import AgentFigures, Day, Figures, IntentRow, MissedQuestion, Report
from app.spreadsheets import Cell, Table, as_csv, as_xlsx
from app.words import Words
from nlu.types import Language

Format = Literal["csv", "xlsx"]
TableName = Literal["figures", "days", "agents", "intents", "missed"]
HIDDEN = {"agent_id", "conversation_id"}


def tables(report: Report, words: Words, language: Language) -> dict[TableName, Table]:
    def head(row: type[BaseModel]) -> list[Cell]:
        shown = (name for name in row.model_fields if name not in HIDDEN)
        return [words.notice(f"report_{name}", language) for name in shown]

    def rows(
        items: list[Day] | list[AgentFigures] | list[IntentRow] | list[MissedQuestion],
    ) -> Table:
        return [list(item.model_dump(mode="json", exclude=HIDDEN).values()) for item in items]

    now, before = report.figures.model_dump(), report.before.model_dump()
    period = [f"{report.first}/{report.last}", words.notice("report_before", language)]
    names: list[Cell] = ["", *period]
    figures: list[list[Cell]] = [
        [words.notice(f"report_{name}", language), now[name], before[name]]
        for name in Figures.model_fields
    ]
    return {
        "figures": [names, *figures],
        "days": [head(Day), *rows(report.days)],
        "agents": [head(AgentFigures), *rows(report.agents)],
        "intents": [head(IntentRow), *rows(report.intents)],
        "missed": [head(MissedQuestion), *rows(report.missed)],
    }


def export(
    report: Report, format: Format, table: TableName, words: Words, language: Language
) -> bytes:
    """A workbook of everything, or one table as CSV."""
    found = tables(report, words, language)
    if format == "csv":
        return as_csv(found[table])
    return as_xlsx({words.notice(f"report_sheet_{name}", language): t for name, t in found.items()})
