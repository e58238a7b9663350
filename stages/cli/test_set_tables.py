"""What a version of the test set holds beyond its cells: unseen requirements, atomic facts, how labels balance, a second reading."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from stages.cli import second_reading
from stages.cli.composition import CountTable, by_language
from stages.cli.second_reading import Judgement
from stages.cli.test_version import StoredVersion
from stages.rows.sample import LabeledSample

ENOUGH = 3  # rows of a label instruction that may not all have the same answer


def tables(rows: Sequence[LabeledSample], stored: StoredVersion) -> Iterator[CountTable]:
    """Yield the tables that say something of this version."""
    unseen = {row.id for row in stored.instructions.values() if row.unseen}
    if unseen:
        names = (("unseen" if row.instruction in unseen else "seen", row.language) for row in rows)
        yield by_language("requirement in training", names, ("seen", "unseen"))
    told = [stored.references[row.id] for row in rows]
    counted = {
        "rows with facts": [int(bool(each.facts)) for each in told],
        "facts": [len(each.facts) for each in told],
        "near misses": [len(each.wrong) for each in told],
    }
    if any(counted["facts"]):
        pairs = [
            (name, row.language)
            for name, counts in counted.items()
            for row, count in zip(rows, counts, strict=True)
            for _ in range(count)
        ]
        table = by_language("atomic statements", pairs, counted)
        yield CountTable(table.header, table.rows[:-1])  # no sum of rows and facts
    if labels := list(balances(rows, stored)):
        yield CountTable(("label instruction", "language", "rows", "answers"), tuple(labels))
    yield from agreement(rows, stored)


def balances(rows: Sequence[LabeledSample], stored: StoredVersion) -> Iterator[tuple[str | int, ...]]:
    """Yield each label instruction with its language, its rows and how often each of its labels is the answer."""
    for instruction, (count, answers) in sorted(_answers(rows).items()):
        asked = stored.instructions[instruction]
        given = ", ".join(f"{label} {answers[label]}" for label in dict.fromkeys([*asked.labels, *sorted(answers)]))
        yield f"{asked.requirement} ({asked.key or instruction})", asked.language, count, given


def unbalanced(rows: Sequence[LabeledSample], stored: StoredVersion) -> Iterator[str]:
    """Yield a warning for each label instruction that has one and the same answer in all its rows, three of them or more."""
    for instruction, (count, answers) in sorted(_answers(rows).items()):
        if count >= ENOUGH and len(answers) == 1:
            asked = stored.instructions[instruction]
            yield (
                f"instruction {asked.key or instruction} has the answer {next(iter(answers))} in all its {count} rows, "
                f"so a model that always says it is right; add rows of another of {', '.join(asked.labels)}"
            )


def _answers(rows: Sequence[LabeledSample]) -> dict[str, tuple[int, Counter[str]]]:
    found = defaultdict[str, Counter[str]](Counter)
    for row in rows:
        if row.ask.kind == "label":
            written = {label.casefold(): label for label in row.ask.labels}
            found[row.instruction][written.get(row.answer.casefold(), row.answer)] += 1
    return {name: (answers.total(), answers) for name, answers in found.items()}


def agreement(rows: Sequence[LabeledSample], stored: StoredVersion) -> Iterator[CountTable]:
    """Yield how far the second reading agreed with the references as it found them, on labels and statements; nothing without one."""
    judged = {
        "labels": list(second_reading.labels(rows, stored.readings)),
        "statements": list(second_reading.verdicts(rows, stored.readings)),
    }
    for name, found in judged.items():
        if found:
            yield CountTable(
                (f"second reading: {name}", "read", "agreed", "Cohen's kappa", "95 %"), tuple(_lines(found))
            )


def _lines(judged: Sequence[Judgement]) -> Iterator[tuple[str | int, ...]]:
    for name, found in second_reading.groups(judged):
        kappa = found.kappa
        value = "–" if kappa is None else f"{kappa.value:.2f}"
        bounds = (
            "–" if kappa is None or kappa.low is None or kappa.high is None else f"{kappa.low:.2f} to {kappa.high:.2f}"
        )
        yield name, found.n, f"{found.share:.1%}", value, bounds
