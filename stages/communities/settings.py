"""What richness is measured with: section `measure` of params.yaml, which the stages measure and contrast read."""

from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from stages.communities.communities import Algorithm
from stages.core.params import Section
from stages.similarity.vectors import Representation

Part = Literal["instruction", "prompt"]


class Measure(Section):
    """What the indicators of data quality are measured with."""

    section: ClassVar[str] = "measure"
    tokenizer: str
    """`qwen`: the vocabulary of Qwen-14B-Chat (§3.3); else a folder with tokenizer.json."""
    part: Part
    """What of a prompt is compared: `instruction`, the one it was spliced from; `prompt`, all of it but the conversation."""
    representation: Representation
    """What they are compared by: `tfidf`, counts of tokens, the rarer the heavier; `tokens`, bare counts; `token_ids`, in order, padded; `sentences`, a sentence encoder. By the two literal readings of §3.3 richness is told beside."""
    encoder: str
    """With `sentences`: `minilm`, all-MiniLM-L6-v2; else a Sentence Transformers folder."""
    threshold: float = Field(gt=0, le=1)
    """Cosine from which two prompts are alike (§3.3: 0.82)."""
    algorithm: Algorithm
    """`threshold`: a center claims all alike prompts (§3.3); `louvain`, `components`: of the graph of alike prompts."""
    exact_limit: int = Field(ge=1)
    """Distinct prompts up to which all pairs are compared; with more, only pairs that share a neighborhood."""
    literal_rows: int = Field(ge=1)
    """Rows of which the two literal readings are told; of more, so many are drawn, by a hash of their ids."""
    top_n: int = Field(ge=1)
    """Rows of a community that count as rich, N of formula (3)."""
    rarefied: tuple[PositiveInt, ...]
    """Numbers of rows for which richness is told too, as if so many had been drawn: data sets of different size compare at one of them."""


# §3.3 says "text vector representation using the … tokenizer" and a cosine of 0.82. These are the two ways to take it at its word,
# of whole prompts; they stand beside the headline, and docs/richness.md tells what they see.
LITERAL: dict[str, Representation] = {"token_counts": "tokens", "padded_token_ids": "token_ids"}


def literal(params: Measure, representation: Representation) -> Measure:
    """Return the settings of a literal reading: 0.82 to a center, as in §3.3, whatever finds the headline's communities."""
    fixed = {"part": "prompt", "representation": representation, "threshold": 0.82, "algorithm": "threshold"}
    return params.model_copy(update=fixed)
