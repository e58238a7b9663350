"""Cheap signs that an answer says what its conversation does not: the candidates that `benchmarks.invention` compares.

Each gives a row's answer a score, the higher the more suspicious; None where it has nothing to look at. No model takes part but the
sentence encoder of `vectors`; what likelihoods say is in `benchmarks.invention_likelihood`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from math import log
from statistics import fmean
from typing import NamedTuple

import numpy as np

from stages.answers.formats import NOT_STATED, parse
from stages.answers.grounding import PLACEHOLDER, grounding
from stages.rows.dialogue import PARTY_NAMES
from stages.rows.sample import LabeledSample
from stages.samples.rules.rules import COPY_SPAN, SENTENCE
from stages.similarity.vectors import sentence_vectors
from stages.text import languages

Signal = Callable[[LabeledSample], float | None]
Weights = Mapping[str, float]

PARTY_OF = {name: party for names in PARTY_NAMES.values() for party, name in names.items()}
TURN = re.compile(rf"^({'|'.join(PARTY_OF)})(?: (\S[^:\n]{{0,40}}))?: ")
SIDES = {
    "customer": re.compile(r"\b(?:customers?|clients?)\b|客户(?!经理)|顾客", re.IGNORECASE),
    "provider": re.compile(r"\b(?:providers?|agents?|advisors?)\b|服务者|经纪人|顾问|客户经理", re.IGNORECASE),
}
QUOTED = re.compile(r"[\"“「](.+?)[\"”」]", re.DOTALL)
NAMED = re.compile(
    r"\b([Cc]ustomer|[Pp]rovider|客户|服务者)(?:'s words| said| says| asked| asks|说|问)?\s?[:：,，]?\s?[\"“「](.+?)[\"”」]"
)
HEAD = re.compile(r"^(?:Provider|Customer|服务者|客户)(?: \[\w+\])?[:：]\s*")
OTHER = {"customer": "provider", "provider": "customer"}
GAP = re.compile(r"\.{3}|…+|\[[.…]+\]|\s/\s")
FEW = 3  # marks of a statement, and words of a quotation, under which it says too little to be looked up


class Turn(NamedTuple):
    """What one side says in a row: `party` as in `PARTY_NAMES`, the speaker's name or placeholder, the text."""

    party: str
    speaker: str
    text: str


def key(row: LabeledSample) -> str:
    """Return what tells this answer from all others, to its row and to other rows."""
    return f"{row.id}:{row.answer_id}"


def turns(conversation: str) -> list[Turn]:
    """Return the turns of a rendered conversation; a line without a party goes on with the turn before it."""
    found: list[Turn] = []
    for line in conversation.splitlines():
        if head := TURN.match(line):
            found.append(Turn(PARTY_OF[head[1]], head[2] or "", line[head.end() :]))
        elif found:
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line}")
    return found


def statements(row: LabeledSample) -> list[str]:
    """Return the answer's sentences and values, without field names, and without what is "not stated"."""
    values = parse(row.answer, row.ask)
    texts = [text for found in values.values() for text in found] if values else [row.answer]
    parts = (part.strip() for text in texts for part in SENTENCE.split(text))
    return [part for part in parts if part and not any(phrase in part.casefold() for phrase in NOT_STATED)]


def content(text: str) -> frozenset[str]:
    """Return the marks of a text (`languages.marks`: stems, numbers, pairs of Chinese characters), its placeholders left out."""
    return languages.marks(PLACEHOLDER.sub(" ", text))


def rarity(texts: Iterable[str]) -> Weights:
    """Return log(texts / texts with the mark) of each mark; what stands in none weighs as much as what stands in one."""
    each = [content(text) for text in texts]
    counts = Counter(mark for marks in each for mark in marks)
    return {mark: log(len(each) / count) for mark, count in counts.items()}


def held(marks: frozenset[str], source: frozenset[str], weights: Weights) -> float:
    """Return the weighed share of the marks that the source has; 1.0 without any."""
    most = max(weights.values(), default=1.0)
    whole = sum(weights.get(mark, most) for mark in marks)
    return sum(weights.get(mark, most) for mark in marks & source) / whole if whole else 1.0


