"""How many of a due stage's requests are new, recorded or cached, in how many tokens, and what they cost at most."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from stages.cli.plan.bounds import ELSEWHERE, HERE, MOST, waits_for_answers
from stages.cli.plan.changes import Due
from stages.cli.plan.facts import Facts
from stages.cli.plan.requests import ASKING, Requests
from stages.cli.plan.seen import Seen, look, size_of
from stages.cli.trial.exchange import Count
from stages.core.params import load_all

MILLION = 1_000_000
UNNAMED = "base"  # who answers where a backend needs no name of a model
AT_ONCE = 4  # stages counted side by side, at most


class Model(NamedTuple):
    """Who is asked at a place of params.yaml."""

    name: str
    backend: str
    asks: bool  # whether the backend has questions answered, now or later
    price: Mapping[str, float] | None


def model(values: Mapping[str, Any], place: str, item: str) -> Model:
    """Return who is asked; `item` is the name of one of evaluation.models."""
    if place in HERE:
        return Model(item, "transformers", True, None)
    found = values["evaluation"]["models"][item] if place == ELSEWHERE else values["llm"][place.partition(".")[2]]
    backend = "openai" if place == ELSEWHERE else str(found["backend"])
    asks = backend != "recorded" and found.get("missing", "ask") == "ask"
    return Model(str(found.get("model", UNNAMED)), backend, asks, found.get("price"))


def requests(root: Path, params: Path, dues: Sequence[Due]) -> dict[str, list[Requests]]:
    """Return what each stage that is due asks, by its name, with the params in `params`; what is restored asks nothing."""
    working = [each for each in dues if each.fate != "restored"]
    moving = {out for each in working for out in each.step.outs}
    facts = Facts(root, load_all(params), moving, {each.step.entry for each in working})
    asking = [each for each in working if each.step.entry in ASKING]
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        found = pool.map(partial(_of, facts=facts, params=params), asking)
    return {each.step.name: lines for each, lines in zip(asking, found, strict=True) if lines}


def _of(each: Due, facts: Facts, params: Path) -> list[Requests]:
    entry, item = each.step.entry, each.step.name.partition("@")[2]
    most = {_place(place, facts, each): number for place, number in MOST[entry](facts).items() if number != 0}
    if not most:
        return []
    remote = ELSEWHERE in most
    fixed = each.fixed or (remote and {path for path, _ in each.inputs} == {f"models/{item}"})
    looks = fixed or not HERE & most.keys()  # a model in this process that will be another has answered nothing yet
    seen = look(each, facts, params, item if remote else "") if looks else Seen([], "not looked at")
    settled = fixed and seen.all_known(waits_for_answers(entry, facts))
    whole = [(place, number, model(facts.values, place, item)) for place, number in most.items()]
    if settled:
        return [_counted_line(who, place, seen.of(place)) for place, _, who in whole]
    lines = [
        _bounded_line(who, place, number, seen.of(place), seen.certain(place) if fixed else None)
        for place, number, who in whole
    ]
    fault = "" if seen.counts or not fixed else seen.fault  # before it asked anything: a run would end there too
    return [line.model_copy(update={"fault": fault}) for line in lines]


def _place(place: str, facts: Facts, each: Due) -> str:
    """Return where the settings stand: a model of evaluation.models with a source answers in this process."""
    item = each.step.name.partition("@")[2]
    if place == ELSEWHERE and not facts.get(f"evaluation.models.{item}").get("model"):
        return each.step.entry.removesuffix("_other")
    return place


def _counted_line(who: Model, place: str, counts: Sequence[Count]) -> Requests:
    tokens = [
        sum(getattr(count, name) for count in counts)
        for name in ("prompt_tokens", "prompt_tokens_at_most", "answer_tokens_at_most")
    ]
    return _made(who, place, True, counts, sum(count.new for count in counts), (tokens[0], tokens[1], tokens[2]))


def _bounded_line(
    who: Model, place: str, most: int | None, seen: Sequence[Count], certain: Sequence[Count] | None
) -> Requests:
    """Return the most that may be asked; `certain` is None where the stage's inputs may change."""
    known = sum(count.recorded + count.cached for count in certain or ())
    at_most = None if most is None else max(most - known, sum(count.new for count in certain or ()))
    if at_most is None or (size := size_of(seen)) is None:
        return _made(who, place, False, certain, at_most, None)
    tokens = round(at_most * size.mean_prompt), at_most * size.longest_prompt, at_most * size.longest_answer
    return _made(who, place, False, certain, at_most, tokens)


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
    price = (
        (who.price["input"] * tokens[1] + who.price["output"] * tokens[2]) / MILLION if who.price and tokens else None
    )
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
