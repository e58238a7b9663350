"""Whether reference similarity puts answers of known worth in their order.

    dvc exp run -S test_set=v1 testset    # the rows that the set's variants are of
    python -m benchmarks.reference_similarity
    python -m benchmarks.reference_similarity --part held_out
    python -m benchmarks.reference_similarity --encoder ''    # without the sentence vectors, a matter of seconds
    python -m benchmarks.reference_similarity --unwritten --labels FILE     # another test set, such as bank_service's

Of 30 rows of the shipped test set, 15 a language, data/calibration/reference_variants.jsonl holds the reference, the same in other
words, and the reference with one fact wrong; the other variants are made here. Prints, by language:

- the mean score of each variant by the shipped measure, by the one that it replaced, by chrF and by the cosine of MiniLM (English);
- for how many rows each step of the order holds, is tied and is turned round: verbatim > paraphrase > one fact wrong > copied
  dialogue > shuffled words > off topic > refusal > empty;
- both for what can be made of *all* test rows, without the cosine (this comes first);
- the rank correlation of each measure with the grades of data/calibration/judge.jsonl.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple, get_args

import numpy as np
from sacrebleu.metrics import CHRF

from stages.answers import numerals
from stages.answers.facts import names, plain
from stages.answers.formats import FieldValues, parse
from stages.answers.grounding import PLACEHOLDER, SHORT
from stages.answers.negation import denials, shared
from stages.cli.marked_child import Part, ReferenceVariants
from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.row import Language
from stages.evaluation.calibration.items import CalibrationItem
from stages.evaluation.similarity import reference
from stages.rows.instruction import Ask, FormatKind
from stages.rows.sample import LabeledSample
from stages.similarity.vectors import sentence_vectors
from stages.statistics.agreement import spearman
from stages.text.languages import SPACED_WORD

ORDER = ("verbatim", "paraphrase", "one fact wrong", "copied dialogue", "shuffled", "off topic", "refusal", "empty")
BESIDE_STEPS = (("paraphrase", "runs of three"), ("one fact wrong", "runs of three"))
BY_HAND = ("paraphrase", "one fact wrong")
BESIDE = (
    "runs of three",
    "paraphrase, shuffled",
    "paraphrase, runs of three",
    "fields rotated",
    "placeholders exchanged",
    "denial appended",
    "values empty",
    "negated label",
    "label in a sentence",
    "other language",
    "three times",
    "double length",
)
REFUSAL = {"en": "I'm sorry, but I can't help with that request.", "zh": "很抱歉，我无法完成这个请求。"}
# Chinese is shuffled in pieces of two characters, as most of its words are that long.
PIECE = re.compile(r"\[[A-Z_]+_\d+\]|[\u4e00-\u9fff]{1,2}|[A-Za-z0-9.,'’%$€£-]+|\S")
DENIAL = {"en": "None of this is true.", "zh": "以上都不是真的。"}
NUMBERED = re.compile(r"(?<=[A-Z])_\d+(?=\])")


class Case(NamedTuple):
    """An answer of known worth beside its reference."""

    kind: str
    language: Language
    ask: Ask
    reference: str
    answer: str
    prompt: str
    row: str


Measure = Callable[[Case, float | None], float]


def joined(written: Sequence[ReferenceVariants], rows: Mapping[str, LabeledSample], path: Path) -> list[LabeledSample]:
    """Return the rows that the variants were written for; a reference that reads otherwise now is an error.

    The numbers of placeholders may differ.
    """
    missing = [each.id for each in written if each.id not in rows]
    other = [each.id for each in written if each.id in rows and _bare(rows[each.id].answer) != _bare(each.reference)]
    if missing or other:
        raise InputError(
            f"{path}: {len(missing)} rows are not in the test set and {len(other)} references read otherwise now "
            f"({', '.join([*missing, *other])}); write their variants anew or take other rows"
        )
    return [rows[each.id].model_copy(update={"answer": each.reference}) for each in written]


def _bare(text: str) -> str:
    return NUMBERED.sub("", text)


def made(row: LabeledSample, others: Sequence[LabeledSample]) -> dict[str, str]:
    """Return the variants that need no person; `others` are the rows off whose topic this one is."""
    answer, rng = row.answer, Random(row.id)
    elsewhere = [other for other in others if other.dialogue != row.dialogue]
    near = [other for other in elsewhere if other.language == row.language] or elsewhere
    alike = [other for other in near if other.ask.kind == row.ask.kind and other.answer != answer] or near
    off = rng.choice(sorted(alike, key=lambda other: other.id)).answer
    found = {
        "verbatim": answer,
        "copied dialogue": row.conversation,
        "off topic": off,
        "refusal": REFUSAL[row.language],
        "empty": "",
    }
    if (mixed := shuffled(answer, row.language, rng)) != answer:  # a single character has no other order
        found["shuffled"] = mixed
    if row.ask.kind == "label":
        english = row.language == "en"
        found["negated label"] = f"not {answer}" if english else f"不是{answer}"
        found["label in a sentence"] = f"It is nowhere near {answer}." if english else f"很难说是{answer}。"
    else:
        found |= {"three times": "\n".join([answer] * 3), "double length": f"{answer}\n{off}"}
        found |= {"runs of three": in_runs(answer, row.language, Random(row.id))}
        found |= {"denial appended": f"{answer}\n{DENIAL[row.language]}"}
    if len(held := sorted(set(PLACEHOLDER.findall(answer)))) > 1:
        found["placeholders exchanged"] = exchanged(answer, held[0], held[1])
    if (values := parse(answer, row.ask)) and len(values) > 1 and row.ask.kind in LAID_OUT:
        found["fields rotated"] = LAID_OUT[row.ask.kind](rotated(values))
    if row.ask.kind == "json":
        found["values empty"] = json.dumps(dict.fromkeys(row.ask.fields, ""), ensure_ascii=False)
    if row.ask.kind == "key_values":
        found["values empty"] = "\n".join(f"{field}: -" for field in row.ask.fields)
    return found


def shuffled(text: str, language: Language, rng: Random) -> str:
    """Return the words of a text in a random order, not its own if it has another; of one or two words the characters."""
    pieces, blank = (text.split(), " ") if language == "en" else (PIECE.findall(text), "")
    pieces, blank = (list(text), "") if len(pieces) < 3 else (pieces, blank)
    tries = (blank.join(rng.sample(pieces, len(pieces))) for _ in range(20))
    return next((mixed for mixed in tries if mixed != text), text)


def in_runs(text: str, language: Language, rng: Random) -> str:
    """Return runs of three words, in Chinese of six characters, in a random order."""
    pieces, size, blank = (text.split(), 3, " ") if language == "en" else (list(text), 6, "")
    runs = [blank.join(pieces[start : start + size]) for start in range(0, len(pieces), size)]
    return blank.join(rng.sample(runs, len(runs)))


def exchanged(text: str, one: str, other: str) -> str:
    """Return the text with two placeholders in each other's place."""
    swap = {one: other, other: one}
    return PLACEHOLDER.sub(lambda found: swap.get(found[0], found[0]), text)


