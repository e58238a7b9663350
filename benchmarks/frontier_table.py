"""What the trainings of metrics/frontier/ say, as the tables and the picture of docs/frontier.md.

    python -m benchmarks.frontier_table --write        # without --write they are printed
    python -m benchmarks.frontier_table --figures metrics/mine --picture mine.svg     # of a sweep of your own

What the figures allow to say, and four tables: every setting that was chosen from; the settings that are named, and what became of them with other seeds on the test
set; what a share of the update is worth; and what general rows are worth, each in pairs of settings over the same rows and passages. The picture has gain against every measure of retention.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import frontier_choice as choice
from benchmarks.frontier import FIGURES, PLAN, Plan
from benchmarks.frontier_choice import Setting
from benchmarks.frontier_conclusions import Mixed, conclusions, estimated
from benchmarks.frontier_measures import Items
from benchmarks.frontier_picture import panels
from benchmarks.workspace import ROOT
from stages.cli import plots
from stages.cli.marked_sections import MarkedFile
from stages.core import jsonl
from stages.evaluation.retain import Retain

PAGE = ROOT / "docs/frontier.md"
PICTURE = ROOT / "docs/frontier.svg"
HEAD = "What a setting gains in the domain, and what it costs"
SHOWN = {  # measures of the table, with their digits
    "kl en": 2,
    "kl zh": 2,
    "disagreement en": 2,
    "text en": 2,
    "text zh": 2,
    "right_answer small_0_shot": 2,
    "accuracy small_0_shot": 2,
}
TITLES = (
    "gain, nats a character",
    "KL en",
    "KL zh",
    "other token, en",
    "perplexity ×, en",
    "perplexity ×, zh",
    "right answers, nats a character",
    "accuracy",
    "verdict",
)


def tables(figures: Path, plan: Plan) -> dict[str, str]:
    """Return the page's tables by the names of their places."""
    trainings = choice.read(figures, [plan.seed])
    found, unseen = choice.settings(trainings), choice.settings(choice.read(figures, plan.unseen))
    pairs = list(mixed(found, figures))
    return {
        "conclusions": "\n".join(conclusions(found, unseen, pairs, plan.trainings)),
        "settings": "\n".join(everything(found)),
        "choice": "\n".join(chosen(found, unseen)),
        "shares": "\n".join(shares(found, figures)),
        "mix": "\n".join(mixing(pairs)),
    }


def everything(found: Sequence[Setting]) -> Iterator[str]:
    """Yield the table of all settings, the least gain first."""
    yield f"| training | share | {' | '.join(TITLES)} |"
    yield f"|---|---:|{'---:|' * (len(TITLES) - 1)}---|"
    for one in sorted(found, key=lambda one: one.gain):
        yield f"| {one.name} | {one.share:g} | {' | '.join(_cells(one))} |"


def _cells(one: Setting) -> Iterator[str]:
    gain = one.found["gain"]
    yield spanned(gain, 3)
    for name, digits in SHOWN.items():
        row = one.found["measures"].get(name)
        yield spanned(row, digits) if row else "–"
    yield one.verdict


def spanned(row: Mapping[str, Any], digits: int) -> str:
    """Return a figure with its interval."""
    if row["low"] is None:
        return f"{row['value']:.{digits}f}"
    return f"{row['value']:.{digits}f} ({row['low']:.{digits}f} … {row['high']:.{digits}f})"


def chosen(found: Sequence[Setting], unseen: Sequence[Setting]) -> Iterator[str]:
    """Yield the named settings, each followed by its trainings with other seeds."""
    yield f"| named as | setting | seed | {' | '.join(TITLES)} |"
    yield f"|---|---|---:|{'---:|' * (len(TITLES) - 1)}---|"
    for title, one in choice.named(found):
        again = [other for other in unseen if (other.name, other.share) == (one.name, one.share)]
        yield f"| {title} | {one.title} | {one.seed}, chosen | {' | '.join(_cells(one))} |"
        for other in sorted(again, key=lambda other: other.seed):
            yield f"| | | {other.seed}, unseen | {' | '.join(_cells(other))} |"


def shares(found: Sequence[Setting], figures: Path) -> Iterator[str]:
    """Yield what each share of an update keeps of the gain and of the distance of the whole."""
    yield "| training | share | gain kept | KL kept | the whole update's gain less this one's | verdict, whole → share |"
    yield "|---|---:|---:|---:|---:|---|"
    for name in dict.fromkeys(one.name for one in found):
        own = {one.share: one for one in found if one.name == name}
        if 1.0 not in own:
            continue
        whole, items = own[1.0], _items(figures, own[1.0])
        for share, one in sorted(own.items()):
            if share < 1.0:
                less = items["1"].gain_over(items[f"{share:g}"], Retain.load())
                kept = f"{_part(one.gain, whole.gain)} | {_part(one.most('kl'), whole.most('kl'))}"
                yield f"| {name} | {share:g} | {kept} | {estimated(less)} | {whole.verdict} → {one.verdict} |"


def _part(value: float, whole: float) -> str:
    return f"{value / whole:.0%}" if whole > 0 else "–"


def mixed(found: Sequence[Setting], figures: Path) -> Iterator[Mixed]:
    """Yield each training with general rows beside the one that differs in nothing else, whole updates."""
    for one in found:
        if one.share != 1.0 or not one.recipe.get("mix"):
            continue
        bare = {key: value for key, value in one.recipe.items() if key != "mix"}
        without = next((other for other in found if other.share == 1.0 and dict(other.recipe) == bare), None)
        if without is not None:
            ours, theirs = (_items(figures, each)["1"] for each in (one, without))
            gain, kl = ours.gain_over(theirs, Retain.load()), ours.kl_over(theirs, Retain.load())
            yield Mixed(one, without, gain, len(ours.nll), kl, len(ours.kl))


def mixing(pairs: Sequence[Mixed]) -> Iterator[str]:
    """Yield the table of general rows."""
    yield "| training | general rows to a row of the domain | gain, less that without | n | KL, less that without | n | verdict, without → with |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for each in pairs:
        gain, kl = (estimated(one) for one in (each.gain, each.kl))
        counts = f"{gain} | {each.rows} rows | {kl} | {each.passages} passages"
        yield f"| {each.one.name} | {each.ratio:g} | {counts} | {each.without.verdict} → {each.one.verdict} |"


def _items(figures: Path, one: Setting) -> dict[str, Items]:
    return jsonl.by_id(figures / f"{one.name}-s{one.seed}.jsonl", Items)


def main() -> None:
    """Print the tables, or put them and the picture into their page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--plan", type=Path, default=PLAN)
    parser.add_argument("--figures", type=Path, default=FIGURES)
    parser.add_argument("--write", action="store_true", help=f"put them into {PAGE}, and draw {PICTURE.name}")
    parser.add_argument("--picture", type=Path, help="draw the picture here")
    options = parser.parse_args()
    plan = Plan.read(options.plan)
    told = tables(options.figures, plan)
    picture = PICTURE if options.write else options.picture
    if picture:
        plots.write(panels(choice.settings(choice.read(options.figures, [plan.seed]))), HEAD, picture, columns=3)
    if not options.write:
        print("\n\n".join(told.values()))  # noqa: T201 - the result
        return
    page = MarkedFile(PAGE)
    for name, text in told.items():
        page.put(name, text)
    page.write()


if __name__ == "__main__":
    main()