def lexical(rows: Sequence[LabeledSample]) -> dict[str, Signal]:
    """Return what is told by words alone; rarity is that among the rows' conversations and answers."""
    weights = rarity([*{row.conversation for row in rows}, *(row.answer for row in rows)])

    def missing(row: LabeledSample) -> list[float]:
        said, asked = content(row.given), content(row.asked)
        each = [content(text) - asked for text in statements(row)]
        return [1 - held(marks, said, weights) for marks in each if len(marks) >= FEW]

    return {
        "words not in the conversation, mean": lambda row: _mean(missing(row)),
        "words not in the conversation, worst sentence": lambda row: max(missing(row), default=None),
        "words of no one turn, mean": lambda row: _mean(scattered(row, weights)),
        "words of no one turn, worst sentence": lambda row: max(scattered(row, weights), default=None),
        "figures beside other words than in the conversation": lambda row: displaced(row, weights),
        "another side than the best turn's": lambda row: misattributed(row, weights),
        "order of the best turns": lambda row: disordered(row, weights),
        "quotations not in the conversation": misquoted,
        "words of one side given to the other": misquoted_side,
        "sentences said before": repeating,
        "runs of five words said before": lambda row: said_again(row.answer),
        "few of the conversation's own words, for its length": lambda row: vague(row, weights),
        "words of the prompt alone": lambda row: prompted(row, weights),
        "copied without quotation marks": copied,
        "numbers and names not in the conversation (rule: ungrounded)": lambda row: (
            1 - grounding(row.answer, row.given, row.asked)
        ),
        "length, words": lambda row: languages.words(row.answer),
    }


def scattered(row: LabeledSample, weights: Weights) -> list[float]:
    """Return of each statement the weighed share of its marks that its best two turns in a row lack."""
    windows = [content(text) for text in in_twos(turns(row.conversation))]
    each = [content(text) - content(row.asked) for text in statements(row)]
    return [
        1 - max((held(marks, window, weights) for window in windows), default=0.0)
        for marks in each
        if len(marks) >= FEW
    ]


def in_twos(said: Sequence[Turn]) -> list[str]:
    """Return each turn with the one after it: a question with its answer."""
    return [f"{one.text}\n{after}" for one, after in zip(said, [*(turn.text for turn in said[1:]), ""], strict=True)]


def displaced(row: LabeledSample, weights: Weights) -> float | None:
    """Return the largest share of words around a figure that no two turns in a row with that figure have; None without such a figure."""
    windows, shares = [content(text) for text in in_twos(turns(row.conversation))], []
    for marks in map(content, statements(row)):
        figures = {mark for mark in marks if mark.isdecimal()}
        words = marks - figures - content(row.asked)
        near = [window for window in windows if figures & window]
        if near and len(words) >= FEW:
            shares.append(1 - max(held(words, window, weights) for window in near))
    return max(shares, default=None)


def sides(text: str, speakers: Mapping[str, str]) -> str | None:
    """Return the side that the statement names, by word or by a speaker's placeholder; None where it names none or several."""
    named = {side for side, words in SIDES.items() if words.search(text)}
    named |= {speakers[mark] for mark in PLACEHOLDER.findall(text) if mark in speakers}
    return named.pop() if len(named) == 1 else None


def misattributed(row: LabeledSample, weights: Weights) -> float | None:
    """Return by how much another side's best turn has more of a statement's marks than the best of the side that it names.

    None where no statement names just one side.
    """
    said = turns(row.conversation)
    speakers, leads = {turn.speaker: turn.party for turn in said if turn.speaker}, []
    for text in statements(row):
        side, marks = sides(text, speakers), content(text) - content(row.asked)
        if side is None or len(marks) < FEW:
            continue
        best: dict[str, float] = dict.fromkeys(PARTY_NAMES["en"], 0.0)
        for turn in said:
            best[turn.party] = max(best[turn.party], held(marks, content(turn.text), weights))
        leads.append(max(best.values()) - best[side])
    return max(leads, default=None)


def disordered(row: LabeledSample, weights: Weights) -> float | None:
    """Return the share of pairs of statements whose best turns stand in the other order; None below three statements."""
    said = [content(turn.text) for turn in turns(row.conversation)]
    places = []
    for marks in map(content, statements(row)):
        shares = [held(marks, turn, weights) for turn in said]
        if len(marks) >= FEW and shares and max(shares) > 0:
            places.append(int(np.argmax(shares)))
    pairs = [first > second for first, second in combinations(places, 2) if first != second]
    return fmean(pairs) if len(places) > 2 and pairs else None


def quotations(text: str) -> Iterator[str]:
    """Yield what the text quotes, in parts where something is left out; too short ones are no quotation."""
    for quoted in QUOTED.findall(text):
        yield from (part for part in GAP.split(quoted) if languages.words(part) >= FEW)


