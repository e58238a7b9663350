import pytest

from stages.instructions.parsing import Draft, draft


@pytest.mark.parametrize(
    ("answer", "text", "fields"),
    [
        ("Summarize the call.", "Summarize the call.", ()),
        ('New instruction: "Summarize the call."', "Summarize the call.", ()),
        ("Instructions:\nList the needs.\n\nExplanation: because", "List the needs.", ()),
        ("List the needs.\nFields: budget, move-in date, budget.", "List the needs.", ("budget", "move-in_date")),
        ("改写后的指令：请归纳客户需求。\n字段：预算、面积", "请归纳客户需求。", ("预算", "面积")),
        ("", "", ()),
        ("Fields: a", "", ("a",)),
    ],
)
def test_text_and_fields_are_read_out_of_an_answer(answer: str, text: str, fields: tuple[str, ...]) -> None:
    assert draft(answer) == Draft(text=text, fields=fields)