def rotated(values: FieldValues) -> dict[str, str]:
    """Return each field with the next one's values."""
    said = ["; ".join(each) for each in values.values()]
    return dict(zip(values, [*said[1:], said[0]], strict=True))


LAID_OUT: dict[FormatKind, Callable[[Mapping[str, str]], str]] = {
    "json": lambda values: json.dumps(values, ensure_ascii=False),
    "key_values": lambda values: "\n".join(f"{field}: {value}" for field, value in values.items()),
    "multipart": lambda values: "\n".join(f"## {field}\n{value}" for field, value in values.items()),
}


def cases(
    written: Sequence[ReferenceVariants], rows: Sequence[LabeledSample], others: Sequence[LabeledSample]
) -> Iterator[Case]:
    """Yield every variant of every row."""
    for each, row in zip(written, rows, strict=True):
        by_hand = {"paraphrase": each.paraphrase, "one fact wrong": each.one_fact_wrong}
        if row.ask.kind != "label":
            by_hand["paraphrase, shuffled"] = shuffled(each.paraphrase, each.language, Random(each.id))
            by_hand["paraphrase, runs of three"] = in_runs(each.paraphrase, each.language, Random(each.id))
        if each.other_language:
            by_hand["other language"] = each.other_language
        yield from _cases(row, by_hand | made(row, others))


def _cases(row: LabeledSample, answers: Mapping[str, str]) -> Iterator[Case]:
    for kind, answer in answers.items():
        yield Case(kind, row.language, row.ask, row.answer, answer, row.text, row.id)


