"""What a pattern needs, begins and ends with is true of all it finds: patterns that are spared find nothing less."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from re import _parser as parser  # type: ignore[attr-defined]

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stages.pii.anonymizer
from stages.pii.patterns import deferred, parsed
from stages.pii.patterns.deferred import Deferred
from stages.pii.patterns.ladder import Ladder
from stages.pii.people.english_context import AFTER, BEFORE
from stages.pii.people.english_small import SMALL_CUES
from stages.pii.values import cues
from stages.text.languages import small

SHIPPED = Path("data/raw/real_estate")
LADDERS: tuple[Ladder[float] | Ladder[str], ...] = (BEFORE, AFTER, SMALL_CUES)
WORDS = (
    "hi thanks, Mr Dr. my cousin called ſaid the \u212aen İs named née fiancé FIANCÉ in 12 , . : ' ’s \n @ regards says here - / hundred one "
    "微信 加v QQ www:// ?token= name is P.O. Box 王 flat street Unit from to BFPO Parkinson ['"
    " 密码 卡号 zipcode 3栋 2单元 501 室 信箱 上海市 浦东新区 姓名：李 李娜 wang sir 阿依古丽 约翰 先生 的 业主 拨"
)
PARTS = (  # a pattern and a text that it fits whole
    (r"ab(?:cd|ef)", 0, "abcd"),
    (r"(?:left|right)x+", re.IGNORECASE, "rightxx"),
    (r"(?=[mn])(k[lm])?no", 0, "no"),
    (r"[abc]zz$", 0, "bzz"),
    (r"(?>un|in)to", 0, "into"),
)
PIECES = st.sampled_from(WORDS.split(" "))
TEXTS = st.lists(st.one_of(PIECES, PIECES, st.text(max_size=2)), max_size=8).map(" ".join)


def patterns() -> Iterator[Deferred]:
    assert stages.pii.anonymizer  # imports all of them
    for name, module in list(sys.modules.items()):
        if name.startswith("stages.pii."):
            for value in vars(module).values():
                yield from (
                    each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Deferred)
                )


SPARED = [
    pattern
    for pattern in dict.fromkeys(patterns())
    if deferred.holder(parsed.needed(pattern.compiled.pattern, pattern.compiled.flags))
]


def shipped_turns() -> list[str]:
    lines = [
        line for path in sorted(SHIPPED.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()[:3]
    ]
    return [turn["text"] for talk in map(json.loads, lines) for turn in talk.get("turns", [])][:1500]


def agrees(text: str) -> bool:
    return all(
        [match.span() for match in pattern.finditer(text)]
        == [match.span() for match in pattern.compiled.finditer(text)]
        for pattern in SPARED
    )


def climbs(rungs: "Ladder[float] | Ladder[str]", text: str) -> bool:
    tried = [
        value
        for value, pattern in rungs._patterns
        if (pattern.compiled.search(text) if rungs._last else pattern.compiled.match(text))
    ]
    return list(rungs.fitting(text)) == tried


def test_many_patterns_are_spared() -> None:
    assert len(SPARED) > 30
    assert all(sum("" in edges for edges in rungs._edges) <= 3 for rungs in LADDERS)


def test_nothing_is_lost_in_shipped_turns() -> None:
    for text in shipped_turns():
        assert agrees(text), text
        for word in list(re.finditer(r"\w+", text))[:8]:
            before, after = text[max(0, word.start() - 50) : word.start()], text[word.end() : word.end() + 40]
            assert climbs(BEFORE, before) and climbs(SMALL_CUES, before) and climbs(AFTER, after), text


@settings(deadline=None)  # the first example compiles the patterns
@given(TEXTS)
def test_nothing_is_lost_in_odd_texts(text: str) -> None:
    assert agrees(text)
    for variant in (text, f"{text} ", f"{text}\n", f"{text} \n"):
        assert all(climbs(rungs, variant) for rungs in LADDERS)


@pytest.mark.parametrize(
    ("pattern", "ends", "begins"),
    [
        ("(?:in|at) $", {"in ", "at "}, {"in ", "at "}),
        ("name(?: is)?:? ", {"ame ", "me: ", " is ", "is: "}, {"name"}),
        ("[ab]+x", {"ax", "bx"}, {"a", "b"}),
        (r"\w x", {" x"}, {""}),
        (r"(?<=y)x{2}(?!z)", {"x"}, {"x"}),
        ("s(?:on|ister)?", {"s", "son", "ster"}, {"s", "son", "sist"}),
        ("[^a]", {""}, {""}),
    ],
)
def test_edges_are_read_off_the_pattern(pattern: str, ends: set[str], begins: set[str]) -> None:
    assert parsed.edges(pattern, last=True) == ends
    assert parsed.edges(pattern, last=False) == begins


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\b(?:Mr|Mrs|Dr)\.? \w+", {"mr", "mrs", "dr"}),
        (r"\d+ (?:one )?hundred", {"hundred"}),
        (r"(?=.*tokyo)\w", {"tokyo"}),
        (r"(?!tokyo)\w", None),
        (r"(?:a|\d)", None),
        (r"(?:tokyo)?x*", None),
        (r"[住在]\w", {"住", "在"}),
    ],
)
def test_needed_words_are_read_off_the_pattern(pattern: str, words: set[str] | None) -> None:
    assert parsed.needed(pattern) == words


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\b(?:card|pin)", set()),
        (r"\bcard|(?:zip|area) codes?|密码", {"zip", "area", "密码"}),
        (r"(?:\bcard|qq)s?", {"qq"}),
        (r"(?P<a>\b pin | 密码 )|(?P<b>\b card)", {"密码"}),
        (r"\d\b|\bcard", None),
    ],
)
def test_what_may_begin_inside_of_a_word_is_read_off_the_pattern(pattern: str, words: set[str] | None) -> None:
    assert parsed.inside(pattern, re.VERBOSE if " 密码 " in pattern else 0) == words


@settings(deadline=None)  # the first example compiles the patterns
@given(TEXTS)
def test_cues_are_found_at_the_borders_of_words_where_none_is_inside(text: str) -> None:
    lowered = small(text)
    found = [(match.lastgroup, match.span()) for match in cues.CUE.compiled.finditer(lowered)]
    assert [(cues.NAMES[name or ""], *place) for name, place in found] == list(cues._cues(text))
    if not cues._may_be_inside()(lowered):
        assert [(match.lastgroup, match.span()) for match in cues.AT_BORDER.compiled.finditer(lowered)] == found


@pytest.mark.parametrize(
    ("words", "text", "holds"),
    [
        ({"a", "bc"}, "b c", False),
        ({*"abcdef"}, "zz", True),  # common signs tell nothing of a text in ASCII …
        ({*"abcdef"}, "密", False),
        ({*"abcdef"}, "密a", True),
        ({f"栋{n}" for n in range(9)}, "栋 9", False),
        ({f"栋{n}" for n in range(9)}, "3栋8", True),
        ({f"栋{n}" for n in range(9)}, "block 8", False),
        ({"sir", *(f"栋{n}" for n in range(9))}, "Yes SIR", True),
        ({"sir", *(f"栋{n}" for n in range(9))}, "栋 sire 1", True),
        ({f"x{chr(n)}" for n in range(97, 123)}, "密 x", True),  # … and stand for the words that they begin
    ],
)
def test_a_text_without_the_words_is_told_by_their_signs(words: set[str], text: str, holds: bool) -> None:
    held = deferred.holder(frozenset(words))
    assert held and held(text) is holds


@pytest.mark.parametrize(
    "changed",
    [
        lambda kind, value: ("A_NEW_PART", value),
        lambda kind, value: (kind, value, "one more"),
        lambda kind, value: (kind, None),
        lambda kind, value: kind,
    ],
)
def test_what_another_python_parses_to_is_held_against_every_text(
    changed: Callable[[object, object], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part of each pattern in turn as `re` may lay it out tomorrow: what is read may be less, and is never wrong."""
    for pattern, flags, text in PARTS:
        assert parsed.needed(pattern, flags) or parsed.edges(pattern, flags, last=True) != {""}
        items = list(parser.parse(pattern, flags))
        for at, item in enumerate(items):
            other = [*items[:at], changed(*item), *items[at + 1 :]]
            with monkeypatch.context() as patch:
                patch.setattr(parser, "parse", lambda *_, other=other: other)
                words, ends = parsed.needed(pattern, flags), parsed.edges(pattern, flags, last=True)
                begins, inside = parsed.edges(pattern, flags, last=False), parsed.inside(pattern, flags)
            assert all(some is None or any(word in text for word in some) for some in (words, inside))
            assert text.endswith(tuple(ends)) and text.startswith(tuple(begins))


