"""The local language model: time to the first token and tokens a second, beside transformers'.

The baseline is the same model, adapter merged, in transformers as it comes (float32, its cache,
greedy), reading the same prompt and writing as many tokens; in one process, on the same threads.

    python benchmarks/generate_decode.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import psutil
import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from app.config import Settings
from app.weights.generator import base_model, prepare_generator
from dialogue.generate.adapter import Adapter
from dialogue.generate.decoder import Decoder
from dialogue.generate.gemma_file import GemmaFile, rows_of
from dialogue.generate.prompt import Completion, build_completion
from dialogue.generate.types import GenerationRequest, Passage

ROUNDS = 3
THREADS = 2
TOKENS = 24
FIRST_WITHIN_S, TOKENS_A_SECOND = 1.0, 30.0
"""The goals."""
PASSAGES = [
    Passage("a", "多久能送到", "现货订单付款后24小时内发出，一般2到4天送达，偏远地区要5到7天。"),
    Passage("b", "可以指定快递吗", "默认发顺丰或中通，由仓库按地址安排，暂时不能指定快递公司。"),
    Passage("c", "运费怎么算", "大陆地区满99元包邮，不满的收8元运费，港澳台按重量计费。"),
]
PROMPT = build_completion(GenerationRequest("寄到西藏大概要几天呀", PASSAGES, "zh"))


def best(run: Callable[[], tuple[float, float]]) -> tuple[float, float]:
    """(seconds to the first token, tokens a second), the best of some rounds."""
    rounds = [run() for _ in range(ROUNDS)]
    return min(first for first, _ in rounds), max(speed for _, speed in rounds)


def ours(decoder: Decoder, prompt: Completion) -> tuple[float, float]:
    """As served: the first step reads the prompt and settles the kind of reply."""
    started = time.perf_counter()
    ids = prompt_ids(decoder, prompt)
    states, cache = decoder.step(ids, decoder._empty)
    decoder._mark(states[-1], prompt.numbered)
    first = time.perf_counter() - started
    allowed = sorted(decoder._vocabulary.tokens_of(prompt.sources))
    output = decoder.rows(allowed)
    started = time.perf_counter()
    for _ in range(TOKENS):
        token = allowed[int((output @ states[-1]).argmax())]
        states, cache = decoder.step([token], cache)
    return first, TOKENS / (time.perf_counter() - started)


def prompt_ids(decoder: Decoder, prompt: Completion) -> list[int]:
    return [decoder._bos, *decoder.encode(prompt.passages), *decoder.encode(prompt.question)]


def theirs(model: Gemma3ForCausalLM, ids: list[int]) -> tuple[float, float]:
    with torch.inference_mode():
        started = time.perf_counter()
        found = model(torch.tensor([ids]), use_cache=True, logits_to_keep=1)
        first = time.perf_counter() - started
        started = time.perf_counter()
        for _ in range(TOKENS):
            token = found.logits[:, -1:].argmax(-1)
            found = model(token, past_key_values=found.past_key_values, use_cache=True)
        return first, TOKENS / (time.perf_counter() - started)


def in_transformers(file: GemmaFile) -> Gemma3ForCausalLM:
    shape = file.shape
    levels, scales = file.embedding()
    model = Gemma3ForCausalLM(
        Gemma3TextConfig(
            vocab_size=len(levels),
            hidden_size=shape.hidden,
            intermediate_size=shape.inner,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.kv_heads,
            head_dim=shape.head,
            query_pre_attn_scalar=shape.head,
            sliding_window=shape.window,
        )
    )
    weight = Adapter.load().merged(file.weight)
    names = {
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "self_attn.q_norm": "attn_q_norm",
        "self_attn.k_norm": "attn_k_norm",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "post_attention_norm",
        "pre_feedforward_layernorm": "ffn_norm",
        "post_feedforward_layernorm": "post_ffw_norm",
    }
    state = {"model.embed_tokens.weight": rows_of(levels, scales, np.arange(len(levels)))}
    state["model.norm.weight"] = weight("output_norm.weight") - 1
    for index in range(shape.layers):
        for theirs_name, name in names.items():
            values = weight(f"blk.{index}.{name}.weight")
            gain = 1.0 if name.endswith("norm") else 0.0  # the file's norms hold 1 + w
            state[f"model.layers.{index}.{theirs_name}.weight"] = values - gain
    missing = model.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()}, False)
    assert missing.missing_keys in ([], ["lm_head.weight"]), missing
    model.tie_weights()
    return model.eval()


def show(first: tuple[float, float], speed: tuple[float, float]) -> None:
    """Ours and transformers', the ratio, and the goal."""
    print(f"{'':18}{'ours':>8}{'transformers':>14}{'ratio':>7}{'goal':>7}")
    rows = (
        ("first token, s", first, first[1] / first[0], FIRST_WITHIN_S, first[0] <= FIRST_WITHIN_S),
        (
            "tokens a second",
            speed,
            speed[0] / speed[1],
            TOKENS_A_SECOND,
            speed[0] >= TOKENS_A_SECOND,
        ),
    )
    for name, (mine, other), ratio, goal, met in rows:
        said = "met" if met else "MISSED"
        print(f"{name:18}{mine:8.3f}{other:14.3f}{ratio:7.1f}{goal:7.1f}  {said}")


def main() -> None:
    settings = Settings()
    torch.set_num_threads(THREADS)
    process = psutil.Process()
    folder = prepare_generator(settings.home)
    before = process.memory_info().rss
    started = time.perf_counter()
    decoder = Decoder(folder, THREADS)
    ids = prompt_ids(decoder, PROMPT)
    our_first, our_speed = best(lambda: ours(decoder, PROMPT))
    grown = (process.memory_info().rss - before) / 1e6
    print(f"ours loads in {time.perf_counter() - started:.1f} s, {grown:.0f} MB; prompt {len(ids)}")
    with base_model(settings.home) as source:
        model = in_transformers(GemmaFile(source))
    their_first, their_speed = best(lambda: theirs(model, ids))
    with torch.inference_mode():
        expected = model.model(torch.tensor([ids])).last_hidden_state[0, -1].numpy()
    found = decoder.step(ids, decoder._empty)[0][-1]
    cosine = found @ expected / np.linalg.norm(found) / np.linalg.norm(expected)
    show((our_first, their_first), (our_speed, their_speed))
    print(f"last states agree at cosine {cosine:.4f}")


if __name__ == "__main__":
    main()