def graded(path: Path) -> tuple[list[Case], list[float]]:
    """Return the answers of the judge's calibration with their grades."""
    found, grades = list[Case](), list[float]()
    for item in jsonl.read(path, CalibrationItem):
        ask = Ask(kind=_form(item.reference))
        for each in item.answers:
            found.append(Case(each.kind, item.language, ask, item.reference, each.answer, item.question, item.id))
            grades.append(each.grade)
    return found, grades


def _form(text: str) -> FormatKind:
    kinds: tuple[FormatKind, ...] = ("json", "table", "multipart", "list", "paragraph")
    return next((kind for kind in kinds if parse(text, Ask(kind=kind)) is not None), "message")


def shipped(case: Case, cosine: float | None) -> float:
    """Return reference similarity, 0 to 10."""
    return reference.blend(reference.parts(case.reference, case.answer, case.ask, cosine, case.prompt))


def replaced(case: Case, cosine: float | None) -> float:
    """Return what reference similarity was before: format .15, facts .4, cosine .3, chrF .15; of a label format .15, label .85."""
    form = float(parse(case.answer, case.ask) is not None)
    if case.ask.kind == "label":
        right = _named(case.answer, case.ask.labels) == _named(case.reference, case.ask.labels)
        return 1.5 * form + 8.5 * right
    if not case.answer.strip():
        return 0.0
    found = [
        (form, 0.15),
        (_facts_before(case.reference, case.answer), 0.4),
        (cosine, 0.3),
        (chrf(case, None) / 10, 0.15),
    ]
    known = [(max(share, 0.0), weight) for share, weight in found if share is not None]
    return 10 * sum(share * weight for share, weight in known) / sum(weight for _, weight in known)


def _named(answer: str, labels: Sequence[str]) -> str:
    text = answer.strip().casefold()
    named = [label.casefold() for label in labels if label.casefold() in text]
    longest = [label for label in named if not any(label != other and label in other for other in named)]
    return longest[0] if len(longest) == 1 else text


def _facts_before(first: str, second: str) -> float | None:
    """F1 of facts, of figures those in digits."""
    both = alone = 0
    for left, right in zip(_stated_before(first, second), _stated_before(second, first), strict=True):
        both += max(sum(left), sum(right))
        alone += left.count(False) + right.count(False)
    denied = denials(plain(first)), denials(plain(second))
    same = shared(*denied)
    both, alone = both + same, alone + sum(map(len, denied)) - 2 * same
    return 2 * both / (2 * both + alone) if both or alone else None


def _stated_before(text: str, other: str) -> Iterator[list[bool]]:
    yield [mark in PLACEHOLDER.findall(other) for mark in set(PLACEHOLDER.findall(text))]
    text, other = plain(text), plain(other)
    values = numerals.stated(other)
    yield [bool(readings & values) for readings in set(numerals.written(text))]
    known = names(other) | {SHORT.get(word, word) for word in SPACED_WORD.findall(other.casefold())}
    yield [name in known or (not name.isascii() and name in other) for name in names(text)]


def chrf(case: Case, cosine: float | None) -> float:
    """Return sacreBLEU's sentence chrF2 on a scale of 10."""
    return float(CHRF().sentence_score(case.answer, [case.reference]).score) / 10


def cosines(found: Sequence[Case], encoder: str) -> list[float | None]:
    """Return the cosine of each English answer to its reference; None without an encoder, and for Chinese."""
    known = [place for place, case in enumerate(found) if case.language == "en"] if encoder else []
    both = (
        [sentence_vectors([getattr(found[n], side) for n in known], encoder) for side in ("reference", "answer")]
        if known
        else []
    )
    near = np.einsum("ij,ij->i", *both).tolist() if known else []
    by_place = dict(zip(known, near, strict=True))
    return [by_place.get(place) for place in range(len(found))]


MEASURES: dict[str, Measure] = {"shipped": shipped, "before": replaced, "chrF": chrf}
Scores = dict[str, dict[str, dict[str, float]]]  # by measure, by kind, by row


def scores(found: Sequence[Case], near: Sequence[float | None]) -> Scores:
    """Return every measure of every case, 0 to 10."""
    table: Scores = {}
    for case, cosine in zip(found, near, strict=True):
        values = {name: measure(case, cosine) for name, measure in MEASURES.items()}
        for name, value in (values if cosine is None else values | {"cosine": 10 * cosine}).items():
            table.setdefault(name, {}).setdefault(case.kind, {})[case.row] = value
    return table