@pytest.mark.parametrize(("name", "part"), [("re._parser", "_parser"), ("re._casefix", "_casefix")])
def test_where_re_has_no_such_parts_a_pattern_is_held_against_every_text(
    name: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = spec_from_file_location("parsed_elsewhere", parsed.__file__)
    assert spec and spec.loader
    elsewhere = module_from_spec(spec)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, name, None)
        patch.delattr(re, part, raising=False)
        spec.loader.exec_module(elsewhere)
    for pattern, flags, _ in PARTS:
        assert elsewhere.edges(pattern, flags, last=True) == elsewhere.edges(pattern, flags, last=False) == {""}
        assert elsewhere.needed(pattern, flags) is elsewhere.inside(pattern, flags) is None


def test_a_pattern_is_not_compiled_for_a_text_without_what_it_needs() -> None:
    pattern = Deferred(r"\b(?:Mr|Mrs)\.? \w+")
    assert pattern.search("no title") is None and list(pattern.finditer("none")) == []
    assert "compiled" not in vars(pattern)
    assert pattern.search("see MRS. or Mr Ho", 8) is not None and "compiled" in vars(pattern)


def test_letters_of_several_forms_are_found_in_each() -> None:
    for written in ("ſon", "\u212aeep", "İn"):
        assert small(written) in {"son", "keep", "in"}
    pattern = Deferred("(?:masks|kinship)", re.IGNORECASE)
    assert all(pattern.search(text) for text in ("MASKS", "ma\u017fk\u017f", "\u212aINSHIP", "K\u0131nship"))
    assert parsed.edges("ς", re.IGNORECASE, last=True) == {""}
