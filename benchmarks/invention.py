"""Which cheap measure sees that a label says what its conversation does not, where no number or name is wrong.

    python -m benchmarks.invention --set NAME LABELS READINGS [LABELS READINGS …] --set NAME … [--base models/base] [--kept FILE]

A set is one or more pairs of files: labelled rows, as in `data/labels/train.jsonl`, and what a reader found wrong with them, as in
`data/calibration/label_readings.jsonl`: `id` of the row, `answer` (its hash; left out where the row has one answer), `quality`, and
`faults`, each with its `kind`. Left out are rows that nobody read, rows whose faults are of other kinds than `--kinds`, and bare labels,
which state nothing.

Prints for each measure and set the area under the ROC curve (AUC), faulty rows against good ones, with a 95 % interval whose clusters
are conversations. At the lowest threshold that flags at most a twentieth of the good rows of the first set it prints how much of the
other sets is flagged, with precision and recall; the rules stand beside. Likelihoods are kept in `--kept`, and computed with `--base`
only. An interval that holds .5 shows nothing, and of twenty measures one does not hold it by chance.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.invention_likelihood import likelihoods, rated
from benchmarks.invention_signals import Signal, lexical, vectors
from benchmarks.similarity import RESAMPLING, lead
from stages.cli.read_label import ReadLabel
from stages.core import jsonl
from stages.core.errors import InputError
from stages.rows.sample import LabeledSample
from stages.samples.rules.rules import Limits, flags
from stages.statistics.bootstrap import Estimate, paired, ratio

LIMITS = Limits(grounding=0.8, coverage=0.5)  # as in params.yaml
ALARMS = (
    0.05  # share of good rows that a threshold may flag: of a rule that flags more, a person would soon look at none
)
UNTRUE = (
    "invention",
    "wrong_speaker",
    "wrong_fact",
    "order",
)  # the other kinds are form, repetition, or what is missing


class Read(NamedTuple):
    """A labelled row, and whether its reader found a fault of the kinds that are looked for."""

    row: LabeledSample
    faulty: bool


class Scored(NamedTuple):
    """The rows of a set that a measure has something to say of, and what it says, in the same order."""

    rows: list[Read]
    scores: list[float]

    @classmethod
    def by(cls, signal: Signal, rows: Sequence[Read]) -> "Scored":
        """Return what the measure says."""
        pairs = [(one, score) for one in rows if (score := signal(one.row)) is not None]
        return cls([one for one, _ in pairs], [score for _, score in pairs])


def read(labels: Path, readings: Path, kinds: Set[str]) -> list[Read]:
    """Return the rows that were read and count, in the order of the labels; see the top of this file. Raises InputError if none does."""
    found = {(one.id, one.answer): one for one in jsonl.read(readings, ReadLabel)}
    rows = []
    for row in jsonl.read(labels, LabeledSample):
        one = found.get((row.id, row.answer_id)) or found.get((row.id, ""))
        if one and row.ask.kind != "label" and not (one.faults and one.kinds.isdisjoint(kinds)):
            rows.append(Read(row, bool(one.faults)))
    if not rows:
        raise InputError(f"{readings}: of none of its rows the answer is in {labels}; take the labels that were read")
    return rows


def read_all(paths: Sequence[Path], kinds: Set[str]) -> list[Read]:
    """Return the rows of files of labels, each with its readings. Raises InputError if a file is left over."""
    if not paths or len(paths) % 2:
        raise InputError(
            f"--set {' '.join(map(str, paths))}: name pairs of files, LABELS READINGS, after the set's name"
        )
    return [one for pair in zip(paths[::2], paths[1::2], strict=True) for one in read(*pair, kinds)]


def area(found: Scored) -> Estimate | None:
    """Return the AUC of the scores for faulty rows, with its interval; None with rows of one kind only."""
    wanted, talks = [float(one.faulty) for one in found.rows], [one.row.dialogue for one in found.rows]
    made = paired(lead, found.scores, wanted, talks, RESAMPLING)
    if made is None:
        return None
    low, high = (None if end is None else (1 + end) / 2 for end in (made.low, made.high))
    return Estimate((1 + made.value) / 2, low, high)


def threshold(found: Scored) -> float:
    """Return the lowest score from which at most `ALARMS` of the good rows are flagged; infinity if every score flags more."""
    good = [score for one, score in zip(found.rows, found.scores, strict=True) if not one.faulty]
    allowed = (
        least for least in sorted(set(found.scores)) if sum(score >= least for score in good) <= ALARMS * len(good)
    )
    return next(allowed, np.inf)


def cut(flagged: Sequence[bool], rows: Sequence[Read]) -> str:
    """Return how many rows are flagged, the share of them that is faulty, and the share of faulty ones that is flagged, as cells."""
    right = [float(one.faulty and flag) for one, flag in zip(rows, flagged, strict=True)]
    talks = [one.row.dialogue for one in rows]

    def share(of: Sequence[bool]) -> Estimate | None:
        some = [n for n, one in enumerate(of) if one]
        return (
            ratio([right[n] for n in some], [1.0] * len(some), [talks[n] for n in some], RESAMPLING) if some else None
        )

    return f"{sum(flagged)} of {len(rows)} | {shown(share(flagged))} | {shown(share([one.faulty for one in rows]))}"


def table(sets: Mapping[str, Sequence[Read]], measures: Mapping[str, Signal]) -> Iterator[str]:
    """Yield the lines of the table: the rules, then the measures."""
    first, *others = sets
    rest = [one for name in others for one in sets[name]]
    heads = [f"AUC, {name}: {sum(one.faulty for one in rows)} of {len(rows)} faulty" for name, rows in sets.items()]
    yield "| " + " | ".join(["", *heads, f"flagged of all but {first}", "precision", "recall"]) + " |"
    yield "|---|" + "---:|" * (len(sets) + 3)
    yield f"| rules: doubtful or faulty |{' |' * len(sets)} {cut([bool(flags(one.row, LIMITS)) for one in rest], rest)} |"
    for name, signal in measures.items():
        areas = [shown(area(Scored.by(signal, rows))) for rows in sets.values()]
        least, tested = threshold(Scored.by(signal, sets[first])), Scored.by(signal, rest)
        told = cut([score >= least for score in tested.scores], tested.rows)
        yield f"| {name} | {' | '.join(areas)} | {told} |"


def shown(found: Estimate | None, least: float = 0.0) -> str:
    """Return a share with its interval, cut to `least` … 1."""
    if found is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{found.value:.2f}"
    return f"{found.value:.2f} ({max(least, found.low):.2f} … {min(1.0, found.high):.2f})"


def main() -> None:
    """Read the sets, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", nargs="+", action="append", required=True, help="NAME, then pairs of files")
    parser.add_argument("--kinds", nargs="+", default=UNTRUE, help="of faults that count")
    parser.add_argument("--base", type=Path, help="folder of a causal model: what likelihoods say, too; minutes")
    parser.add_argument("--kept", type=Path, default=Path(".dvc/tmp/invention.jsonl"), help="file of likelihoods")
    options = parser.parse_args()
    try:
        sets = {name: read_all([*map(Path, paths)], set(options.kinds)) for name, *paths in options.set}
    except InputError as error:
        parser.exit(2, f"{error}\n")
    if len(sets) < 2:
        parser.error("--set: name two sets at least: thresholds come from the first and are tried on the others")
    rows = [one.row for some in sets.values() for one in some]
    measures = {**lexical(rows), **vectors(rows), **likelihoods(rated(rows, options.base, options.kept))}
    for line in table(sets, measures):
        print(line, flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
