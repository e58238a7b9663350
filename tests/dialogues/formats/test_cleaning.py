"""What is taken out of a text, and what stays."""

from pathlib import Path

import pytest

from stages.dialogues.formats.cleaning import clean


@pytest.mark.parametrize(
    "text", ["\u200b", "\ufeff \u200e", "\u2060\u00ad", "\u200d", "\x00\x1b[0m", " \n\t", "\u2800", "\u0301", ""]
)
def test_what_nobody_can_see_says_nothing(text: str) -> None:
    assert clean(text).text == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x07c", "abc"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("one\u2028two\x85three", "one\ntwo\nthree"),
        ("\u202ehidden\u202c", "hidden"),
        ("a\tb\nc", "a\tb\nc"),
        ("👨\u200d👩\u200d👧 👍🏽", "👨\u200d👩\u200d👧 👍🏽"),
        ("…", "…"),
        ("👍", "👍"),
        (" 5 < 6 and 7 > 3, <3, a<b ", "5 < 6 and 7 > 3, <3, a<b"),
        ("[PERSON_1] [image] <a@example.com>", "[PERSON_1] [image] <a@example.com>"),
    ],
)
def test_what_can_be_seen_stays(text: str, expected: str) -> None:
    assert clean(text) == (expected, 0)


@pytest.mark.parametrize(
    "token",
    ["</s>", "<s>", "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<｜User｜>", "<｜end▁of▁sentence｜>",
     "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<bos>", "<eos>", "<pad>", "<unk>", "<start_of_turn>", "<end_of_turn>", "<think>", "</think>",
     "<tool_call>", "<reponame>", "[gMASK]", "[CLS]", "<extra_id_0>", "<|im_\u200bend|>", "<BOS_TOKEN>", "<|START_OF_TURN_TOKEN|>"],
)  # fmt: skip
def test_a_special_token_is_broken_up_and_counted(token: str) -> None:
    cleaned = clean(f"before {token} after")
    assert cleaned.tokens == 1
    assert token.replace("\u200b", "") not in cleaned.text
    assert cleaned.text.replace(" ", "") == f"before{token}after".replace("\u200b", "")


@pytest.mark.slow
def test_no_special_token_of_the_base_model_comes_through(root: Path) -> None:
    from transformers import AutoTokenizer

    if not (root / "models/base").is_dir():
        pytest.skip("stage base has not run here")
    tokenizer = AutoTokenizer.from_pretrained(root / "models/base")
    for token in tokenizer.added_tokens_decoder.values():
        ids = tokenizer(f"hello {token.content} you", add_special_tokens=False)["input_ids"]
        assert set(ids) & set(tokenizer.added_tokens_decoder), token.content  # it would have been special
        ids = tokenizer(clean(f"hello {token.content} you").text, add_special_tokens=False)["input_ids"]
        assert not set(ids) & set(tokenizer.added_tokens_decoder), token.content
