"""What the speed of training and answering is compared with does the same work: equal losses, answers and ratings."""

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import generation, training
from stages.chat.in_process import InProcess
from stages.chat.messages import Request
from stages.chat.settings import Transformers
from stages.models import loading

pytestmark = pytest.mark.slow


def test_each_way_of_training_has_the_losses_of_stock_trl(tiny_model: Path) -> None:
    options = Namespace(
        base=tiny_model, batch_size=4, micro_batch=2, max_length=1000, flops=0.0, kinds=["stock", "ours", "packed"]
    )
    rows = [training.invented(n, 6) for n in range(4)]
    found = {kind: [training.measure(rows, kind, options)] for kind in options.kinds}
    stock, *others = (runs[0].losses for runs in found.values())
    for losses in others:
        assert losses == pytest.approx(stock, rel=1e-5)
    told: dict[str, Any] = training.figures(found, [40, 60], options)
    assert told["ratio"]["stock"] == 1.0 and set(told["losses"]) == set(options.kinds)


def test_the_stock_model_answers_and_rates_the_same(tiny_model: Path) -> None:
    requests = [
        Request(row=str(n), user="Count. " * (n + 1), max_tokens=limit, rated="Two rooms.")
        for n, limit in enumerate((9, 3, 20))
    ]
    settings = Transformers(backend="transformers", temperature=0, top_p=1)
    session = InProcess(settings, tiny_model).open()
    model, tokenizer = loading.load(tiny_model)
    theirs = generation.stock(model, tokenizer, requests, 512)
    mine = generation.ours(session, requests)
    assert [reply.text for reply in theirs] == [reply.text for reply in mine]
    assert [reply.completion_tokens for reply in theirs] == [reply.completion_tokens for reply in mine]
    for reply, loss in zip(mine, generation.rate(model, tokenizer, requests), strict=True):
        assert reply.rated and reply.rated.nll == pytest.approx(loss, rel=1e-4)
