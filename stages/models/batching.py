"""Rows in batches of like length."""

from collections.abc import Iterator, Sequence


def batches(
    positions: Sequence[int], prompt_tokens: Sequence[int], answer_tokens: Sequence[int], budget: int
) -> Iterator[list[int]]:
    """Group positions of like answer limit and length so that rows × (longest prompt + answer) stays within `budget` tokens.

    A row over the budget by itself gets a batch of its own. Longest first.
    """
    order = sorted(positions, key=lambda n: (answer_tokens[n], prompt_tokens[n], -n), reverse=True)
    batch: list[int] = []
    for n in order:
        widest = prompt_tokens[batch[0]] + answer_tokens[batch[0]] if batch else 0
        if batch and (answer_tokens[n] != answer_tokens[batch[0]] or widest * (len(batch) + 1) > budget):
            yield batch
            batch = []
        batch.append(n)
    if batch:
        yield batch
