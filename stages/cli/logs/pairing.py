"""Two runs item by item: both must have answered the same questions, put to them in the same words."""

from collections import Counter
from typing import NamedTuple

from stages.cli.logs.item import Item, Key
from stages.cli.logs.run import Run, named
from stages.core.errors import InputError
from stages.evaluation.rows.pair import Pair

Both = tuple[Key, Pair[Item]]


class Paired(NamedTuple):
    """The items that both runs have, in the base's order, and how many only one of them has."""

    items: list[Both]
    left_out: int


def paired(base: Run, tuned: Run, *, common: bool = False, any_prompt: bool = False) -> Paired:
    """Pair two runs; unequal ones are refused unless what is `common` is enough, other questions always."""
    only_base = [key for key in base.items if key not in tuned.items]
    only_tuned = [key for key in tuned.items if key not in base.items]
    both: list[Both] = [(key, Pair(item, tuned.items[key])) for key, item in base.items.items() if key in tuned.items]
    if not both:
        raise InputError(
            f"{tuned.place}: no item that {base.place} has: {_apart(only_base, only_tuned)}; {_remedy(base, only_base, only_tuned)}"
        )
    if (only_base or only_tuned) and not common:
        raise InputError(
            f"{tuned.place}: not the items of {base.place}: {_apart(only_base, only_tuned)}; ask both the same, or go on with the {len(both):,} common ones: --common"
        )
    _asked_alike(tuned, both, any_prompt)
    _right_alike(tuned, both)
    return Paired(both, len(only_base) + len(only_tuned))


def _apart(only_base: list[Key], only_tuned: list[Key]) -> str:
    parts = ((only_base, "only in the base"), (only_tuned, "only in the tuned"))
    return ", ".join(f"{named(keys)} {where}" for keys, where in parts if keys)


def _remedy(base: Run, only_base: list[Key], only_tuned: list[Key]) -> str:
    """Return what to do about two runs that share no item: perhaps the same questions stand under other groups."""
    numbers = (Counter(key.item for key in keys) for keys in (only_base, only_tuned))
    if base.format == "lm-eval" and len({frozenset(each.items()) for each in numbers}) == 1:
        return (
            "if the tasks are the same, lay lm-eval's results_<date>.json, which names their groups, beside both runs"
        )
    return "give two runs of the same questions"


def _asked_alike(tuned: Run, both: list[Both], any_prompt: bool) -> None:
    """Refuse items of one name that are not one question, or not asked in the same words."""
    if other := [key for key, pair in both if _differ(pair.base.question, pair.model.question)]:
        raise InputError(
            f"{tuned.place}: {named(other)} ask another question than the base's of that name; run both with one version of the task"
        )
    worded = [key for key, pair in both if _differ(pair.base.prompt, pair.model.prompt)]
    if worded and not any_prompt:
        raise InputError(
            f"{tuned.place}: {named(worded)} put to the model in other words (shots, chat template); ask both alike, or go on: --any-prompt"
        )


def _right_alike(tuned: Run, both: list[Both]) -> None:
    """Refuse answers that one metric calls right in the base, another in the tuned."""
    if other := [(key, pair) for key, pair in both if pair.base.metric != pair.model.metric]:
        (_, (base, model)), keys = other[0], [key for key, _ in other]
        raise InputError(
            f"{tuned.place}: {named(keys)} right by {model.metric or 'no metric'}, the base's by {base.metric or 'none'}; name one for both with --metric, or log both alike"
        )


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)
