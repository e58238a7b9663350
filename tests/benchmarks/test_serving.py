"""The prompts that serving is timed with are the stage's, all different, and of about the length that is said."""

from itertools import islice

import pytest

from benchmarks.serving import prompts
from stages.text import tokenizers


@pytest.mark.parametrize("tokens", [500, 1500])
def test_prompts_have_about_the_tokens_that_are_asked_for(tokens: int) -> None:
    made = list(islice(prompts(tokens), 5))
    assert len(set(made)) == 5
    lengths = tokenizers.lengths(made, tokenizers.QWEN)
    assert all(0.85 * tokens < length < 1.15 * tokens for length in lengths)
