"""How much personal data is found, and how often something else is taken for it: ours beside presidio-analyzer.

    python -m benchmarks.personal_data                                       # the shipped marks and the held-out ones
    python -m benchmarks.personal_data --public FOLDER                       # and public sets, docs/personal-data.md
    python -m benchmarks.personal_data --spacy-model FOLDER                  # and presidio over that spaCy model
    python -m benchmarks.personal_data --sets 'held out' --forms             # one set, and by how a datum is written
    python -m benchmarks.personal_data --marked FILE --sets FILE             # your own, in the form of the held-out ones

A datum is found when no letter or digit of it is left, whatever the placeholder says. Prints markdown tables: recall of whole
stretches with intervals, by kind, by form (`--forms`), what was taken for personal data and is none, and dialogues a CPU second.
Intervals draw whole dialogues.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import detectors
from benchmarks.detectors import Detector
from benchmarks.marked_talks import ALL, HELD_OUT, PERSON, MarkedSet, Talk, in_file, own, public, texts
from stages.core.errors import DialInsightError, InputError
from stages.pii.gold import Placed
from stages.pii.recall import Original, hit
from stages.statistics.bootstrap import Estimate, Resampling, expanded

RESAMPLING = Resampling(confidence=0.95, resamples=2000, seed=1)
ELSEWHERE = "elsewhere"


class Found(NamedTuple):
    """A marked datum, and whether all of it was found."""

    dialogue: str
    kind: str
    form: str
    whole: bool


class Taken(NamedTuple):
    """A stretch taken for personal data; `instead` is what it is where it touches no mark, else empty."""

    dialogue: str
    kind: str
    instead: str


class Score(NamedTuple):
    """What one detector did with one set."""

    found: Sequence[Found]
    taken: Sequence[Taken]
    dialogues: int
    seconds: float

    @property
    def false(self) -> list[Taken]:
        """What touches no mark."""
        return [each for each in self.taken if each.instead]


def score(marked: MarkedSet, detector: Detector) -> Score:
    """Run a detector over a set; the first dialogue is read once more before, so that loading a model takes no time."""
    found, taken = list[Found](), list[Taken]()
    dialogues = [talk.dialogue for talk in marked.talks]
    detector.find(dialogues[:1])
    began = time.process_time()
    placed = detector.find(dialogues)
    seconds = time.process_time() - began
    for talk, own_places in zip(marked.talks, placed, strict=True):
        found += _found(talk, own_places)
        taken += [_taken(talk, each) for each in own_places if each.kind in marked.complete]
    return Score(found, taken, len(marked.talks), seconds)


def _found(talk: Talk, placed: Sequence[Placed]) -> Iterator[Found]:
    original = Original(texts(talk.dialogue), placed)
    for place, form in talk.known:
        yield Found(talk.dialogue.id, place.mark.kind, form, hit(place, original).whole)


def _taken(talk: Talk, placed: Placed) -> Taken:
    marks = [(known.place.mark.turn, known.place.start, known.place.end, "") for known in talk.known]
    touched = (
        what
        for turn, start, end, what in [*marks, *talk.others]
        if turn == placed.turn and start < placed.end and placed.start < end
    )
    return Taken(talk.dialogue.id, placed.kind, next(touched, ELSEWHERE))


def recall(found: Sequence[Found]) -> Estimate | None:
    """Return the share of marked data of which all was found, with its interval; None where nothing is marked."""
    if not found:
        return None
    return expanded(
        [float(each.whole) for each in found], [1.0] * len(found), [each.dialogue for each in found], RESAMPLING
    )


def false_share(one: Score, kinds: Collection[str]) -> Estimate | None:
    """Return the share of stretches of these kinds that touch no mark; None where there are none."""
    taken = [each for each in one.taken if each.kind in kinds]
    if not taken:
        return None
    amounts = [float(bool(each.instead)) for each in taken]
    return expanded(amounts, [1.0] * len(taken), [each.dialogue for each in taken], RESAMPLING)


def cell(estimate: Estimate | None) -> str:
    """Return a share in per cent, and its interval within 0 and 100."""
    if estimate is None:
        return "–"
    low, high = (None if end is None else 100 * min(1.0, max(0.0, end)) for end in (estimate.low, estimate.high))
    return f"{100 * estimate.value:.1f}" + (f" ({low:.0f}–{high:.0f})" if low is not None and high is not None else "")


Scores = dict[str, dict[str, Score]]  # by set, by detector


def tables(scores: Scores, sets: Sequence[MarkedSet], forms: bool) -> Iterator[str]:
    """Yield the lines of all tables."""
    names = list(next(iter(scores.values())))
    yield from _table(("Whole stretches found, % (95 %)", "n"), names, _recalls(scores))
    yield from _table(("By kind, %", "n"), names, _shares(scores, "kind"))
    if forms:
        yield from _table(("By form, %", "n"), names, _shares(scores, "form"))
    yield from _table(("False of all replaced, % (95 %)", "kinds"), names, _falses(scores, sets))
    yield from _table(("False ones, by what they are", "of"), names, _decoys(scores, sets))
    yield from _table(("Dialogues a CPU second", "dialogues"), names, _speeds(scores))


Row = tuple[str, str, list[str]]


def _table(head: tuple[str, str], names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    yield f"| {head[0]} | {head[1]} | {' | '.join(names)} |"
    yield f"| --- | ---: |{' ---: |' * len(names)}"
    for label, count, cells in rows:
        yield f"| {label} | {count} | {' | '.join(cells)} |"
    yield ""


def _recalls(scores: Scores) -> Iterator[Row]:
    for name, by_detector in scores.items():
        found = [one.found for one in by_detector.values()]
        if found[0]:
            yield name, f"{len(found[0])}", [cell(recall(each)) for each in found]


def _shares(scores: Scores, field: str) -> Iterator[Row]:
    """Yield for each set and kind, or kind and form, how many there are and which share each detector found."""
    for name, by_detector in scores.items():
        groups = [_grouped(one.found, field) for one in by_detector.values()]
        for label, first in sorted(groups[0].items()):
            shares = [f"{100 * sum(group[label]) / len(group[label]):.0f}" for group in groups]
            yield f"{name}: {label}", f"{len(first)}", shares


def _grouped(found: Iterable[Found], field: str) -> dict[str, list[bool]]:
    groups = dict[str, list[bool]]()
    for each in found:
        label = each.kind if field == "kind" else f"{each.kind}, {each.form}"
        if field == "kind" or each.form:
            groups.setdefault(label, []).append(each.whole)
    return groups


def _falses(scores: Scores, sets: Sequence[MarkedSet]) -> Iterator[Row]:
    for marked in sets:
        for label, kinds in (("all", ALL), ("person", PERSON)):
            if marked.complete and kinds <= marked.complete:
                yield marked.name, label, [_false(one, kinds) for one in scores[marked.name].values()]


def _false(one: Score, kinds: Collection[str]) -> str:
    return f"{cell(false_share(one, kinds))} of {sum(each.kind in kinds for each in one.taken)}"


def _decoys(scores: Scores, sets: Sequence[MarkedSet]) -> Iterator[Row]:
    """Yield for each thing that something was taken for, how often, and how many such things the set names."""
    for marked in sets:
        named = Counter(other[3] for talk in marked.talks for other in talk.others)
        wrong = [Counter(each.instead for each in one.false) for one in scores[marked.name].values()]
        for what in sorted(set[str]().union(*wrong)):
            yield f"{marked.name}: {what}", str(named.get(what, "–")), [str(count[what]) for count in wrong]


def _speeds(scores: Scores) -> Iterator[Row]:
    for name, by_detector in scores.items():
        speeds = [f"{one.dialogues / one.seconds:,.0f}" if one.seconds else "–" for one in by_detector.values()]
        yield name, str(next(iter(by_detector.values())).dialogues), speeds


def compared(spacy_model: str) -> Iterator[Detector]:
    """Yield what is compared; a model or package that is not there is said and left out."""
    offered = detectors.offered()
    yield Detector("rules", detectors.ours(dict.fromkeys(offered)))
    evidence = detectors.loadable(offered, sys.stderr.write)
    if named := " + ".join(name for name in evidence.values() if name):
        yield Detector(f"rules + {named}", detectors.ours(evidence))
    if spacy_model:
        try:
            yield Detector("presidio", detectors.presidio(spacy_model))
        except InputError as error:
            sys.stderr.write(f"presidio is left out: {error}\n")


def chosen(folder: Path | None, marked: Path | None, names: Sequence[str], most: int) -> list[MarkedSet]:
    """Return the sets whose name holds one of `names`, at most so many dialogues of each; sets without any are left out."""
    more = [*(public(folder) if folder else ()), *(in_file(marked, str(marked)) if marked else ())]
    sets = [each for each in [*own(), *in_file(HELD_OUT, "held out"), *more] if each.talks]
    kept = [each for each in sets if not names or any(name in each.name for name in names)]
    if not kept:
        raise InputError(f"--sets {' '.join(names)}: no set is called so; there are {', '.join(s.name for s in sets)}")
    return [each._replace(talks=each.talks[:most] if most else each.talks) for each in kept]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public", type=Path, metavar="FOLDER", help="where pii/, sgd_homes/ and crosswoz/ are")
    parser.add_argument("--marked", type=Path, metavar="FILE", help="your own, as data/calibration/personal_data.jsonl")
    parser.add_argument("--spacy-model", default="", metavar="PATH", help="presidio's model; without it no presidio")
    parser.add_argument("--sets", nargs="+", default=[], metavar="NAME", help="only sets with this in their name")
    parser.add_argument("--most", type=int, default=0, help="only so many dialogues of each set; 0: all")
    parser.add_argument("--forms", action="store_true", help="also by how a datum is written")
    options = parser.parse_args(arguments)
    try:
        sets = chosen(options.public, options.marked, options.sets, options.most)
        detecting = list(compared(options.spacy_model))
        scores = {each.name: {one.name: score(each, one) for one in detecting} for each in sets}
    except DialInsightError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("\n".join(tables(scores, sets, options.forms)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
