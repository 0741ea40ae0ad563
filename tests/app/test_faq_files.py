"""Files of knowledge: imported through the door with every mistake named, exported, and back."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import secrets
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from app_client import Desk
from app_faq import ZH, entry, imported
from conftest import Server
from typer.testing import CliRunner

from app.cli import app as command
from app.config import Settings


def table(*lines: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()


def workbook(*lines: list[str]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name.replace("_", "."), data)
    return out.getvalue()


def document() -> bytes:
    out = io.BytesIO()
    docx.Document().save(out)
    return out.getvalue()


def damaged(data: bytes, member: str) -> bytes:
    """A sound archive of which one member is cut to half."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(out, "w") as bundle:
        for name in whole.namelist():
            content = whole.read(name)
            bundle.writestr(name, content[: len(content) // 2] if name == member else content)
    return out.getvalue()


async def test_a_dry_run_says_what_a_spreadsheet_would_change(desk: Desk) -> None:
    id_ = secrets.token_hex(6)
    head = ["编号", "分类", "中文问题", "中文答案", "失效日期"]
    first = table(head, [id_, "运费", "运费多少\n邮费几块", "八元。", ""]).decode().encode("gbk")
    planned = await imported(desk, "运费.csv", first, dry_run=True)
    assert (planned["state"], planned["create"], planned["update"]) == ("planned", 1, 0)
    assert (await desk.http.get(f"/api/faq/{id_}")).status_code == 404
    done = await imported(desk, "运费.csv", first)
    assert (done["state"], done["create"], done["done"], done["total"]) == ("done", 1, 1, 1)
    made = await entry(desk, id_)
    assert made["content"]["questions"] == {"zh": ["运费多少", "邮费几块"]}
    assert (made["status"], made["live"], made["history"][0]["action"]) == (
        "published",
        True,
        "imported",
    )
    second = workbook(head, [id_, "运费", "运费多少\n邮费几块", "十元。", "2999-01-31"])
    planned = await imported(desk, "运费.xlsx", second, dry_run=True)
    assert (planned["create"], planned["update"]) == (0, 1)
    changes = {c["field"]: (c["before"], c["after"]) for c in planned["plan"][0]["changes"]}
    assert changes == {
        "answer.zh": ("八元。", "十元。"),
        "valid_until": ("", "2999-02-01T00:00:00+08:00"),
    }
    assert (await imported(desk, "运费.xlsx", second))["update"] == 1
    assert (await imported(desk, "运费.xlsx", second))["unchanged"] == 1
    assert len((await entry(desk, id_))["history"]) == 2


async def test_a_bad_file_names_row_column_expected_and_got(desk: Desk) -> None:
    good, bad = secrets.token_hex(6), secrets.token_hex(6)
    data = table(
        ["id", "question", "answer", "valid_until"],
        [good, f"Is {good} good?", "Yes.", ""],
        [bad, f"Is {bad} good?", "", "2026-13-40"],
    )
    refused = await imported(desk, "some.csv", data)
    assert (refused["state"], refused["problem_count"]) == ("refused", 2)
    assert (await desk.http.get(f"/api/faq/{good}")).status_code == 404
    assert [problem["words"] for problem in refused["problems"]] == [
        'some.csv, row 3, column "valid_until": expected a date such as 2026-11-24, '
        'got "2026-13-40".',
        'some.csv, row 3, column "answer": expected at least one answer, got nothing.',
    ]
    chinese = await imported(desk, "some.csv", data, dry_run=True, headers=ZH)
    assert (
        chinese["problems"][1]["words"] == "some.csv第 3 行“answer”列：应为至少一个答案，实际是空。"
    )
    done = await imported(desk, "some.csv", data, mode="good")
    assert (done["state"], done["create"], done["problem_count"]) == ("done", 1, 2)
    assert (await entry(desk, good))["live"]
    assert (await desk.http.get(f"/api/faq/{bad}")).status_code == 404


@pytest.mark.parametrize("encoding", ["gbk", "big5", "utf-16", "utf-16-le"])
async def test_a_spreadsheet_is_read_in_the_encoding_it_is_in(desk: Desk, encoding: str) -> None:
    data = "問題,答案\n怎麼申請退費,七天內\n".encode(encoding)
    status = await imported(desk, "old.csv", data, dry_run=True)
    assert (status["create"], status["problems"]) == (1, [])
    assert status["plan"][0]["title"] == "怎麼申請退費"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.csv", b"what,ever\n1,2\n", "missing_column"),
        ("a.csv", b"question,answer\n\xff\xff\x81,b\n", "bad_encoding"),
        ("a.csv", b'question,answer\n"a,b\n', "bad_csv"),
        ("a.xlsx", b"not a workbook", "bad_file"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0 an old one", "locked_file"),
        ("a.yml", b"- id: [\n", "bad_file"),
        ("a.yml", b"a: &a [x]\nb: [" + b"*a," * 40 + b"]\n", "aliases"),
        ("a.yml", b"[" * 50 + b"]" * 50, "too_deep"),
        ("a.yml", b"!!python/object/apply:os.system [echo]", "bad_file"),
        ("a.json", b"[" * 100_000, "bad_file"),
        ("a.json", b'{"a": 1}', "not_entries"),
        ("a.json", b'[{"question": "a", "answer": 1e999}, 7]', "not_entry"),
        ("a.pdf", b"%PDF-1.4 nothing", "bad_file"),
        ("a.docx", b"nothing", "bad_file"),
        ("a.docx", damaged(document(), "word/document.xml"), "bad_file"),
        ("a.xlsx", damaged(workbook(["question", "answer"]), "xl/workbook.xml"), "bad_file"),
        ("a.zip", archive(a_csv=b"question,answer\n")[20:], "bad_file"),
        ("a.exe", b"MZ", "unknown_format"),
        ("a.zip", b"PK", "bad_file"),
        ("a.txt", b"", "empty_file"),
    ],
)
async def test_a_hopeless_file_is_refused_in_words(
    desk: Desk, name: str, data: bytes, code: str
) -> None:
    status = await imported(desk, name, data)
    assert status["state"] == "refused"
    assert code in [problem["code"] for problem in status["problems"]]
    assert all(problem["words"] for problem in status["problems"])


async def test_a_bomb_of_an_archive_is_not_unpacked(desk: Desk) -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle,
        bundle.open("a.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(310):
            member.write(bytes(1024 * 1024))
    status = await imported(desk, "bomb.zip", out.getvalue())
    assert [problem["code"] for problem in status["problems"]] == ["too_large"]


async def test_an_archive_of_every_format_and_its_export(desk: Desk) -> None:
    ids = {
        kind: f"{kind}-{secrets.token_hex(4)}" for kind in ("csv", "xlsx", "yml", "json", "jsonl")
    }
    item = {
        "questions": {"zh": ["多大？"], "en": ["How big?"]},
        "answer": {"zh": "很大。", "en": "=1+1"},
        "channels": {"rest": {"en": "Big."}},
    }
    same = [f"{name}{secrets.token_hex(4)}" for name in ("parcel", "包裹")]
    lines = [["id", "question", "answer"], [ids["csv"], "How big?", "+86 10"]]
    files = archive(
        a_csv=table(*lines),
        b_xlsx=workbook(lines[0], [ids["xlsx"], "How wide?", "Wide."]),
        c_yml=json.dumps([{"id": ids["yml"], **item}]).encode(),
        d_json=json.dumps({"entries": [{"id": ids["json"], **item}]}).encode(),
        f_yml=json.dumps([{"synonyms": same}]).encode(),
        e_jsonl=json.dumps({"id": ids["jsonl"], "questions": ["a", "b"], "answer": "c"}).encode(),
    )
    done = await imported(desk, "all.zip", files)
    assert (done["state"], done["create"]) == ("done", 5), done
    assert done["synonyms"] == [list(same)]
    own = await entry(desk, ids["yml"])
    assert {"language": "en", "channel": "rest", "text": "Big."} in own["content"]["answers"]
    for format in ("csv", "xlsx", "yaml", "json", "zip"):
        answer = await desk.http.get("/api/faq/export", params={"format": format})
        assert answer.status_code == 200, answer.text
        assert f'filename="lingxi-faq.{format}"' in answer.headers["content-disposition"]
        if format == "csv":
            cells = [c for line in csv.reader(io.StringIO(answer.text)) for c in line]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
            assert "'=1+1" in cells
        back = await imported(desk, f"back.{format}", answer.content, dry_run=True)
        assert (back["create"], back["problems"], back["synonyms"]) == (0, [], []), format
        if format in ("yaml", "json"):
            assert answer.text.count(same[0]) == 1, format
        # Other tests' drafts would be published by it: an update in which nothing changes.
        assert not [row for row in back["plan"] if row["changes"]], format
        assert not [row for row in back["plan"] if row["entry_id"] in ids.values()], format


async def test_words_that_mean_the_same_are_told_apart_from_mistakes(desk: Desk) -> None:
    one, two, three = (f"word{secrets.token_hex(4)}" for _ in range(3))
    book = workbook(["同义词"], [f"{one}\n{two}"], [f"{two}，{three}"], ["单"])
    refused = await imported(desk, "words.xlsx", book, headers=ZH)
    assert [problem["words"] for problem in refused["problems"]] == [
        f"words.xlsx第 3 行“同义词”列：应为只在一组里的词（words.xlsx:2 已用过），实际是“{two}”。",
        "words.xlsx第 4 行“同义词”列：应为两个或更多不同的词（每个至少两个字符），实际是“单”。",
    ]
    draft = await imported(desk, "words.xlsx", book, mode="good", publish=False)
    assert (draft["state"], draft["synonyms"]) == ("done", [])  # words have no drafts
    assert (await imported(desk, "words.xlsx", book, mode="good"))["synonyms"] == [[one, two]]
    other = f"synonyms\n{three}; {one}\n".encode()
    assert (await imported(desk, "words.csv", other))["synonyms"] == [[three, one]]
    listed = (await desk.http.get("/api/faq/synonyms")).json()["items"]
    mine = [group["words"] for group in listed if {one, two, three} & set(group["words"])]
    assert mine == [[three, one]]  # in the place of the group that shared a word


async def test_an_import_that_breaks_a_test_question_changes_nothing(
    desk: Desk, shared_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = secrets.token_hex(6)
    asked = f"is {id_} on sale today"
    row = {"id": id_, "questions": {"en": [asked]}, "answer": {"en": "Yes."}}
    assert (await imported(desk, "a.json", json.dumps([row]).encode()))["state"] == "done"
    case = {"query": asked, "entry_id": id_}
    made = await desk.http.post("/api/faq/cases", json=case)
    assert made.status_code == 201, made.text
    other = {**row, "questions": {"en": ["how far is the moon"]}}
    refused = await imported(desk, "a.json", json.dumps([other]).encode())
    assert refused["state"] == "refused"
    assert [worse["query"] for worse in refused["check"]["worse"]] == [asked]
    file = tmp_path / "a.json"
    file.write_text(json.dumps([other]), encoding="utf-8")
    (shared_server.home / "encoders").symlink_to(Settings().home.absolute() / "encoders")
    for name, value in shared_server.settings().items():
        monkeypatch.setenv(name, value)
    ran = await asyncio.to_thread(CliRunner().invoke, command, ["faq", "import", str(file)])
    assert ran.exit_code == 1, ran.output
    assert asked in ran.output
    kept = (await entry(desk, id_))["content"]
    assert kept["questions"] == {"en": [asked]}
    draft = await imported(desk, "a.json", json.dumps([other]).encode(), publish=False)
    assert draft["state"] == "done"  # customers do not get it yet
    assert (await desk.http.delete(f"/api/faq/cases/{made.json()['id']}")).status_code == 204


async def test_documents_become_passages_with_their_source(desk: Desk) -> None:
    mark = secrets.token_hex(4)
    document = docx.Document()
    document.add_heading("退货", 1)
    document.add_paragraph(f"七天内可以退货 {mark}。")
    out = io.BytesIO()
    document.save(out)
    files = {
        f"a{mark}.md": f"# Delivery\n\nWe deliver {mark} in *two* days.\n".encode(),
        f"b{mark}.html": f"<nav>menu</nav><h1>Shops</h1><p>Open {mark} <b>daily</b>.</p>".encode(),
        f"c{mark}.docx": out.getvalue(),
        f"d{mark}.txt": (f"One {mark}. " * 200).encode(),
    }
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as parts:
        for name, data in files.items():
            parts.writestr(name, data)
    done = await imported(desk, "documents.zip", bundle.getvalue())
    assert done["state"] == "done", done
    found = (await desk.http.get("/api/faq", params={"q": mark})).json()["items"]
    sources = {item["source"] for item in found}
    assert sources == set(files)
    assert {item["kind"] for item in found} == {"passage"}
    titles = {item["source"]: item["title"] for item in found}
    assert titles[f"a{mark}.md"] == "Delivery"
    assert titles[f"b{mark}.html"] == "Shops"
    assert titles[f"c{mark}.docx"] == "退货"
    again = await imported(desk, "documents.zip", bundle.getvalue(), dry_run=True)
    assert (again["create"], again["update"]) == (0, 0)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("format", ["csv", "xlsx", "yaml", "json"])
async def test_a_template_can_be_imported_as_it_is(desk: Desk, format: str, language: str) -> None:
    params = {"format": format, "language": language}
    answer = await desk.http.get("/api/faq/template", params=params)
    assert answer.status_code == 200
    if format == "csv":
        assert ("中文问题" if language == "zh" else "questions_en") in answer.text
    planned = await imported(desk, f"t.{format}", answer.content, dry_run=True)
    assert (planned["problems"], planned["create"] + planned["update"]) == ([], 1)
