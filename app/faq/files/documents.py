"""Documents as passages: their sections, cut to a length that has one meaning, with their source.

A passage is no answer word for word: it supports what the bot writes, and is offered.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from app.faq.files.problems import FileRefused, Problem, parsing
from app.faq.files.rows import Row
from app.faq.files.tables import MAX_ROWS, check_size, decoded
from dialogue.knowledge.text import has_han

PASSAGE_CHARS = {True: 400, False: 900}
"""Of Chinese and of other text: about what the encoder reads at once."""
TITLE_CHARS = 120
MAX_PAGES = 2_000
_PARAGRAPHS = re.compile(r"\n\s*\n")
_SENTENCES = re.compile(r"(?<=[。！？；])|(?<=[.!?])\s+")
_UNSEEN = "script,style,noscript,template,nav,header,footer,aside,form,iframe,svg"
_BLOCKS = "h1,h2,h3,h4,h5,h6,p,li,pre,blockquote,td,th,dt,dd,figcaption"


class Section(NamedTuple):
    heading: str
    text: str
    place: str = ""
    """Where in the document: ``p. 3``."""


def read_text(file: str, data: bytes) -> Iterator[Row]:
    text = decoded(file, data)
    return _passages(file, [Section(_stem(file), text)])


def read_markdown(file: str, data: bytes) -> Iterator[Row]:
    from markdown_it import MarkdownIt

    heading, parts, sections = _stem(file), list[str](), list[Section]()
    tokens = MarkdownIt("commonmark").parse(decoded(file, data))
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type in ("fence", "code_block"):
            parts.append(token.content)
        if token.type != "inline":
            continue
        shown = "".join(_inline(child.type, child.content) for child in token.children or ())
        if before is not None and before.type == "heading_open":
            sections.append(Section(heading, "\n\n".join(parts)))
            heading, parts = shown, []
        else:
            parts.append(shown)
    return _passages(file, [*sections, Section(heading, "\n\n".join(parts))])


def _inline(kind: str, content: str) -> str:
    return "\n" if kind in ("softbreak", "hardbreak") else content


def read_html(file: str, data: bytes) -> Iterator[Row]:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(decoded(file, data))
    title = tree.css_first("title")
    heading, parts, sections = (title and title.text(strip=True)) or _stem(file), list[str](), []
    for node in tree.css(_UNSEEN):
        node.decompose()
    for node in tree.css(_BLOCKS):
        text = " ".join(node.text(separator=" ").split())
        if node.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            sections.append(Section(heading, "\n\n".join(parts)))
            heading, parts = text or heading, []
        elif text and node.css_first(f":is({_BLOCKS}) :is({_BLOCKS})") is None:
            parts.append(text)
    return _passages(file, [*sections, Section(heading, "\n\n".join(parts))])


def read_docx(file: str, data: bytes) -> Iterator[Row]:
    import docx
    from docx.table import Table

    check_size(file, data, "DOCX")
    heading, parts, sections = _stem(file), list[str](), list[Section]()
    with parsing(file, "DOCX"):
        for block in docx.Document(io.BytesIO(data)).iter_inner_content():
            if isinstance(block, Table):
                parts += ["\t".join(cell.text for cell in row.cells) for row in block.rows]
            elif ((block.style and block.style.name) or "").startswith(("Heading", "Title")):
                sections.append(Section(heading, "\n\n".join(parts)))
                heading, parts = block.text.strip() or heading, []
            else:
                parts.append(block.text)
    return _passages(file, [*sections, Section(heading, "\n\n".join(parts))])


def read_pdf(file: str, data: bytes) -> Iterator[Row]:
    import pypdf

    with parsing(file, "PDF"):
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileRefused(Problem("locked_file", file, got="PDF"))
        if len(reader.pages) > MAX_PAGES:
            raise FileRefused(
                Problem("too_large", file, got=len(reader.pages), fields={"limit": MAX_PAGES})
            )
        pages = [page.extract_text() for page in reader.pages]
    name = _stem(file)
    return _passages(file, [Section(name, t, f"p. {n}") for n, t in enumerate(pages, 1)])


def _passages(file: str, sections: list[Section]) -> Iterator[Row]:
    number = 0
    for section in sections:
        for text in _cut(section.text):
            number += 1
            if number > MAX_ROWS:
                raise FileRefused(
                    Problem("too_large", file, got=number, fields={"limit": MAX_ROWS})
                )
            source = f"{file}, {section.place}" if section.place else file
            yield Row(
                file,
                number,
                {
                    "questions": [section.heading[:TITLE_CHARS]],
                    "answer": text,
                    "category": _stem(file)[:100],
                    "kind": "passage",
                    "source": source,
                },
            )


def _cut(text: str) -> Iterator[str]:
    """Paragraphs put together, and long ones parted at sentences, up to one passage's length."""
    longest = PASSAGE_CHARS[has_han(text)]
    taken = ""
    for piece in _pieces(text, longest):
        if taken and len(taken) + len(piece) > longest:
            yield taken
            taken = piece
        else:
            taken = f"{taken}\n{piece}" if taken else piece
    if taken:
        yield taken


def _pieces(text: str, longest: int) -> Iterator[str]:
    for paragraph in _PARAGRAPHS.split(text):
        whole = _printable(" ".join(paragraph.split()))
        if len(whole) <= longest:
            sentences = [whole]
        else:
            sentences = [sentence.strip() for sentence in _SENTENCES.split(whole)]
        for sentence in sentences:
            for start in range(0, len(sentence), longest):
                yield sentence[start : start + longest]


def _printable(text: str) -> str:
    """PDFs hold control characters and halves of surrogate pairs."""
    return "".join(c for c in text if c.isprintable())


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0] or file
