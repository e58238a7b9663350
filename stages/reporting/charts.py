"""What the pictures of the report show, in percent of their planes: one reading of each plot file, and the line under it that says what to see."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stages.reporting.counted import counted
from stages.reporting.wording import number, percent, words

Row = Mapping[str, Any]
# From the best to the worst; the first three are judged, the others are what rules found.
QUALITIES = ("high", "medium", "low", "no_fault", "doubtful", "faulty")


class Column(NamedTuple):
    """One bar of a histogram: place, width and height in percent, and what it is."""

    x: float
    width: float
    height: float
    name: str


class Columns(NamedTuple):
    """A histogram with the words at its ends, and the caption."""

    columns: list[Column]
    first: str
    last: str
    most: int
    caption: str


class Stack(NamedTuple):
    """A bar of shares that make 100 %: quality, start and width in percent."""

    label: str
    pieces: list[tuple[str, float, float]]


class Couple(NamedTuple):
    """A figure before and after, in percent of the longest, and in words."""

    label: str
    before: float
    after: float
    shown: str


class Heat(NamedTuple):
    """A table of counts: the columns' names, and for each row its name and, by column, count and share of the largest."""

    columns: list[str]
    rows: list[tuple[str, list[tuple[int, float]]]]
    caption: str


class Curve(NamedTuple):
    """The loss as a path in a plane of 100 by 100, with its axis labels."""

    path: str
    steps: int
    top: str
    bottom: str
    caption: str


def histogram(bins: Sequence[Row], what: str) -> Columns | None:
    """Return the rows by tokens of their prompt or dialogue (`what`, one of them), of metrics/plots/complexity.json, or None without any."""
    if not any(one["rows"] for one in bins):
        return None
    start, end, most = bins[0]["from"], bins[-1]["to"], max(one["rows"] for one in bins)
    columns = [
        Column(
            round(100 * (one["from"] - start) / (end - start), 2),
            round(100 * (one["to"] - one["from"]) / (end - start), 2),
            round(100 * one["rows"] / most, 2),
            f"{_range(one)} tokens: {counted(one['rows'], 'row')}",
        )
        for one in bins
    ]
    rows, fullest = sum(one["rows"] for one in bins), max(bins, key=lambda one: int(one["rows"]))
    caption = f"Of {counted(rows, what)}, from {start} to {end} tokens long, the most ({most}) have {_range(fullest)}."
    return Columns(columns, str(start), f"{end} tokens", most, caption)


def _range(one: Row) -> str:
    return f"{one['from']} to {one['to'] - 1}"


def communities(sizes: Sequence[Row], quality: Mapping[str, Any]) -> Columns | None:
    """Return the largest communities by rank, of metrics/plots/communities.json, or None without any."""
    if not sizes:
        return None
    most, width = max(one["size"] for one in sizes), 100 / len(sizes)
    columns = [
        Column(
            round(place * width, 2),
            round(width, 2),
            round(100 * one["size"] / most, 2),
            f"community {one['community']}: {counted(one['size'], 'row')}",
        )
        for place, one in enumerate(sizes)
    ]
    found, rows = quality["communities"], quality["n"]
    caption = (
        f"{counted(rows, 'row')} {'falls' if rows == 1 else 'fall'} into {counted(found['count'], 'community', 'communities')} of like prompts, "
        f"{found['singletons']} of them of one row; the largest "
        f"has {percent(found['largest'] / rows, 0)} of all. A steep fall from the left would be a set that repeats itself."
    )
    return Columns(columns, "largest", f"number {len(sizes)}" if len(sizes) > 1 else "", most, caption)


def stacks(shares: Sequence[Row]) -> list[Stack]:
    """Return the shares of each quality by group, of metrics/plots/label_quality*.json."""
    groups = defaultdict[str, dict[str, float]](dict)
    for one in shares:
        groups[one["group"]][one["quality"]] = 100 * one["share"]
    return [Stack(words(group), _pieces(found)) for group, found in sorted(groups.items())]


