"""Files that go with entries: to customers, out with an archive, and back in."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from app_client import Customer, Desk
from app_faq import ZH, checked, content, entry, files_told, imported, picture_bytes, word
from PIL import Image

from app.chat.events import Author, AuthorType, WireFile
from app.db import Database
from app.desk.schemas import SuggestionOut
from app.desk.suggestions import Suggestions
from app.errors import NotFound
from app.files.service import FilesService, attach, keep_for_entry
from dialogue.knowledge.types import Entry, EntryFile, Hit, SearchResult, Thresholds


async def test_what_goes_with_an_answer_reaches_the_customer_and_the_help_centre(
    customer: Customer, desk: Desk
) -> None:
    name = word()
    upload = desk.http.post("/api/faq/files?name=../map.png", content=picture_bytes())
    picture = checked(await upload, 201)
    assert (picture["name"], picture["width"]) == ("map.png", 60)
    paper = checked(await desk.http.post("/api/faq/files?name=a.txt", content=b"Open daily."), 201)
    body = content(f"where is the {name}", "Here.", attachments=[picture, paper])
    made = checked(await desk.http.post("/api/faq", json={"content": body, "publish": True}), 201)
    files = await files_told(customer, f"where is the {name}")
    assert [file["url"] for file in files] == [picture["url"], paper["url"]]
    async with httpx.AsyncClient(base_url=customer.base) as public:
        fetched = await public.get(paper["url"])
        page = (await public.get(f"/help/{made['id']}")).text
    assert (fetched.status_code, fetched.content) == (200, b"Open daily.")
    assert f'src="{picture["url"]}"' in page
    assert f'href="{paper["url"]}"' in page

    # A spreadsheet says nothing of attachments: they stay. Taken away, they are gone.
    row = [{"id": made["id"], "questions": body["questions"], "answer": {"en": "There."}}]
    file = ("a.json", json.dumps(row).encode())
    checked(await desk.http.post("/api/faq/import", files={"file": file}))
    now = checked(await desk.http.get(f"/api/faq/{made['id']}"))
    assert [file["url"] for file in now["content"]["attachments"]] == [
        picture["url"],
        paper["url"],
    ]
    for odd in ("/files/" + "x" * 32, "https://example.com/a.png", "/files/../a"):
        wrong = {**body, "attachments": [{"url": odd}]}
        put = await desk.http.put(
            f"/api/faq/{made['id']}", json={"content": wrong, "version": now["version"]}
        )
        assert put.status_code in (404, 422), odd


def photo() -> bytes:
    """Written anew it has other bytes: it must not be on every way out and back."""
    out = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def archive(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    return out.getvalue()


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode()


async def names(desk: Desk, entry_id: str) -> list[str]:
    return [file["name"] for file in (await entry(desk, entry_id))["content"]["attachments"]]


async def test_an_archive_takes_the_files_of_entries_out_and_brings_them_back(desk: Desk) -> None:
    id_ = f"{word()}:1"
    upload = await desk.http.post("/api/faq/files?name=a.jpg", content=photo())
    paper = await desk.http.post("/api/faq/files?name=说明.txt", content=b"x" * 1_000_000)
    files = [checked(upload, 201), checked(paper, 201)]
    large = await desk.http.post("/api/faq/files?name=a.txt", content=b"x" * 1_500_000)
    assert checked(large, 422)["error"]["code"] == "file_too_large"
    body = content(f"what is {id_}", "This.", attachments=files)
    made = {"id": id_, "content": body, "publish": True}
    checked(await desk.http.post("/api/faq", json=made), 201)
    exported = await desk.http.get("/api/faq/export", params={"format": "zip"})
    with zipfile.ZipFile(io.BytesIO(exported.content)) as bundle:
        places = [name for name in bundle.namelist() if id_[:-2] in name]
        assert [place.rpartition("/")[2] for place in places] == ["a.jpg", "说明.txt"]
        kept = (await desk.http.get(files[0]["url"])).content
        assert bundle.read(places[0]) == kept
    same = await imported(desk, "back.zip", exported.content, dry_run=True)
    assert id_ not in [row["entry_id"] for row in same["plan"]]

    bare = {"content": {**body, "attachments": []}, "version": 1, "publish": True}
    checked(await desk.http.put(f"/api/faq/{id_}", json=bare))
    planned = await imported(desk, "back.zip", exported.content, dry_run=True)
    (row,) = [row for row in planned["plan"] if row["entry_id"] == id_]
    (change,) = row["changes"]
    assert (change["field"], change["before"]) == ("attachments", "")
    assert change["after"].endswith("\n说明.txt (977 KiB)")
    assert await names(desk, id_) == []
    assert (await imported(desk, "back.zip", exported.content))["state"] == "done"
    back = (await entry(desk, id_))["content"]["attachments"]
    assert [file["name"] for file in back] == ["a.jpg", "说明.txt"]
    assert (await desk.http.get(back[0]["url"])).content == kept


async def test_a_file_of_an_entry_that_cannot_be_kept_is_named_with_its_row(desk: Desk) -> None:
    good, bad = word(), word()
    data = archive(
        {
            "in/a.csv": table(
                "编号,问题,答案,附件",
                f'{good},{good}是什么,这个,"attachments/图.jpg\nb/说明.md"',
                f'{bad},{bad}是什么,那个,"attachments\\x.exe\nattachments/none.png"',
                f"{bad}2,{bad}在哪,这里,x.exe",
                f"{bad}3,{bad}多大,很大,big.txt",
            ),
            "in/attachments/图.jpg": photo(),
            "in/attachments/b/说明.md": "# 说明".encode(),
            "in/attachments/x.exe": b"MZ\0\1",
            "in/attachments/big.txt": b"a" * (1_500_000),
        }
    )
    planned = await imported(desk, "my.zip", data, dry_run=True, headers=ZH)
    assert [problem["words"] for problem in planned["problems"]] == [
        "in/a.csv第 3 行“附件”列：应为压缩包的 attachments 文件夹中有的文件，实际是“none.png”。",
        "in/a.csv第 4 行“附件”列：应为图片、PDF、Office 文档、视频或文本，实际是“x.exe”。",
        "in/a.csv第 5 行“附件”列：应为最大 1 MiB 的文件，实际是“big.txt”。",
    ]
    assert (planned["create"], planned["plan"][0]["entry_id"]) == (1, good)
    assert (await imported(desk, "my.zip", data))["state"] == "refused"
    done = await imported(desk, "my.zip", data, mode="good")
    assert (done["state"], done["create"]) == ("done", 1)
    assert await names(desk, good) == ["图.jpg", "说明.md"]
    again = await imported(desk, "my.zip", data, dry_run=True)
    assert (again["update"], again["unchanged"]) == (0, 1)  # though the photo was written anew
    row = [{"id": good, "question": f"{good}是什么", "answer": "这个", "attachments": ["x.exe"]}]
    assert (await imported(desk, "a.json", json.dumps(row).encode()))["unchanged"] == 1


class Shelf:
    """A knowledge of one entry, which answers everything."""

    def __init__(self, file: WireFile) -> None:
        files = (EntryFile(**file.model_dump(exclude={"text"})),)
        self.entry = Entry("map", ("where?",), {"en": "Here."}, files=files)

    async def search(self, query: str, **_: Any) -> SearchResult:
        hit = Hit(self.entry, "where?", 0.95, 0.0, 0.0)
        return SearchResult(query, "answer", (hit,), Thresholds(0.9, 0.2))


async def test_a_suggested_reply_has_the_files_of_its_entry_and_an_agent_alone_may_send_them(
    database: Database, tmp_path: Path
) -> None:
    service = FilesService(database, tmp_path, 1024)
    kept = await service.keep_for_knowledge(b"Left, then right.", "map.txt", "owner")
    loose = await service.keep_for_knowledge(b"Of no entry.", "loose.txt", "owner")
    await database.write(lambda s: keep_for_entry(s, [kept.url], "map"))
    asked = SimpleNamespace(content=SimpleNamespace(text="where is it"))
    chat = SimpleNamespace(
        opened=lambda *_: SimpleNamespace(language="en"), asked=lambda *_: [asked]
    )
    (suggested,) = await Suggestions(database, chat, Shelf(kept)).of("c")  # type: ignore[arg-type]
    assert SuggestionOut.model_validate(suggested).files == [kept]

    async def sent(who: AuthorType, file: WireFile) -> list[WireFile]:
        keys = [file.url.rpartition("/")[2]]
        author = Author(type=who, id="me", name="me")
        return await database.write(lambda s: attach(s, keys, "c", author, "m"))

    assert await sent("agent", kept) == [kept]
    assert await sent("agent", kept) == [kept]  # as often as it is asked for
    with pytest.raises(NotFound):
        await sent("visitor", kept)
    with pytest.raises(NotFound):
        await sent("agent", loose)  # it may be swept away any time
