"""Lines that begin with who speaks: `Wade Hollis: Good morning.`, `[Agent] Good morning.`, `客服：您好`."""

import re
from collections.abc import Callable, Sequence

PREFIX = re.compile(
    r"(?:(?:>>|[-–—])\s*)?"
    r"(?:[\[(【]([^\[\]()【】\n]{1,40})[\])】]\s*[:：]?|([^\s:：][^:：\n]{0,39}?)\s*(?:(?<!\d)[:：]|(?<=\d)[:：](?!\d))(?!//))"
    r"\s*(.*)",
    re.DOTALL,
)


def prefixed(text: str) -> tuple[str, str] | None:
    """Return (who speaks, what was said) if the text begins with a name, else None."""
    found = PREFIX.fullmatch(text.strip())
    return ((found.group(1) or found.group(2)).strip(), found.group(3)) if found else None


def speakers_of(lines: Sequence[str], known: Callable[[str], bool] = lambda _: False) -> list[tuple[str, str]]:
    """Return (who speaks, what was said) for each line; without a name the first is empty.

    What stands before a colon is a name where it is `known`, or where at least half of the lines that say something have one.
    """
    parts = [prefixed(line) for line in lines]
    usual = 2 * sum(part is not None for part in parts) >= sum(bool(line.strip()) for line in lines)
    return [part if part and (usual or known(part[0])) else ("", line) for part, line in zip(parts, lines, strict=True)]


def paragraphs(text: str) -> list[tuple[str, str]]:
    """Return (who speaks, what was said) of a transcript in one text; a line without a name goes on with the one before it."""
    said: list[tuple[str, str]] = []
    for name, part in speakers_of([line for line in text.split("\n") if line.strip()]):
        if name or not said:
            said.append((name, part))
        else:
            said[-1] = (said[-1][0], f"{said[-1][1]}\n{part}")
    return said
