"""The knowledge as files that can be imported again, and templates of them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

import openpyxl
import yaml
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from app.faq.content import LANGUAGES, fields_of
from app.faq.files.attached import place_for
from app.faq.files.columns import TEMPLATE_COLUMNS, heading_of, hint_of
from app.faq.files.formats import Format, TemplateFormat
from app.faq.files.rows import ATTACHMENTS, SYNONYMS
from app.faq.schemas.entries import Content
from app.spreadsheets import neutral, writable
from nlu.types import Language

_CELL_LIMIT = 32_767
"""Characters that a spreadsheet's cell can hold."""
_UNCATEGORISED = "other"

Entries = Mapping[str, Content]
Groups = Sequence[Sequence[str]]


def export(
    out: IO[bytes],
    entries: Entries,
    format: Format,
    language: Language,
    synonyms: Groups = (),
    files: Mapping[str, Path] | None = None,
) -> None:
    """`entries` by id into `out`, headings in `language`.

    With words that mean the same; a CSV has one table, which is of entries alone. A ZIP has the
    `files` of entries too, by their URL.
    """
    if format == "zip":
        _zip(out, entries, synonyms, files or {})
    else:
        out.write(_document(entries, format, language, synonyms))


def _document(
    entries: Entries, format: TemplateFormat, language: Language, synonyms: Groups = ()
) -> bytes:
    match format:
        case "csv":
            return _csv(_table(entries, language))
        case "xlsx":
            return _xlsx(_table(entries, language), synonyms=_groups_table(synonyms, language))
        case "yaml":
            return _yaml([*_plain(entries), *_plain_groups(synonyms)])
        case "json":
            items = [*_plain(entries), *_plain_groups(synonyms)]
            return json.dumps(items, ensure_ascii=False, indent=1).encode()


def template(format: TemplateFormat, language: Language) -> bytes:
    """An empty file to fill in: spreadsheets say under each heading what belongs there."""
    example = Content.model_validate(_EXAMPLES[language])
    if format in ("yaml", "json"):
        return _document({"example": example}, format, language)
    fields = TEMPLATE_COLUMNS
    head = [heading_of(field, language) for field in fields]
    if format == "csv":
        return _csv([head, *_lines({"example": example}, fields)])
    hints = [hint_of(field, language) for field in fields]
    return _xlsx([head, *_lines({"example": example}, fields)], hints)


_EXAMPLES: Mapping[Language, object] = {
    "zh": {
        "questions": {"zh": ["几天内可以退货", "多久之内能退"]},
        "answers": [{"language": "zh", "text": "签收后 7 天内可以退货。"}],
        "category": "退换货",
        "keywords": ["退货期"],
    },
    "en": {
        "questions": {"en": ["How long may I return it?", "What is the return window?"]},
        "answers": [{"language": "en", "text": "Within 7 days of delivery."}],
        "category": "returns",
        "keywords": ["return window"],
    },
}


# --- spreadsheets ---------------------------------------------------------------------------


def _table(entries: Entries, language: Language) -> list[list[str]]:
    fields = list(TEMPLATE_COLUMNS)
    own = {
        f"answer.{answer.language}@{answer.channel}"
        for content in entries.values()
        for answer in content.answers
        if answer.channel is not None
    }
    fields += sorted(own)
    if any(content.kind != "faq" or content.source for content in entries.values()):
        fields += ["kind", "source"]
    return [[heading_of(field, language) for field in fields], *_lines(entries, fields)]


def _lines(entries: Entries, fields: Sequence[str]) -> list[list[str]]:
    return [
        [neutral(values.get(field, "")) for field in fields]
        for values in (_cells(id_, content) for id_, content in entries.items())
    ]


def _cells(entry_id: str, content: Content) -> dict[str, str]:
    return {**fields_of(content), "id": entry_id, "keywords": "\n".join(content.keywords)}


