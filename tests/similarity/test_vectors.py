"""Readings of a text as a vector; token counts do not depend on how many texts are tokenized together."""

import math

import numpy as np
import pytest

from stages.similarity import vectors
from stages.text import tokenizers

TEXTS = ["the rent and the deposit", "", "押金是两个月的房租", "the rent", "a lift"]


def test_counts_in_parts_are_those_of_all_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = vectors.token_counts(TEXTS, tokenizers.QWEN)
    monkeypatch.setattr(vectors, "AT_ONCE", 2)
    parts = vectors.token_counts(TEXTS, tokenizers.QWEN)
    assert np.array_equal(whole.toarray(), parts.toarray())
    assert whole.shape[1] == len({token for row in tokenizers.encoder(tokenizers.QWEN)(TEXTS) for token in row})
    assert whole.sum(axis=1).A1.tolist() == tokenizers.lengths(TEXTS, tokenizers.QWEN)


@pytest.mark.parametrize("texts", [[], [""]])
def test_no_token_is_one_empty_column(texts: list[str]) -> None:
    assert vectors.token_counts(texts, tokenizers.QWEN).shape == (len(texts), 1)


def cosine(found: np.ndarray, one: int, other: int) -> float:
    return float(found[one] @ found[other])


def test_what_all_texts_share_weighs_nothing() -> None:
    frame = "You are an assistant. Read the whole conversation first, then answer in English."
    texts = [f"{frame} {ask}" for ask in ("Summarize prices.", "Quote complaints.", "Compare the two flats.")]
    found = vectors.tfidf_vectors(texts, tokenizers.QWEN).toarray()
    bare = vectors.count_vectors(texts, tokenizers.QWEN).toarray()
    assert cosine(bare, 0, 1) > 0.8
    assert cosine(found, 0, 1) < 0.1
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)


def test_weights_are_counts_by_the_logarithm_of_how_rare_a_token_is() -> None:
    texts = ["rent rent", "rent price", "price", "loan"]
    tokens = [tokenizers.encoder(tokenizers.QWEN)([text])[0] for text in texts]
    holders = {token: sum(token in row for row in tokens) for row in tokens for token in row}
    weights = {token: tokens[0].count(token) * math.log(4 / holders[token]) for token in set(tokens[0])}
    length = math.sqrt(sum(value**2 for value in weights.values()))
    found = vectors.tfidf_vectors(texts, tokenizers.QWEN)[[0]]
    assert sorted(found.data.tolist()) == pytest.approx(sorted(value / length for value in weights.values()), abs=1e-6)


def test_a_text_without_a_word_of_its_own_is_a_row_of_zeros() -> None:
    found = vectors.tfidf_vectors(["rent", "rent price"], tokenizers.QWEN)
    assert found[[0]].nnz == 0 and found[[1]].nnz > 0
    assert vectors.tfidf_vectors(["rent"], tokenizers.QWEN).nnz == 0
    assert vectors.tfidf_vectors([], tokenizers.QWEN).shape[0] == 0


def test_padded_ids_keep_the_order_that_counts_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["rent price loan", "loan rent price", "rent"]
    ids = vectors.token_id_vectors(texts, tokenizers.QWEN)
    rows = tokenizers.encoder(tokenizers.QWEN)(texts)
    assert ids.shape == (3, max(map(len, rows)))
    assert [row[: len(own)].tolist() for row, own in zip(ids, rows, strict=True)] == rows
    assert not ids[2, len(rows[2]) :].any()
    monkeypatch.setattr(vectors, "LONGEST", 2)
    assert vectors.token_id_vectors(texts, tokenizers.QWEN).shape == (3, 2)


@pytest.mark.parametrize("representation", ["tfidf", "tokens", "token_ids"])
def test_each_representation_has_a_row_a_text(representation: vectors.Representation) -> None:
    assert vectors.vectors(["rent", "price of a flat"], representation).shape[0] == 2
