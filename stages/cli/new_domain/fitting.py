"""Whether what a model proposes can stand in a pack: ids, texts, names of fields; what cannot is TODO, with the reason."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from stages.cli.new_domain.pack_draft import TODO
from stages.core.row import Language
from stages.instructions.rules.beyond import carries_personal_data, is_unanswerable
from stages.library.wording import Text
from stages.text.languages import language_of, loops

LONGEST: dict[Language, int] = {"en": 400, "zh": 200}  # characters of a text
LONGEST_ID, LONGEST_WORD = 40, 30
FIELDS = range(2, 7)  # how many points an extraction has
WORD = re.compile(r"[^\W\d_][\w ]*")
MARKS = re.compile(r"\W+")
SHORTEST_ECHO: dict[Language, int] = {"en": 14, "zh": 6}  # letters of a text that repeats the question
GENERAL_ID = re.compile(r"(?:the_)?(?:customer|client|provider|service)s?|short_id")
GENERAL = re.compile(r"customer|client|客户")  # known everywhere, so of no domain


class Fitted(NamedTuple):
    """A text as it may stand, and what was wrong with what it stands for; empty: nothing."""

    text: Text
    fault: str = ""


def text(value: object, languages: Iterable[Language], excerpts: str, beside: str = "") -> Fitted:
    """Return a text in each language, TODO where it does not fit; what the question said `beside` the excerpts may be repeated."""
    made, faults = dict[Language, str](), list[str]()
    for language in languages:
        given = value.get(language) if isinstance(value, dict) else None
        fault = _fault(given, language, excerpts, beside)
        made[language] = TODO if fault else " ".join(str(given).replace("_", " ").split())
        faults += [f"{language} {fault}"] if fault else []
    return Fitted(made, ", ".join(faults))


def _fault(given: object, language: Language, excerpts: str, beside: str) -> str:
    if not isinstance(given, str) or not given.strip(" .…"):
        return "is missing"
    if len(given) > LONGEST[language]:
        return f"is longer than {LONGEST[language]} characters"
    if language_of(given) not in (language, None):
        return "is in another language"
    if re.search(rf"\b{TODO}", given) or "{{" in given or "{%" in given:
        return "is no text to be taken over"
    if len(_bare(given)) >= SHORTEST_ECHO[language] and _bare(given) in _bare(beside):
        return "repeats the question"
    if carries_personal_data(given, excerpts, beside):
        return "carries a name, a number or a mark of a conversation"
    if loops(given):
        return "goes round in circles"
    return ""


def instruction(given: object, language: Language, beside: str) -> str:
    """Return what is wrong with an instruction's words; empty: nothing."""
    if fault := _fault(given, language, "", beside):
        return fault
    if is_unanswerable(str(given), language, ()):
        return "asks for what no conversation holds"
    return ""


def identifier(value: object, taken: Collection[str], instead: str) -> str:
    """Return an id in lower case with underscores that nobody has yet; `instead` where there is none in what was given."""
    given = (
        re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_")[:LONGEST_ID].strip("_") if isinstance(value, str) else ""
    )
    return given if given and given[0].isalpha() and given not in taken else instead


def fields(value: object, language: Language) -> tuple[str, ...]:
    """Return names of fields that an answer can have, TODO where there are too few or too many."""
    given = value if isinstance(value, (list, tuple)) else ()
    names = [" ".join(name.replace("_", " ").split()).lower() for name in given if isinstance(name, str)]
    fit = [name.replace(" ", "_") for name in names if WORD.fullmatch(name) and len(name) <= LONGEST_WORD]
    kept = tuple(dict.fromkeys(name for name in fit if language_of(name) in (language, None)))
    return kept if len(kept) in FIELDS else (TODO,)


def is_general(key: str) -> bool:
    """Whether an id is a word that any domain has, such as customer, or the example's."""
    return GENERAL_ID.fullmatch(key) is not None


def words(value: object, languages: Iterable[Language]) -> dict[Language, tuple[str, ...]]:
    """Return what customers are called: short words in lower case, in each language that has some."""
    made = dict[Language, tuple[str, ...]]()
    for language in languages:
        given = value.get(language) if isinstance(value, dict) else ()
        names = [name.strip().lower() for name in given or () if isinstance(name, str)]
        kept = [name for name in names if WORD.fullmatch(name) and len(name) <= LONGEST_WORD]
        made[language] = tuple(
            dict.fromkeys(name for name in kept if language_of(name) == language and not GENERAL.search(name))
        )
    return {language: names for language, names in made.items() if names}


def same(one: str, other: str) -> bool:
    """Whether two texts are the same but for case and marks."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return MARKS.sub("", text).lower()
