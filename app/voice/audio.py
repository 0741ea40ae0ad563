"""Sound as numbers: trimming silence, joining pieces, and MP3 in and out."""

from __future__ import annotations

import lameenc
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono, in [-1, 1]; shape (samples,)."""

SAMPLE_RATE_HZ = 24_000
BIT_RATE_KBITS = 48
LOUDNESS_FLOOR = 0.01
"""40 dB under full scale: quieter is silence."""
KEPT_EDGE_S = 0.05
"""Left at each edge of a trimmed piece, so that no soft consonant is cut."""
FRAME_S = 0.01


def trim(samples: Samples, edge_s: float = KEPT_EDGE_S) -> Samples:
    """Cut the silence that the model leaves before (0.4 s) and after (0.6 s) every piece."""
    frame = int(FRAME_S * SAMPLE_RATE_HZ)
    whole = len(samples) // frame
    if whole == 0:
        return samples
    peaks = np.abs(samples[: whole * frame]).reshape(whole, frame).max(axis=1)  # (frames,)
    loud = np.flatnonzero(peaks > LOUDNESS_FLOOR)
    if loud.size == 0:
        return samples[:0]
    edge = int(edge_s * SAMPLE_RATE_HZ)
    start, end = loud[0] * frame - edge, (loud[-1] + 1) * frame + edge
    return samples[max(0, int(start)) : int(end)]


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * SAMPLE_RATE_HZ), np.float32)


class Mp3Encoder:
    """Encodes pieces into one continuous MP3 stream; frames come out as they are full."""

    def __init__(self) -> None:
        self._lame = lameenc.Encoder()
        self._lame.set_bit_rate(BIT_RATE_KBITS)
        self._lame.set_in_sample_rate(SAMPLE_RATE_HZ)
        self._lame.set_channels(1)
        self._lame.set_quality(5)
        self._lame.silence()

    def encode(self, samples: Samples) -> bytes:
        if samples.size == 0:
            return b""
        pcm = (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2")
        return bytes(self._lame.encode(pcm.tobytes()))

    def finish(self) -> bytes:
        return bytes(self._lame.flush())


_SAMPLES_PER_FRAME = {3: 1152, 2: 576, 0: 576}
"""By MPEG version bits: 1, 2 and 2.5, layer III."""
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBITS_V1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_V2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def mp3_duration_s(data: bytes) -> float:
    """Seconds of sound in MP3 frames (ISO/IEC 11172-3 and 13818-3, layer III); 0 if none."""
    place, seconds = _after_id3(data), 0.0
    while place + 4 <= len(data):
        frame = _frame(data[place : place + 4])
        if frame is None:
            place += 1
            continue
        length, duration_s = frame
        seconds += duration_s
        place += length
    return seconds


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:  # four times seven bits
        size = size << 7 | byte & 0x7F
    return 10 + size


def _frame(header: bytes) -> tuple[int, float] | None:
    """(bytes, seconds) of the frame that a four-byte header begins, or None if it is none."""
    if header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    rate_index, bits_index = header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or layer != 1 or rate_index == 3 or bits_index in (0, 15):
        return None
    samples, rate = _SAMPLES_PER_FRAME[version], _RATES_HZ[version][rate_index]
    kbits = (_KBITS_V1 if version == 3 else _KBITS_V2)[bits_index]
    length = samples // 8 * kbits * 1000 // rate + (header[2] >> 1 & 1)
    return length, samples / rate
