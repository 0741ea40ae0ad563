"""Speech: first sound, real-time factor and cached replies, against the same model in one shot.

The baseline is what a plain use of the model does: phonemes of the whole reply, one run, then
the MP3. Both are measured in turn, in one process, on two threads; the best of three is printed.

    python benchmarks/voice_speech.py
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import numpy as np

from app.config import Settings
from app.voice.audio import Mp3Encoder, mp3_duration_s
from app.voice.cache import ClipCache
from app.voice.convert import prepare_voice
from app.voice.neural import Kokoro, NeuralEngine
from app.voice.phonemes.frontend import build_frontend
from app.voice.service import VoiceService
from app.voice.speakable.text import speakable

ROUNDS = 3
THREADS = 2
REPLIES = {
    "zh, one sentence": "您好，您的订单已经发货，预计明天下午送达。",
    "zh, four sentences": "您好，您的退款申请已经通过审核。款项会在3-5个工作日内原路退回您的支付账户。"
    "如果超过时间没有收到，请联系发卡银行查询。还有其他问题，随时可以问我。",
    "en, three sentences": "Hello, your refund has been approved. The money will be back on your "
    "card within 3-5 business days. If you have not received it by then, please ask us again.",
}


async def ours(engine: NeuralEngine, text: str) -> tuple[float, float, float]:
    """(seconds to the first sound, seconds to the end, seconds of speech)"""
    with tempfile.TemporaryDirectory() as folder:
        voice = VoiceService(engine, ClipCache(Path(folder), 10**8), "benchmark")
        started = time.perf_counter()
        key = await voice.start(text)
        first = time.perf_counter() - started
        making = voice.making(key)
        clip = await making.result() if making else await voice.find(key)
        assert clip is not None
        return first, time.perf_counter() - started, clip.duration_s


async def cached(engine: NeuralEngine, text: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        voice = VoiceService(engine, ClipCache(Path(folder), 10**8), "benchmark")
        await voice.render(text)
        times = []
        for _ in range(200):
            started = time.perf_counter()
            await voice.render(text)
            times.append(time.perf_counter() - started)
    return float(np.percentile(times, 99))


def one_shot(kokoro: Kokoro, phonemes: str, voice: str) -> tuple[float, float]:
    """(seconds, seconds of speech) of the whole reply in one run."""
    encoder = Mp3Encoder()
    started = time.perf_counter()
    data = b"".join(encoder.encode(part) for part in kokoro.synthesise(phonemes, voice, 1.0))
    data += encoder.finish()
    return time.perf_counter() - started, mp3_duration_s(data)


async def main() -> None:
    settings = Settings()
    folder = await asyncio.to_thread(prepare_voice, settings.home)
    kokoro, frontend = Kokoro(folder, THREADS), build_frontend()
    engine = NeuralEngine(kokoro, {"zh": settings.voice_zh, "en": settings.voice_en})
    await ours(engine, "好的，OK。")  # dictionaries and first run
    print(f"{'reply':22}{'':16}{'ours':>9}{'one shot':>10}{'ratio':>8}")
    for name, text in REPLIES.items():
        language = "en" if name.startswith("en") else "zh"
        phonemes = frontend.phonemes(speakable(text, language))
        mine, theirs = [], []
        for _ in range(ROUNDS):
            mine.append(await ours(engine, text))
            theirs.append(one_shot(kokoro, phonemes, engine.voice_for(language, None)))
        first = min(sample[0] for sample in mine)
        factor = min(end / speech for _, end, speech in mine)
        shot, shot_speech = min(theirs)
        print(f"{name:22}{'first sound, s':16}{first:9.2f}{shot:10.2f}{first / shot:8.2f}")
        shot_factor = shot / shot_speech
        print(
            f"{'':22}{'real-time factor':16}{factor:9.2f}{shot_factor:10.2f}{factor / shot_factor:8.2f}"
        )
    hit_s = await cached(engine, REPLIES["zh, one sentence"])
    print(f"{'cached, p99':22}{'ms':16}{hit_s * 1000:9.1f}")
    await engine.close()


if __name__ == "__main__":
    asyncio.run(main())