def means(table: Scores, kinds: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a table of means, a kind a line."""
    yield f"| variant | n | {' | '.join(table)} |\n| --- | ---: |{' ---: |' * len(table)}"
    for kind in kinds:
        values = [list(of_kind.get(kind, {}).values()) for of_kind in table.values()]
        if values[0]:
            yield f"| {kind} | {len(values[0])} | {' | '.join(f'{np.mean(each):.3f}' for each in values)} |"


def steps(table: Scores, kinds: Sequence[str]) -> Iterator[str]:
    """Yield for each step of the order how many rows hold it, tie and turn it round."""
    yield f"| step: higher / tied / lower | {' | '.join(table)} |\n| --- |{' ---: |' * len(table)}"
    for first, second in [*pairwise(kinds), *BESIDE_STEPS]:
        if not {first, second} <= table["shipped"].keys():
            continue
        cells = (" / ".join(map(str, step(of_kind[first], of_kind[second]))) for of_kind in table.values())
        yield f"| {first} > {second} | {' | '.join(cells)} |"


def step(first: Mapping[str, float], second: Mapping[str, float]) -> tuple[int, int, int]:
    """Return in how many rows the first is higher, tied and lower; to nine decimals."""
    gaps = [round(first[row] - second[row], 9) for row in first.keys() & second.keys()]
    return sum(gap > 0 for gap in gaps), sum(gap == 0 for gap in gaps), sum(gap < 0 for gap in gaps)


def correlations(found: Sequence[Case], near: Sequence[float | None], grades: Sequence[float]) -> Iterator[str]:
    """Yield Spearman's rank correlation of each measure with the grades, by language."""
    yield f"\n| graded answers | n | {' | '.join(MEASURES)} |\n| --- | ---: |{' ---: |' * len(MEASURES)}"
    for language in get_args(Language):
        places = [n for n, case in enumerate(found) if case.language == language]
        graded_so = [grades[n] for n in places]
        ranks = (spearman([measure(found[n], near[n]) for n in places], graded_so) for measure in MEASURES.values())
        yield f"| {language} | {len(places)} | {' | '.join(f'{rank:.3f}' for rank in ranks)} |"


def report(title: str, found: Sequence[Case], near: Sequence[float | None], kinds: Sequence[str], each: bool) -> None:
    """Print the tables of a group of cases, by language; with `each`, the shipped score of each row as well."""
    for language in get_args(Language):
        places = [n for n, case in enumerate(found) if case.language == language]
        table = scores([found[n] for n in places], [near[n] for n in places])
        print("\n".join([f"\n{title}, {language}\n", *means(table, [*kinds, *BESIDE]), "", *steps(table, kinds)]))  # noqa: T201 - the result
        for row in table["shipped"][kinds[0]] if each else ():
            print(row, *(f"{table['shipped'][kind][row]:.2f}" for kind in kinds))  # noqa: T201 - the result


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, default=Path("data/labels/test.jsonl"))
    parser.add_argument("--variants", type=Path, default=Path("data/calibration/reference_variants.jsonl"))
    parser.add_argument("--graded", type=Path, default=Path("data/calibration/judge.jsonl"))
    parser.add_argument("--part", choices=get_args(Part), help="one half of the 30 rows; else both")
    parser.add_argument(
        "--unwritten", action="store_true", help="only what can be made of all rows, as of another domain"
    )
    parser.add_argument("--encoder", default="minilm", help="as score.encoder; empty: none")
    parser.add_argument("--rows", action="store_true", help="print the scores of each of the 30 rows as well")
    options = parser.parse_args()
    rows = jsonl.by_id(options.labels, LabeledSample)
    everything = list(rows.values())
    whole = [case for row in everything for case in _cases(row, made(row, everything))]
    report("all test rows", whole, [None] * len(whole), [kind for kind in ORDER if kind not in BY_HAND], each=False)
    if options.unwritten:
        return
    written = [each for each in jsonl.read(options.variants, ReferenceVariants) if options.part in (None, each.part)]
    try:
        chosen = joined(written, rows, options.variants)
    except InputError as error:
        parser.error(str(error))
    found = list(cases(written, chosen, everything))
    report(f"{len(written)} rows", found, cosines(found, options.encoder), ORDER, options.rows)
    judged, grades = graded(options.graded)
    print("\n".join(correlations(judged, cosines(judged, options.encoder), grades)))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
