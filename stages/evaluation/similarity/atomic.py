"""Fact F1: which atomic statements of a reference an answer makes, and what it makes up; no wording is compared.

    recall    = facts stated / facts of the row
    precision = facts stated / (facts stated + wrong statements made + figures, names and placeholders from nowhere)
    F1        = 2 · recall · precision / (recall + precision)

A fact is stated wherever its keys stand; a wrong statement is made where its keys stand within one sentence or line. From nowhere is
what occurs neither in the prompt with its conversation nor in the row's facts nor in the reference. See docs/fact-f1.md.
"""

from stages.answers import numerals
from stages.answers.facts import DATE, names, plain
from stages.answers.grounding import GRADE, PLACEHOLDER, SHORT
from stages.evaluation.rows.score import Atomic
from stages.evaluation.similarity.figures import unified
from stages.evaluation.similarity.statements import states, states_at_once
from stages.evaluation.similarity.titles import prose
from stages.rows.sample import Reference
from stages.text.languages import SPACED_WORD


def atomic(reference: Reference, answer: str, prompt: str) -> Atomic | None:
    """Return what an answer to `prompt`, conversation included, states; None where the reference names no facts."""
    if not reference.facts:
        return None
    told = [piece for fact in reference.facts for piece in (fact.says, *(key for group in fact.keys for key in group))]
    return Atomic(
        facts=len(reference.facts),
        stated=sum(states(answer, fact) for fact in reference.facts),
        wrong=sum(states_at_once(answer, each) for each in reference.wrong),
        made_up=made_up(answer, "\n".join([prompt, reference.answer, *told])),
    )


def made_up(answer: str, known: str) -> int:
    """Return how many of an answer's figures in digits, names and placeholders what is known does not hold, each counted once.

    Figures, placeholders and dates count everywhere, other names in running text alone.
    """
    marks = set(PLACEHOLDER.findall(answer)) - set(PLACEHOLDER.findall(known))
    answer, known = plain(answer), plain(known)
    values = numerals.stated(known) | numerals.stated(unified(known))
    figures = {readings for readings in numerals.written(GRADE.sub(" ", unified(answer))) if not readings & values}
    words = {SHORT.get(word, word) for word in SPACED_WORD.findall(known.casefold())}
    dates = {SPACED_WORD.findall(date.casefold())[-1][:3] for date in DATE.findall(answer)}
    called = {
        name for name in (names(prose(answer)) | dates) - names(known) - words if name.isascii() or name not in known
    }
    return len(marks) + len(figures) + len(called)
