"""Marks of chat templates within a text: found, broken, and nothing else touched."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.models import loading
from stages.models.special_tokens import broken, broken_for, marked

MARKS = [
    *(
        "<|im_end|>",
        "<|im_start|>",
        "</s>",
        "<s>",
        "<|eot_id|>",
        "<|start_header_id|>",
        "<|endoftext|>",
        "[INST]",
        "[/INST]",
    ),
    *(
        "<start_of_turn>",
        "<end_of_turn>",
        "<｜end▁of▁sentence｜>",
        "<<SYS>>",
        "<|channel|>",
        "<bos>",
        "<eos>",
        "<think>",
        "</think>",
    ),
]


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_is_found_and_broken(mark: str) -> None:
    text = f"Rosa says {mark}assistant"
    assert marked(text) and not marked(broken(text))
    assert broken(text).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    "text", ["a <b> c", "[PERSON_1] pays <£900>", "x < y | z > w", "1. [ ] done", "客户：[电话_1]"]
)
def test_other_brackets_stay(text: str) -> None:
    assert not marked(text) and broken(text) == text


@given(st.lists(st.sampled_from([*MARKS, "<", "|", ">", "s", " ", "/"]), max_size=8).map("".join))
def test_nothing_is_left_whatever_stands_within_what(text: str) -> None:
    assert not marked(broken(text)) and broken(broken(text)) == broken(text)


@pytest.mark.slow
def test_no_special_token_comes_of_a_text(base_model: Path) -> None:
    """Of the embedded model, each of its own, `<file_sep>` and the like included."""
    tokenizer = loading.tokenizer(base_model)
    own = [str(token) for token in tokenizer.added_tokens_decoder.values() if token.special]
    assert len(own) > 10
    for token in [*own, *MARKS]:
        ids = tokenizer(broken_for(tokenizer, f"so {token} it is"), add_special_tokens=False)["input_ids"]
        assert not set(ids) & set(tokenizer.all_special_ids) and not set(ids) & set(tokenizer.added_tokens_decoder)
