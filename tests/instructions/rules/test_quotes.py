"""What stands around a text goes, what belongs to a phrase in it stays."""

import pytest

from stages.instructions.rules.quotes import unquoted


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('"List the needs."', "List the needs."),
        ("“他为什么生气？”", "他为什么生气？"),
        ("「“List the needs.”」", "List the needs."),
        ("'List the needs.'", "List the needs."),
        ("‘Don’t list the needs.’", "Don’t list the needs."),
        ("'Don't list the needs.'", "Don't list the needs."),
        ('**"List the needs."**\n', "List the needs."),
        ('"List the needs.', "List the needs."),
        ("List the needs.”", "List the needs."),
        ('“List the needs."', "List the needs."),
        ('"Say "yes" or "no"."', 'Say "yes" or "no".'),
        ("“写“是”或“否””", "写“是”或“否”"),
        ('"Write "no" or "yes"', 'Write "no" or "yes"'),
        ("", ""),
        ('"', ""),
        ('""', ""),
        ("> # `_", ""),
    ],
)
def test_marks_around_a_text_go(text: str, bare: str) -> None:
    assert unquoted(text) == bare


@pytest.mark.parametrize(
    "text",
    [
        'List the fees; where none is named write "not stated"',
        "请列出费用，没有的写“未提及”",
        "请列出费用，没有的写「未提及」",
        '"Not stated" is what you write where nothing was said.',
        '"Yes" or "no"',
        "“是”还是“否”",
        "List the promises of both customers'",
        "Count what he calls 'soon'",
        "List the needs.",
    ],
)
def test_the_mark_of_a_phrase_at_one_end_stays(text: str) -> None:
    assert unquoted(text) == text