def _pieces(found: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """Return what there is of each quality, side by side."""
    pieces, start = list[tuple[str, float, float]](), 0.0
    for quality in QUALITIES:
        if width := found.get(quality, 0.0):
            pieces.append((quality, round(start, 2), round(width, 2)))
            start += width
    return pieces


def composition(train: Sequence[Row], test: Sequence[Row], kind: str) -> list[Couple]:
    """Return the shares of tasks or formats in the training draw and in the test set (Fig. 3)."""
    drawn, held = ({one["name"]: one["rows"] for one in rows if one["kind"] == kind} for rows in (train, test))
    all_drawn, all_held = sum(drawn.values()) or 1, sum(held.values()) or 1
    names = sorted(drawn | held, key=lambda name: (-drawn.get(name, 0), name))
    parts = [(name, drawn.get(name, 0) / all_drawn, held.get(name, 0) / all_held) for name in names]
    most = max((max(one, other) for _, one, other in parts), default=0) or 1
    return [
        Couple(words(name), _of(one, most), _of(other, most), f"{percent(one, 0)}, {percent(other, 0)}")
        for name, one, other in parts
    ]


def scores(by_task: Mapping[str, Row]) -> list[Couple]:
    """Return the domain score before and after by task, of metrics/comparison, in percent of the highest."""
    most = max((max(one["base"], one["model"]) for one in by_task.values() if one["n"]), default=0) or 1
    return [
        Couple(
            f"{words(task)} ({one['n']})",
            _of(one["base"], most),
            _of(one["model"], most),
            f"{number(one['base'], 2)} → {number(one['model'], 2)}",
        )
        for task, one in sorted(by_task.items())
        if one["n"]
    ]


def rises(by_task: Mapping[str, Row], measure: str) -> str:
    """Return the line under the scores by task."""
    known = {task: one for task, one in by_task.items() if one["n"]}
    if not known:
        return "No test row was answered."
    higher = sum(one["delta"] > 0 for one in known.values())
    fewest, most = (pick(one["n"] for one in known.values()) for pick in (min, max))
    rows = str(fewest) if fewest == most else f"{fewest} to {most}"
    return (
        f"{measure[0].upper()}{measure[1:]}, of 10 points, bars by the longest: after training it is higher in {higher} of {counted(len(known), 'task')}. With {rows} {'row' if most == 1 else 'rows'} a task "
        "these are hints; the intervals are in the tables."
    )


def heat(cells: Sequence[Row]) -> Heat:
    """Return tasks × output formats with their rows, of metrics/plots/balance.json."""
    columns = sorted({cell["format"] for cell in cells})
    counts = {(cell["task"], cell["format"]): cell["rows"] for cell in cells}
    most = max(counts.values(), default=1)
    tasks = sorted({cell["task"] for cell in cells})
    filled = [(task, [counts.get((task, form), 0) for form in columns]) for task in tasks]
    empty = len(columns) * len(tasks) - sum(count > 0 for count in counts.values())
    caption = (
        f"{counted(len(tasks), 'task')} in {counted(len(columns), 'form')}; {empty} of the {counted(len(columns) * len(tasks), 'combination')} "
        f"{'has' if empty == 1 else 'have'} no row (some make no sense)."
    )
    return Heat(
        [words(name) for name in columns],
        [(words(task), [(count, round(count / most, 2)) for count in row]) for task, row in filled],
        caption,
    )


def curve(points: Sequence[Row]) -> Curve | None:
    """Return the loss by step, of metrics/plots/loss.json, or None without steps."""
    losses = [point["loss"] for point in points]
    if not losses:
        return None
    bottom, top = min(losses), max(losses)
    span, last = (top - bottom) or 1.0, max(len(losses) - 1, 1)
    places = [(100 * n / last, 100 * (top - loss) / span) for n, loss in enumerate(losses)]
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    caption = (
        f"From {losses[0]:.2f} to {losses[-1]:.2f} nats a token in {counted(len(losses), 'step')}. A step is a few rows, so it goes up and down; "
        "it should fall on the whole, and not to zero, which would be learning by heart."
    )
    return Curve(path, len(losses), f"{top:.2f}", f"{bottom:.2f}", caption)


def _of(value: float, most: float) -> float:
    return round(100 * value / most, 1)
