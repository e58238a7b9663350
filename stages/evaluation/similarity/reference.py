"""Reference similarity: how near an answer is to the reference, 0 to 10. It is no judge's score and no share of right answers.

It can rank two versions of one model on the same rows; it says little about a single answer. What it is tried on, and what it
cannot see: docs/reference-similarity.md.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from stages.answers.facts import Facts, compare
from stages.answers.formats import NOT_STATED, parse
from stages.evaluation.rows.score import Parts, PartScore
from stages.rows.instruction import Ask
from stages.text.languages import language_of, marks, repeated, runs_of, units
from stages.text.refusals import declines, speaks_as_model

# How much each part of the content weighs; the weight of a part that says nothing goes to the others.
CONTENT = {"facts": 0.5, "words": 0.25, "cosine": 0.25}
FORM = 0.15  # of the score: for the asked form; the rest is for the content, or for the right label
# What each fault takes away at its worst; only the one that takes most counts.
FAULTS = {"order": 0.92, "language": 0.95, "reply": 0.99, "own": 0.6, "length": 0.6, "loop": 0.6}

RUN = {"en": 2, "zh": 3}  # words, characters in a row that show an order
FREEDOM = {"en": 4, "zh": 8}  # of a share s of kept words a paraphrase keeps s to this power in their order
PHRASED = 0.1  # and no less than this
FEW = 10  # runs of a reference too short to tell an order
ROOM, SLACK = 1.5, 20  # an answer may be so many times as long as the reference, or so many words longer
COPIED = {"en": 8, "zh": 14}  # words, characters in a row that are no coincidence
LEAD = re.compile(
    r"^(?:(?:the )?(?:label|answer|rating)(?: is\b|:|\s*：)|(?:标签|答案|结论|结果)(?:是|为|\s*[:：]))", re.IGNORECASE
)
AROUND = " \t\r\n.,;:!?。，；：！？\"'`*_“”‘’「」『』()（）[]【】"


def parts(reference: str, answer: str, ask: Ask, cosine: float | None, prompt: str) -> Parts:
    """Compare an answer with its reference; `cosine` is that of their sentence vectors, `prompt` what an answer may copy from."""
    form = float(parse(answer, ask) is not None)
    if ask.kind == "label":
        label = chosen(answer, ask.labels)
        return Parts(format=form, label=float(label is not None and label == chosen(reference, ask.labels)))
    near = None if cosine is None else min(max(cosine, 0.0), 1.0)
    if not answer.strip():
        missing = compare("\n".join(_values(reference, ask).values()), "")
        return Parts(format=0.0, facts=missing.f1, words=0.0, cosine=None if near is None else 0.0)
    wanted, said = _values(reference, ask), _values(answer, ask)
    asked, given = "\n".join(wanted.values()), "\n".join(said.values())
    if wanted.keys() != said.keys():
        wanted, said = {"": asked}, {"": given}
    facts, tongue = _facts(wanted, said), language_of(asked)
    span = COPIED[tongue or "en"]
    return Parts(
        format=form,
        facts=facts.f1,
        words=_shared_words(wanted, said, ask),
        cosine=near,
        agreement=1 / (1 + facts.conflicts),
        order=order(asked, given),
        own=_without(repeated(given, prompt, span), repeated(asked, prompt, span)),
        language=None if tongue is None or language_of(given) is None else float(tongue == language_of(given)),
        length=_fitting(len(units(asked)), len(units(given))),
        loop=_without(_said_before(given), _said_before(asked)),
        reply=float(not _declines(given) or _declines(asked)),
    )


def blend(found: Parts) -> float:
    """Return 0 to 10: for a label whether it is right, else the content, less what contradicts it and less the worst fault."""
    form = _sound(found.format)
    if found.label is not None:
        return 10 * ((1 - FORM) * found.label + FORM * form)
    content = {name: share for name in CONTENT if (share := getattr(found, name)) is not None}
    weight = sum(CONTENT[name] for name in content)
    near = sum(CONTENT[name] * share for name, share in content.items()) / weight if weight else 0.0
    worst = min(1 - cost * (1 - _sound(getattr(found, name))) for name, cost in FAULTS.items())
    return 10 * near * (1 - FORM * (1 - form)) * _sound(found.agreement) * worst


def _sound(share: PartScore) -> float:
    return 1.0 if share is None else share


def chosen(answer: str, labels: Sequence[str]) -> str | None:
    """Return the label that the answer is, in small letters; None if it is none.

    Case, quotation marks and punctuation around it do not matter, nor does what leads it in, as in "Label: high".
    """
    text = LEAD.sub("", answer.strip(AROUND), count=1).strip(AROUND).casefold()
    return text if text in {label.casefold() for label in (*labels, *NOT_STATED)} else None


def order(reference: str, answer: str) -> PartScore:
    """Return 1 where shared words go on alike, towards 0 for words in any order; None for a reference too short to tell.

    How many of the shared words have to is as many as in a paraphrase: few where it changes most words, all where it changes
    none. Only words of one line follow each other, so that the lines may change places. What the answer's words in any order
    would share is taken off; the share is squared, so that a little of it counts little.
    """
    tongue = language_of(reference) or "en"
    span = RUN[tongue]
    asked, given = _runs(reference, span), _runs(answer, span)
    if asked.total() < FEW:
        return None
    words, single, before = _runs(reference, 1), _runs(answer, 1), _runs(answer, span - 1)
    kept = (words & single).total() / words.total()
    chance = (
        sum(min(n, before[run[:-1]] * single[run[-1:]] / max(1, single.total())) for run, n in asked.items())
        / asked.total()
    )
    in_order = (asked & given).total() / asked.total()
    share = max(0.0, in_order - chance) / max(kept - chance, 1 / words.total())
    return min(1.0, share / max(PHRASED, kept ** FREEDOM[tongue])) ** 2


def _runs(text: str, span: int) -> Counter[tuple[str, ...]]:
    return Counter(run for line in text.splitlines() for run in runs_of(line, span))


def _values(text: str, ask: Ask) -> dict[str, str]:
    """Return what an answer that has its form says by field, without the fields' names; else, and without fields, the text."""
    values = parse(text, ask)
    if values is None or not ask.fields or "" in values:
        return {"": text}
    return {field: "\n".join(values.get(field, [])) for field in ask.fields}


def _facts(reference: Mapping[str, str], answer: Mapping[str, str]) -> Facts:
    found = [compare(reference[field], answer[field]) for field in reference]
    return Facts(*map(sum, zip(*found, strict=True)))


def _shared_words(reference: Mapping[str, str], answer: Mapping[str, str], ask: Ask) -> float:
    names = marks("\n".join(ask.fields).replace("_", " "))
    left, right = (
        {(field, mark) for field, value in text.items() for mark in marks(value) - names}
        for text in (reference, answer)
    )
    return 2 * len(left & right) / (len(left) + len(right)) if left or right else 1.0


def _said_before(text: str, span: int = 4) -> float:
    runs = Counter(runs_of(text, span))
    return 1 - len(runs) / runs.total() if runs else 0.0


def _without(fault: float, references: float) -> float:
    """Return 1 less the fault, as far as the reference does not have it itself."""
    return 1.0 if fault <= references else 1 - (fault - references) / (1 - references)


def _fitting(reference: int, answer: int) -> float:
    room = max(ROOM * reference, reference + SLACK)
    return min(1.0, room / answer) if answer else 1.0


def _declines(text: str) -> bool:
    return declines(text) or speaks_as_model(text)


def mean(shares: Sequence[PartScore]) -> PartScore:
    """Return the mean of what is not None; None if nothing is."""
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None
