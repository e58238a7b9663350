"""From texts to communities, exactly and beyond the limit."""

from random import Random
from typing import get_args

import pytest

from stages.communities import kmeans
from stages.communities.communities import Algorithm
from stages.communities.grouping import grouped
from stages.communities.settings import LITERAL, Measure, literal
from stages.core.errors import ModelError


def params(**changes: object) -> Measure:
    values: dict[str, object] = {
        "tokenizer": "qwen",
        "part": "prompt",
        "representation": "tokens",
        "encoder": "minilm",
        "threshold": 0.82,
    }
    values |= {"algorithm": "threshold", "exact_limit": 200_000, "literal_rows": 20_000, "top_n": 1, "rarefied": ()}
    return Measure.model_validate(values | changes)


def texts(rows: int) -> list[str]:
    words = ["flat", "rent", "owner", "price", "visit", "bank", "loan", "lift", "north", "river", "tram", "park"]
    draw = Random(4)
    return [f"{' '.join(draw.sample(words, 5))} {draw.choice(words) * 2}" for _ in range(rows)]


def test_over_the_limit_the_figure_is_marked_as_approximate_with_its_recall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kmeans, "ROWS", 25)
    monkeypatch.setattr(kmeans, "PLACES", 2)
    prompts = texts(400)
    exact, near = (grouped(prompts, params(threshold=0.7, exact_limit=limit)) for limit in (400, 100))
    assert exact.neighbor_recall is None
    assert near.neighbor_recall is not None and 0.3 < near.neighbor_recall < 1
    assert len(near.communities) > len(exact.communities)
    assert sorted(row for rows in near.communities for row in rows) == list(range(400))


def test_copies_of_a_prompt_do_not_count_towards_the_limit() -> None:
    prompts = texts(30) * 10
    found = grouped(prompts, params(exact_limit=30))
    assert found.neighbor_recall is None
    assert sum(len(rows) for rows in found.communities) == 300
    assert min(len(rows) for rows in found.communities) >= 10


def test_prompts_are_compared_by_the_asked_representation() -> None:
    frame = "You are an assistant. Read the whole conversation first, then answer in English."
    prompts = [f"{frame} {ask}" for ask in ("Summarize prices.", "Quote complaints.", "Compare the two flats.")]
    sizes = {kind: grouped(prompts, params(representation=kind, threshold=0.7)).sizes for kind in ("tokens", "tfidf")}
    assert sizes == {"tokens": [3], "tfidf": [1, 1, 1]}


def test_an_encoder_that_is_not_there_is_named() -> None:
    with pytest.raises(ModelError, match="nowhere/encoder: no Sentence Transformers folder"):
        grouped(["rent"], params(representation="sentences", encoder="nowhere/encoder"))


def test_algorithms_divide_a_chain_in_their_ways() -> None:
    words = [
        "flat",
        "rent",
        "owner",
        "price",
        "visit",
        "bank",
        "loan",
        "lift",
        "north",
        "river",
        "tram",
        "park",
        "street",
        "door",
        "roof",
        "wall",
    ]
    chain = [
        "".join(f" {word}" for word in words[n : n + 5]) for n in range(12)
    ]  # the next has a cosine of 0.8, the one after it 0.6
    sizes = {name: grouped(chain, params(threshold=0.7, algorithm=name)).sizes for name in get_args(Algorithm)}
    assert sizes["threshold"] == [3, 2, 2, 2, 2, 1]  # by row order, as all but the ends have two neighbors
    assert sizes["components"] == [12]
    assert 1 < len(sizes["louvain"]) < 5


@pytest.mark.parametrize("algorithm", ["threshold", "louvain", "components"])
def test_every_algorithm_places_every_prompt(algorithm: str) -> None:
    found = grouped(texts(60), params(algorithm=algorithm, threshold=0.6))
    assert sorted(row for rows in found.communities for row in rows) == list(range(60))


def test_texts_without_a_word_of_their_own_are_one_community() -> None:
    found = grouped(["rent"] * 4 + ["rent price", "rent loan"], params(representation="tfidf"))
    assert found.sizes == [4, 1, 1]


def test_the_literal_readings_are_of_whole_prompts_at_the_papers_threshold() -> None:
    chosen = params(part="instruction", threshold=0.5, algorithm="louvain")
    readings = [literal(chosen, kind) for kind in LITERAL.values()]
    assert [(row.part, row.representation, row.threshold, row.algorithm) for row in readings] == [
        ("prompt", "tokens", 0.82, "threshold"), ("prompt", "token_ids", 0.82, "threshold"),
    ]  # fmt: skip