def _csv(lines: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode("utf-8-sig")  # the mark tells Excel the encoding


def _groups_table(groups: Groups, language: Language) -> list[list[str]]:
    lines = [[neutral("\n".join(words))] for words in groups]
    return [[heading_of(SYNONYMS, language)], *lines] if lines else []


def _xlsx(
    lines: Sequence[Sequence[str]],
    hints: Sequence[str] = (),
    synonyms: Sequence[Sequence[str]] = (),
) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    _sheet(book, "FAQ", lines, hints)
    if synonyms:
        _sheet(book, synonyms[0][0], synonyms)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(
    book: openpyxl.Workbook,
    title: str,
    lines: Sequence[Sequence[str]],
    hints: Sequence[str] = (),
) -> None:
    from openpyxl.comments import Comment

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(lines[0]):
        letter = openpyxl.utils.get_column_letter(number + 1)
        wide = any(part in heading for part in ("question", "answer", "问题", "答案"))
        sheet.column_dimensions[letter].width = 50 if wide else 18
    head = []
    for number, heading in enumerate(lines[0]):
        cell = WriteOnlyCell(sheet, writable(heading))
        cell.font = Font(bold=True)
        if hints:
            cell.comment = Comment(hints[number], "Lingxi")
        head.append(cell)
    sheet.append(head)
    for line in lines[1:]:
        sheet.append([_text_cell(sheet, text) for text in line])


def _text_cell(sheet: object, text: str) -> WriteOnlyCell:
    """A text, never a formula, whatever it begins with."""
    cell = WriteOnlyCell(sheet, writable(text)[:_CELL_LIMIT])
    cell.data_type = "s"
    return cell


# --- structured -----------------------------------------------------------------------------


def _plain(
    entries: Entries, places: Mapping[str, Sequence[str]] | None = None
) -> list[dict[str, object]]:
    return [
        _item(id_, content) | ({ATTACHMENTS: list(places[id_])} if places and id_ in places else {})
        for id_, content in entries.items()
    ]


def _plain_groups(groups: Groups) -> list[dict[str, object]]:
    return [{SYNONYMS: list(words)} for words in groups]


def _item(entry_id: str, content: Content) -> dict[str, object]:
    """As a bot's ``faq/`` folder has it; only what is set."""
    channels: dict[str, dict[str, str]] = {}
    for answer in content.answers:
        if answer.channel is not None:
            channels.setdefault(answer.channel, {})[answer.language] = answer.text
    item: dict[str, object] = {
        "id": entry_id,
        "category": content.category,
        "questions": {
            language: list(content.questions[language])
            for language in LANGUAGES
            if content.questions.get(language)
        },
        "answer": {a.language: a.text for a in content.answers if a.channel is None},
        "channels": channels,
        "keywords": list(content.keywords),
        "valid_from": content.valid_from.isoformat() if content.valid_from else None,
        "valid_until": content.valid_until.isoformat() if content.valid_until else None,
        "kind": content.kind if content.kind != "faq" else None,
        "source": content.source,
        "audience": content.audience if content.audience != "everyone" else None,
    }
    return {name: value for name, value in item.items() if value}


def _yaml(items: Sequence[object]) -> bytes:
    return (
        yaml.dump(
            items,
            Dumper=yaml.CSafeDumper,
            allow_unicode=True,
            sort_keys=False,
            width=100,
            encoding="utf-8",
        )
        or b""
    )


def _zip(out: IO[bytes], entries: Entries, synonyms: Groups, files: Mapping[str, Path]) -> None:
    """A bot's ``faq/`` folder: one YAML file a category; and its synonyms and files beside it."""
    by_file: dict[str, dict[str, Content]] = {}
    for id_, content in entries.items():
        name = re.sub(r"[^\w-]+", "-", content.category).strip("-") or _UNCATEGORISED
        by_file.setdefault(f"faq/{name}.yml", {})[id_] = content
    taken: dict[str, Path] = {}
    places: dict[str, list[str]] = {}
    for id_, content in entries.items():
        for file in content.attachments:
            if file.url in files:
                place = place_for(id_, file.name, taken)
                taken[place] = files[file.url]
                places.setdefault(id_, []).append(place)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, some in sorted(by_file.items()):
            archive.writestr(name, _yaml(_plain(some, places)))
        if synonyms:
            archive.writestr(f"{SYNONYMS}.yml", _yaml(_plain_groups(synonyms)))
        for place, path in taken.items():
            archive.write(path, place)
