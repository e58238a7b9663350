"""How many of a due stage's requests are new, recorded or cached, in how many tokens, and what they cost at most."""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from stages.cli.plan.bounds import ELSEWHERE, HERE, MOST, Facts, waits_for_answers
from stages.cli.plan.changes import Due
from stages.cli.trial import workspace
from stages.cli.trial.exchange import Count, Order
from stages.core import jsonl
from stages.core.row import Record

MILLION = 1_000_000
AT_ONCE = 4  # stages counted side by side, at most


class Requests(Record):
    """What a stage asks of one model; `exact` is false where a number is the most it can be, None where nothing limits it."""

    place: str
    model: str
    backend: str
    exact: bool
    new: int | None
    recorded: int | None  # of those that are known now
    cached: int | None
    unanswered: int | None  # neither recorded nor cached, and nobody is asked
    prompt_tokens: int | None  # of the new ones, about: in Qwen's vocabulary
    answer_tokens_at_most: int | None
    priced: bool  # whether params.yaml has the model's price
    price_at_most: float | None


class Model(NamedTuple):
    """Who is asked at a place of params.yaml."""

    name: str
    backend: str
    asks: bool  # whether the backend has questions answered, now or later
    price: Mapping[str, float] | None


def model(values: Mapping[str, Any], place: str, item: str) -> Model:
    """Return who is asked; `item` is the name of one of evaluation.models."""
    if place == HERE:
        return Model(item, "transformers", True, None)
    found = values["evaluation"]["models"][item] if place == ELSEWHERE else values["llm"][place.partition(".")[2]]
    backend = "openai" if place == ELSEWHERE else str(found["backend"])
    asks = backend != "recorded" and found.get("missing", "ask") == "ask"
    return Model(str(found["model"]), backend, asks, found.get("price"))


def requests(dues: Sequence[Due], facts: Facts, params: Path) -> dict[str, list[Requests]]:
    """Return what each stage that is due asks, by its name; what the run cache restores asks nothing."""
    asking = [each for each in dues if each.fate != "restored" and each.step.entry in MOST]
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        found = pool.map(partial(_of, facts=facts, params=params), asking)
    return {each.step.name: lines for each, lines in zip(asking, found, strict=True) if lines}


def _of(each: Due, facts: Facts, params: Path) -> list[Requests]:
    entry, item = each.step.entry, each.step.name.partition("@")[2]
    most = {_place(place, facts, item): number for place, number in MOST[entry](facts).items() if number != 0}
    if not most:
        return []
    looks = each.fixed or HERE not in most  # a model that will be another has answered nothing yet
    seen = _counted(each, facts, params) if looks else Seen([], False)
    settled = each.fixed and seen.all_known(waits_for_answers(entry, facts))
    return [
        _line(model(facts.values, place, item), place, number, seen.of(place), (each.fixed, settled))
        for place, number in most.items()
    ]


class Seen(NamedTuple):
    """What a stage wanted to ask of the inputs that lie there now, with nobody asked, and whether it came to its end."""

    counts: Sequence[Count]
    ended: bool

    def of(self, place: str) -> list[Count]:
        """Return what it wanted to ask of one model."""
        return [count for count in self.counts if count.place == place]

    def all_known(self, waits: bool) -> bool:
        """Whether this is all that it will ask; `waits`: later questions depend on answers."""
        return (self.ended or bool(self.counts)) and not (waits and any(count.new for count in self.counts))


def _place(place: str, facts: Facts, item: str) -> str:
    """Return where the settings stand: a model of evaluation.models with a source answers in this process."""
    return HERE if place == ELSEWHERE and not facts.get(f"evaluation.models.{item}").get("model") else place


def _counted(each: Due, facts: Facts, params: Path) -> Seen:
    with TemporaryDirectory() as folder:
        place = Path(folder) / "stage"
        place.mkdir()
        workspace.prepare(place, facts.root, each.step, params)
        order = Order(report=Path(folder) / "asked.jsonl", asks=False)
        ended = workspace.run(place, facts.root, each.step, order)  # it may fail for lack of answers: what it asked is told
        counts = jsonl.read(order.report, Count) if order.report.exists() else []
    return Seen(counts, not ended.returncode)


def _line(who: Model, place: str, most: int | None, counts: Sequence[Count], known: tuple[bool, bool]) -> Requests:
    """Return the line of one model; `known`: whether the stage's inputs are, and whether all of its requests are."""
    fixed, settled = known
    new, size = sum(count.new for count in counts), _size(counts)
    if settled:
        dearest, answers = sum(c.prompt_tokens_at_most for c in counts), sum(c.answer_tokens_at_most for c in counts)
        return _made(who, place, True, counts, new, (sum(count.prompt_tokens for count in counts), dearest, answers))
    shown = counts if fixed else None
    at_most = None if most is None else max(most - _sure(counts), new) if fixed else most
    if at_most is None or size is None:
        return _made(who, place, False, shown, at_most, None)
    tokens = round(at_most * size.mean_prompt), at_most * size.longest_prompt, at_most * size.longest_answer
    return _made(who, place, False, shown, at_most, tokens)


def _made(
    who: Model,
    place: str,
    exact: bool,
    counts: Sequence[Count] | None,
    new: int | None,
    tokens: tuple[int, int, int] | None,
) -> Requests:
    """Return the line; `tokens`: of the questions, of them as a budget counts, and of the answers."""
    if not who.asks:
        tokens = (0, 0, 0)
    price = (who.price["input"] * tokens[1] + who.price["output"] * tokens[2]) / MILLION if who.price and tokens else None
    return Requests(
        place=place,
        model=who.name,
        backend=who.backend,
        exact=exact,
        new=new if who.asks else 0,
        recorded=None if counts is None else sum(count.recorded for count in counts),
        cached=None if counts is None else sum(count.cached for count in counts),
        unanswered=0 if who.asks else new,
        prompt_tokens=tokens and tokens[0],
        answer_tokens_at_most=tokens and tokens[2],
        priced=bool(who.price),
        price_at_most=price,
    )


def _sure(counts: Sequence[Count]) -> int:
    """Return how many requests are answered already, whatever comes back: those up to the first stream with a new one."""
    known = 0
    for count in counts:
        known += count.recorded + count.cached
        if count.new:
            break
    return known


class _Size(NamedTuple):
    mean_prompt: float
    longest_prompt: int
    longest_answer: int


def _size(counts: Iterable[Count]) -> _Size | None:
    """Return how large a request is, by those that were seen; None if none was."""
    seen = [count for count in counts if count.requests]
    if not seen:
        return None
    total = sum(count.requests for count in seen)
    return _Size(
        sum(count.mean_prompt * count.requests for count in seen) / total,
        max(count.longest_prompt for count in seen),
        max(count.longest_answer for count in seen),
    )
