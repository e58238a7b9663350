"""What holds for every instruction, told by its text alone: the rules that seeds and evolved ones have in common (§2.1)."""

import re
from collections.abc import Callable
from typing import NamedTuple, get_args

from stages.core.dropped import Reason
from stages.core.row import Language
from stages.instructions.rules import asks
from stages.instructions.rules.beyond import is_unanswerable
from stages.instructions.rules.subject import needs_no_conversation
from stages.pii import ordinary_words
from stages.pii.anonymizer import EXISTING, anonymized
from stages.pii.values.spans import PiiKind
from stages.rows.dialogue import Dialogue, Turn
from stages.rows.instruction import Instruction
from stages.text import languages, refusals

LEEWAY = 2.5  # as stage anonymize: street, council are written with a capital more often than not, and still no names

TITLE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof)\b"),
    "zh": re.compile("先生|女士|小姐|太太|老师|师傅|经理|阿姨|叔叔|大哥|大姐"),
}


class Rules(NamedTuple):
    """What an instruction must be."""

    min_words: int  # two Chinese characters count as one
    max_words: int
    words: frozenset[str] = frozenset()  # `subject.vocabulary` of the domain: who uses it speaks of a conversation


def fault(row: Instruction, rules: Rules) -> Reason | None:
    """Return why the rules refuse an instruction, or None: the first of the reasons below that holds."""
    text, length = row.text, languages.words(row.text)
    faults: dict[Reason, Callable[[], bool]] = {
        Reason.TOO_SHORT: lambda: length < rules.min_words,
        Reason.TOO_LONG: lambda: length > rules.max_words,
        Reason.WRONG_LANGUAGE: lambda: languages.language_of(text) != row.language,
        Reason.LOOPS: lambda: languages.loops(text),
        Reason.REFUSED: lambda: refusals.is_no_instruction(text),
        Reason.PROMPT_ECHO: lambda: asks.is_about_instructions(text),
        Reason.PERSONAL_DATA: lambda: holds_personal_data(row),
        Reason.ANSWERED: lambda: asks.is_carried_out(text),
        Reason.UNANSWERABLE: lambda: asks.is_unanswerable(text) or is_unanswerable(text, row.language, row.knowledge),
        Reason.NOT_ABOUT_DIALOGUE: lambda: needs_no_conversation(text, rules.words),
    }
    return next((reason for reason, holds in faults.items() if holds()), None)


def holds_personal_data(row: Instruction) -> bool:
    """Whether the text or a name of its fields or labels holds a placeholder of stage anonymize, or the text what that stage would replace by one."""
    spoken = Dialogue(
        id=row.id,
        key=row.id,
        language=row.language,
        scene="",
        source="",
        role="",
        turns=(Turn(party="other", text=row.text),),
    )
    _, found = anonymized(spoken, get_args(PiiKind), ordinary_words.ordinary(LEEWAY))
    certain = [one for one in found if one.kind != "person" or _is_person(row, one.start, one.end)]
    return bool(certain) or any(EXISTING.search(said) for said in (row.text, *row.fields, *row.labels))


def _is_person(row: Instruction, start: int, end: int) -> bool:
    """Whether what the anonymizer takes for a name is one: it is told by what is said around it, in a talk, not in prose.

    A title is certain; so is, in English, a capital inside a sentence (`trace it to` is no person, nor is `Mark each line`).
    """
    if TITLE[row.language].search(row.text[start : end + 2]):
        return True
    inside = row.text[:start].rstrip()[-1:].isalnum() or row.text[:start].rstrip().endswith(",")
    return row.language == "en" and row.text[start].isupper() and inside
