"""gTTS over a fake transport: the service itself cannot be reached from a test."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from voice_fakes import hum, names

from app.voice.audio import Mp3Encoder
from app.voice.cache import ClipCache
from app.voice.google import GoogleEngine
from app.voice.service import VoiceService
from app.voice.types import UnknownVoice, VoiceUnavailable


def some_sound() -> bytes:
    encoder = Mp3Encoder()
    return encoder.encode(hum(0.5)) + encoder.finish()


class Google:
    """Answers as the real service does: guard line, then JSON lines with sound in base64."""

    def __init__(self, status: int = 200, payload: str | None = None, down: bool = False) -> None:
        self.status, self.down = status, down
        self.payload = payload or json.dumps([base64.b64encode(some_sound()).decode()])
        self.asked: list[list[object]] = []
        self.hosts: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("no route to host")
        form = parse_qs(request.content.decode())
        rpc = json.loads(form["f.req"][0])
        self.asked.append(json.loads(rpc[0][0][1]))
        self.hosts.append(request.url.host)
        line = json.dumps([["wrb.fr", "jQ1olc", self.payload, None, None, None, "generic"]])
        return httpx.Response(self.status, text=f')]}}\'\n\n123\n{line}\n25\n[["e",4]]\n')


def voice_over(google: Google, folder: Path) -> VoiceService:
    client = httpx.AsyncClient(transport=httpx.MockTransport(google))
    return VoiceService(GoogleEngine(client), ClipCache(folder, 10**6), "s")


async def test_words_are_sent_and_sound_is_kept(tmp_path: Path) -> None:
    google = Google()
    voice = voice_over(google, tmp_path)
    clip = await voice.render("退款 **3-5天** 到账：https://a.cn", "zh")
    assert google.asked == [["退款三到五天到账：链接。", "zh-CN", None, "null"]]
    assert google.hosts == ["translate.google.com"]
    assert clip.path.read_bytes() == some_sound()
    assert clip.duration_s == pytest.approx(0.5, abs=0.1)


async def test_long_text_goes_in_parts_and_slow_is_asked_for(tmp_path: Path) -> None:
    google = Google()
    clip = await voice_over(google, tmp_path).render(
        "Your parcel is on its way. " * 12, "en", "co.uk", 0.7
    )
    assert len(google.asked) > 3
    assert all(len(str(part[0])) <= 100 and part[1:3] == ["en", True] for part in google.asked)
    assert set(google.hosts) == {"translate.google.co.uk"}
    assert clip.duration_s == pytest.approx(0.5 * len(google.asked), abs=1.5)


@pytest.mark.parametrize(
    "google",
    [
        Google(down=True),
        Google(status=429),
        Google(status=500),
        Google(payload="[null]"),
        Google(payload="{"),
    ],
)
async def test_trouble_with_the_service_is_named(google: Google, tmp_path: Path) -> None:
    with pytest.raises(VoiceUnavailable):
        await voice_over(google, tmp_path).render("你好")
    assert names(tmp_path) == []


async def test_silence_needs_no_network_and_voices_are_known(tmp_path: Path) -> None:
    google = Google(down=True)
    assert (await voice_over(google, tmp_path).render("👍")).duration_s > 0.1
    with pytest.raises(UnknownVoice):
        await voice_over(google, tmp_path).render("你好", voice="evil.example")
