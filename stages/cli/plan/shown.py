"""A plan as a table: a line each stage, the reasons below one another, then the sum."""

from collections.abc import Iterable, Iterator, Sequence

from stages.cli.plan.outlook import Line, Outlook
from stages.cli.plan.requests import Requests

HEAD = ("stage", "", "new", "recorded", "cached", "unanswered", "tokens in", "tokens out", "asked of", "why")
RIGHT = range(2, 8)
IN_PROCESS = ("transformers", "llama_cpp")
REASONS, INPUTS = 3, 2  # of a stage that are shown


def shown(found: Outlook) -> Iterator[str]:
    """Yield the lines of the table and the sums."""
    if not found.lines:
        yield f"nothing to do: all {found.stages} stages are as params.yaml, files and code would make them"
        return
    yield from _table([HEAD, *(row for line in found.lines for row in _rows(line))])
    fates = [line.fate for line in found.lines]
    counts = [f"{fates.count(fate)} {word}" for fate, word in FATES.items() if fate in fates]
    yield f"\n{', '.join(counts)}, of {found.stages} stages"
    yield from _sums([each for line in found.lines for each in line.requests])


FATES = {"runs": "will run", "may run": "may run", "restored": "restored from the run cache"}


def _rows(line: Line) -> Iterator[tuple[str, ...]]:
    """Yield a stage's row, and one for each further model that it asks and each further reason."""
    reasons = _reasons(line)
    for number in range(max(len(reasons), len(line.requests))):
        names = (line.stage, line.fate) if not number else ("", "")
        asked = _asked(line.requests[number]) if number < len(line.requests) else ("",) * 7
        yield (*names, *asked, reasons[number] if number < len(reasons) else "")


def _reasons(line: Line) -> list[str]:
    hidden = len(line.why) - REASONS
    reasons = [*line.why[:REASONS], *([f"… {hidden} more (--json has all)"] if hidden > 0 else [])]
    reasons += [f"it would end: {fault}" for fault in dict.fromkeys(each.fault for each in line.requests) if fault]
    if line.inputs:
        paths = ", ".join(f"{path} ({maker})" for path, maker in line.inputs[:INPUTS])
        more = len(line.inputs) - INPUTS
        reasons.append(f"may change before: {paths}{f', {more} more' if more > 0 else ''}")
    return reasons


def _asked(one: Requests) -> tuple[str, ...]:
    least = "" if one.exact else "≤ "
    open_ = _number(one.unanswered, least) if one.unanswered != 0 else ""
    known = (_number(number, "") for number in (one.recorded, one.cached))
    free = one.new == 0 or (one.backend in IN_PROCESS and one.prompt_tokens is None)
    tokens = ("", "") if free else (_number(one.prompt_tokens, "≈ "), _number(one.answer_tokens_at_most, "≤ "))
    return _number(one.new, least), *known, open_, *tokens, f"{one.place}: {one.model}"


def _number(number: int | None, before: str) -> str:
    return "?" if number is None else f"{before if number else ''}{number:,}"


def _sums(asked: Sequence[Requests]) -> Iterator[str]:
    """Yield what all stages ask together, by model's place, and what it costs."""
    if not asked:
        yield "no model is asked"
    for place in dict.fromkeys(each.place for each in asked):
        yield _sum(place, [each for each in asked if each.place == place])


def _sum(place: str, asked: Sequence[Requests]) -> str:
    new = _total(each.new for each in asked)
    exact = "" if all(each.exact for each in asked) else "≤ "
    parts = [f"{_number(new, exact)} new request{'' if new == 1 else 's'}"]
    for name in ("recorded", "cached"):
        numbers = [getattr(each, name) for each in asked]
        known = sum(number or 0 for number in numbers)
        parts.append(
            f"{'?' if None in numbers and not known else _number(known, '≥ ' if None in numbers else '')} {name}"
        )
    if unanswered := _total(each.unanswered for each in asked):
        parts.append(
            f"{_number(unanswered, exact)} that nobody has answered and nobody is asked (backend {asked[0].backend})"
        )
    if new != 0:
        parts += _costs(place, asked)
    return f"{place}: {', '.join(parts)}"


def _costs(place: str, asked: Sequence[Requests]) -> list[str]:
    if asked[0].backend in IN_PROCESS:
        return ["in this process"]
    prompts, answers = (
        _total(getattr(each, name) for each in asked) for name in ("prompt_tokens", "answer_tokens_at_most")
    )
    return [f"{_number(prompts, '≈ ')} tokens in", f"{_number(answers, '≤ ')} out", _price(place, asked)]


def _price(place: str, asked: Sequence[Requests]) -> str:
    if not asked[0].priced:
        return f"no price set ({place}.price)" if place.startswith("llm.") else "no price known"
    prices = [each.price_at_most for each in asked if each.new != 0]
    known = f"price ≤ {sum(price or 0 for price in prices):.4g}"
    return f"{known} and what is not known yet" if None in prices else known


def _total(numbers: Iterable[int | None]) -> int | None:
    found = list(numbers)
    return None if None in found else sum(number or 0 for number in found)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows with aligned columns; the last is as long as it is."""
    used = [place for place in range(len(HEAD)) if place < 2 or any(row[place] for row in rows[1:])]
    widths = {place: max(len(row[place]) for row in rows) for place in used[:-1]}
    for row in rows:
        cells = [row[p].rjust(widths[p]) if p in RIGHT else row[p].ljust(widths[p]) for p in used[:-1]]
        yield "  ".join([*cells, row[used[-1]]]).rstrip()
