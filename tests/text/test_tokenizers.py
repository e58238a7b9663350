"""Lengths in tokens: of a stream, each text encoded once."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from stages.core.errors import ParamsError
from stages.text import tokenizers


def test_lengths_are_those_of_the_tokenizer_in_the_order_of_the_texts() -> None:
    texts = ["What is the rent?", "", "租金是多少？", "What is the rent?", "rent " * 40]
    ids = tokenizers.encoder(tokenizers.QWEN)(texts)
    for at_once in (1, 2, 100):
        assert tokenizers.lengths(iter(texts), tokenizers.QWEN, at_once) == [len(found) for found in ids]
    assert tokenizers.lengths([], tokenizers.QWEN) == []


def test_equal_texts_are_encoded_once_and_few_texts_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def encode(texts: Sequence[str]) -> list[list[int]]:
        asked.append(list(texts))
        return [[0] * len(text) for text in texts]

    def stream() -> Iterator[str]:
        for length in (3, 1, 3, 2, 1, 4, 5):
            yield "x" * length

    monkeypatch.setattr(tokenizers, "encoder", lambda name: encode)
    assert tokenizers.lengths(stream(), "any", at_once=2) == [3, 1, 3, 2, 1, 4, 5]
    assert [len(text) for texts in asked for text in texts] == [3, 1, 2, 4, 5]
    assert max(map(len, asked)) == 2


def test_texts_are_encoded_in_parts_and_equal_ones_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["What is the rent?", "", "租金是多少？", "What is the rent?", "rent " * 40, "租金是多少？"]
    rows = tokenizers.encoder(tokenizers.QWEN)(texts)
    for at_once in (1, 2, 100):
        monkeypatch.setattr(tokenizers, "AT_ONCE", at_once)
        found = tokenizers.encoded(iter(texts), tokenizers.QWEN)
        assert found.which.tolist() == [0, 1, 2, 0, 3, 2]
        assert [found.ids[found.starts[k] : found.starts[k + 1]].tolist() for k in found.which] == rows
        assert found.lengths == tokenizers.lengths(texts, tokenizers.QWEN)
        assert found.of([4, 0]).lengths == [len(rows[4]), len(rows[0])]
    assert tokenizers.encoded([], tokenizers.QWEN).lengths == []


LINES = st.text(st.sampled_from("aPZé\u0301服，.!? '\u3000\t\r\n12🙂\u2028"), max_size=12)


@given(st.lists(st.lists(LINES, max_size=6), max_size=4), st.integers(0, 30))
def test_lengths_line_by_line_are_those_of_the_whole_up_to_the_limit(texts: list[list[str]], most: int) -> None:
    whole = tokenizers.lengths(("\n".join(parts) for parts in texts), tokenizers.QWEN)
    for found, length in zip(tokenizers.lengths_up_to(most, texts, tokenizers.QWEN), whole, strict=True):
        assert found == length if length <= most else found > most


def test_nothing_is_encoded_beyond_the_limit_nor_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = list[str]()

    class Words:
        def encode_ordinary(self, text: str) -> list[int]:
            encoded.append(text)
            return [0] * len(text.split())

    monkeypatch.setattr(tokenizers, "_qwen", Words)
    tokenizers._length_by_qwen.cache_clear()
    talk = ["a b", "c d", "e f", "g h"]
    assert tokenizers.lengths_up_to(5, [talk[:1], talk[:2], talk], tokenizers.QWEN) == [2, 4, 6]
    assert encoded == ["a b", "a b\n", "c d", "c d\n", "e f\n"]
    tokenizers._length_by_qwen.cache_clear()


def test_of_another_tokenizer_the_whole_text_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizers, "encoder", lambda name: lambda texts: [[0] * len(text) for text in texts])
    assert tokenizers.lengths_up_to(1, [["ab", "c"], ["d"]], "any") == [4, 1]


def test_a_folders_tokenizer_neither_cuts_nor_pads_as_its_file_says(tmp_path: Path) -> None:
    made = Tokenizer(WordLevel({"[UNK]": 0, "word": 1}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    made.enable_truncation(4)
    made.enable_padding(length=4)
    made.save(str(tmp_path / "tokenizer.json"))
    assert tokenizers.lengths(["word", "word " * 9], str(tmp_path)) == [1, 9]


@pytest.mark.parametrize("content", ["version https://git-lfs.github.com/spec/v1\n", "", "{}", "[1]"])
def test_a_file_that_is_no_tokenizer_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(ParamsError, match=r"^\S+/tokenizer\.json: no tokenizer, [^\n]* fetch it anew [^\n]*$"):
        tokenizers.lengths(["word"], str(tmp_path))