def misquoted(row: LabeledSample) -> float | None:
    """Return the share of quotations whose words do not stand in the conversation, in a row."""
    return _mean([not languages.holds(row.given, part) for _, text in _values(row) for part in quotations(text)])


def misquoted_side(row: LabeledSample) -> float:
    """Return 1.0 where words of one side alone are given to the other, by the field's name or right before the quotation, else 0.0."""
    said = turns(row.conversation)
    source = {side: " | ".join(turn.text for turn in said if turn.party == side) for side in SIDES}
    return float(
        any(
            languages.words(words) > FEW
            and not languages.holds(source[side], words)
            and languages.holds(source[OTHER[side]], words)
            for field, text in _values(row)
            for side, words in _given_to(field, text)
        )
    )


def _given_to(field: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield words with the side that they are given to."""
    side = sides(field, {})
    if side:
        yield from ((side, HEAD.sub("", words)) for words in [*quotations(text)] or [text])
    for found in NAMED.finditer(text):
        if named := sides(found[1], {}):
            yield named, found[2]


def _values(row: LabeledSample) -> list[tuple[str, str]]:
    """Return each value of the answer with the name of its field, blanks between its words."""
    found = parse(row.answer, row.ask) or {"": [row.answer]}
    return [(field.replace("_", " "), text) for field, texts in found.items() for text in texts]


def repeating(row: LabeledSample) -> float | None:
    """Return the share of sentences that the answer has said before, word for word."""
    each = [tuple(languages.units(text)) for text in statements(row) if languages.words(text) > FEW]
    return 1 - len(set(each)) / len(each) if each else None


def said_again(text: str) -> float | None:
    """Return the share of runs of five words that the text has had before; `languages.loops` asks for .35 of runs of four."""
    for phrase in NOT_STATED:
        text = text.replace(phrase, " ")
    runs = languages.runs_of(text, 5)
    return 1 - len(set(runs)) / len(runs) if runs else None


def vague(row: LabeledSample, weights: Weights) -> float | None:
    """Return minus the weighed marks that the answer has of its conversation, a word of it; None without a statement."""
    texts = statements(row)
    words = sum(languages.words(text) for text in texts)
    own = frozenset(mark for text in texts for mark in content(text)) - content(row.asked)
    return -sum(weights.get(mark, 0.0) for mark in own & content(row.given)) / words if words else None


def prompted(row: LabeledSample, weights: Weights) -> float | None:
    """Return the weighed share of the answer's marks that its prompt has and its conversation has not."""
    own = frozenset(mark for text in statements(row) for mark in content(text))
    return held(own, content(row.asked) - content(row.given), weights) if own else None


def copied(row: LabeledSample) -> float:
    """Return the share of words outside of quotation marks that stand in a run of the conversation's, as long as `COPY_SPAN`."""
    text = " | ".join(QUOTED.sub(" | ", text) for _, text in _values(row))
    return languages.repeated(text, row.conversation, COPY_SPAN[row.language])


def vectors(rows: Sequence[LabeledSample]) -> dict[str, Signal]:
    """Return what sentence vectors tell (MiniLM, which knows little Chinese): how far statements are from the nearest two turns in a row."""
    texts = {key(row): [text for text in statements(row) if len(content(text)) >= FEW] for row in rows}
    talks = {row.dialogue: in_twos(turns(row.conversation)) for row in rows}
    place = {text: n for n, text in enumerate(sorted({t for some in (*texts.values(), *talks.values()) for t in some}))}
    matrix = sentence_vectors([*place])

    def away(row: LabeledSample, talk: str) -> list[float]:
        left, right = ([place[text] for text in some] for some in (texts[key(row)], talks[talk]))
        return [*(1 - (matrix[left] @ matrix[right].T).max(axis=1))] if left and right else []

    def beside_others(row: LabeledSample) -> float | None:
        own, *others = (
            _mean(away(row, talk)) for talk in (row.dialogue, *(talk for talk in talks if talk != row.dialogue))
        )
        far = _mean([other for other in others if other is not None])
        return None if own is None or far is None else own - far

    return {
        "sentence vectors, distance, mean": lambda row: _mean(away(row, row.dialogue)),
        "sentence vectors, distance, worst sentence": lambda row: max(away(row, row.dialogue), default=None),
        "sentence vectors, beside other conversations": beside_others,
    }


def _mean(values: Sequence[float]) -> float | None:
    return float(fmean(values)) if values else None
