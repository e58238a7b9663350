"""Lengths in tokens: of a stream, each text encoded once."""

from collections.abc import Iterator, Sequence

import pytest

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
