"""A data set's README.md: front matter that `datasets` reads, figures, and tables of what it is made of."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from stages.core.files import atomic
from stages.core.metrics import json_safe


def write(target: Path, front: Sequence[str], sections: Iterable[str]) -> None:
    """Write a card: YAML `front` matter, then the sections with a blank line between them."""
    with atomic(target) as file:
        file.write("\n".join(["---", *front, "---"]) + "\n\n" + "\n\n".join(sections) + "\n")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; floats are shown with four digits."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def composition(title: str, values: Sequence[str]) -> str:
    """Return a section with the count and share of each value, by name."""
    counts = sorted(Counter(values).items())
    rows = [(name, count, f"{count / len(values):.1%}") for name, count in counts]
    return f"### {title}\n\n" + table([title, "rows", "share"], rows)


def figures(values: Mapping[str, object], above: str = "") -> list[tuple[str, object]]:
    """Return nested figures as (dotted name, value) pairs, in their order."""
    pairs: list[tuple[str, object]] = []
    for key, value in json_safe(values).items():
        pairs += figures(value, f"{above}{key}.") if isinstance(value, Mapping) else [(f"{above}{key}", value)]
    return pairs


def _cell(value: object) -> str:
    text = "–" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|")
