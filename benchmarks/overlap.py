"""How well stage overlap finds benchmark items in training rows, and what it costs.

    python -m benchmarks.overlap quality
    python -m benchmarks.overlap cost --rows 80000 --items 15000

`quality` plants the shipped questions and passages (data/bench) in rows of their own, one copy each, in known degrees, and prints how
many are found, by language and rule; then how many are found where none was planted: in the shipped conversations, and in questions
and passages beside which each one is another. `cost` makes items and rows by Markov chains over the shipped texts, half of them
Chinese, and compares a dictionary of all runs of 13, which is how the exact rule alone is usually written.
"""

import argparse
import json
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from stages.core.row import Language
from stages.evaluation.contamination import items as asking
from stages.evaluation.contamination import rows as reading
from stages.evaluation.contamination.items import Item
from stages.evaluation.contamination.rows import RowText
from stages.evaluation.contamination.search import ORDER, Search
from stages.evaluation.contamination.units import text_of, units
from stages.text.languages import language_of

DATA = Path("data/bench")
NGRAM, NEAR = 13, 0.7  # as in params.yaml
LETTERS = "ABCD"
DISTINCT = 8000  # texts that the rows of `cost` are made of
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
# Eight questions of each language in the other one, by hand: what no comparison of words can find.
TRANSLATED = {
    "geography-006": "开罗位于哪个大洲？\n非洲",
    "geography-007": "日本的首都是哪座城市？\n东京",
    "geography-008": "非洲和澳大利亚之间是哪个大洋？\n印度洋",
    "zh_geography-006": "Which city is the capital of China?\nBeijing",
    "zh_geography-007": "Which is the longest river in China?\nthe Yangtze",
    "zh_history-007": "In which year was the People's Republic of China founded?\n1949",
    "zh_science-006": "Around which celestial body does the Earth revolve?\nthe Sun",
    "zh_science-007": "At standard atmospheric pressure, at what temperature does water boil?\n100 °C",
}
Change = Callable[[Item, random.Random], str]


def plain(item: Item, choices: Sequence[str] | None = None) -> str:
    """Return the item as a training row would have it: question, lettered choices, right answer."""
    lettered = [f"{letter}. {text}" for letter, text in zip(LETTERS, choices or item.choices, strict=False)]
    return "\n".join([item.question, *lettered, item.right])


def shuffled(item: Item, draw: random.Random) -> str:
    """Return the item with its choices in another order."""
    return plain(item, draw.sample(item.choices, len(item.choices)))


def replaced(share: int) -> Change:
    """Return what puts another word of the suite in the place of one in `share` words (of Chinese: two characters in so many pairs)."""

    def change(item: Item, draw: random.Random) -> str:
        row = units(plain(item))
        width = 2 if item.language == "zh" else 1
        for start in range(draw.randrange(share) * width, len(row), share * width):
            row[start : start + width] = [f"⿰{draw.randrange(10**6)}" if width == 1 else "某甲"][:1]
        return text_of(row, item.language)

    return change


DEGREES: dict[str, Change] = {
    "verbatim": lambda item, _: plain(item),
    "question and right answer, no choices": lambda item, _: f"{item.question}\n{item.right}",
    "case and punctuation changed": lambda item, _: " ; ".join(plain(item).upper().replace(",", " –").splitlines()),
    "full width": lambda item, _: plain(item).translate(WIDE),
    "choices shuffled": shuffled,
    "one word in eight replaced": replaced(8),
    "one word in four replaced": replaced(4),
}


def planted(items: Sequence[Item], change: Change, around: Sequence[str]) -> list[RowText]:
    """Return a row for each item: the changed item between two lines of a conversation that has nothing to do with it."""
    draw = random.Random(1)
    return [
        RowText(item.item, "planted", "\n".join([draw.choice(around), change(item, draw), draw.choice(around)]))
        for item in items
    ]


def found(items: Sequence[Item], rows: Sequence[RowText], near: float = NEAR) -> Counter[str]:
    """Return how many items are found by each rule."""
    search = Search(items, NGRAM, near)
    search.look(rows)
    return Counter(hit.rule for hit in search.hits())


def quality() -> Iterator[str]:
    """Yield the tables."""
    everything = list(asking.asked(("small",), DATA, DATA / "official"))
    clean = [row for path in sorted(Path("data/raw").rglob("*.jsonl")) for row in reading.read(path)]
    lines = [line for row in clean for line in row.text.splitlines() if len(line) > 30]
    yield "| planted | n, English | found, English | n, Chinese | found, Chinese | by rule: " + " / ".join(ORDER) + " |"
    yield "|---|---:|---:|---:|---:|---:|"
    for kind in ("question", "passage"):
        items = [item for item in everything if (item.suite == asking.TEXT) == (kind == "passage")]
        for name, change in DEGREES.items():
            if kind == "question" or not {"shuffled", "answer,"} & set(name.split()):
                yield _line(f"{kind}, {name}", items, partial(planted, change=change, around=lines))
    known = [item for item in everything if item.item in TRANSLATED]
    yield _line(
        "question, translated", known, lambda some: [RowText(one.item, "planted", TRANSLATED[one.item]) for one in some]
    )
    yield ""
    yield "| nothing planted | rows | items | found at a cosine of 0.8 | 0.7 (the default) | 0.6 | 0.5 |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    dev = list(reading.read(DATA / "small/dev.jsonl"))
    for name, rows in (
        ("lines of data/raw (conversations, marks)", clean),
        ("other questions of the same hand (dev.jsonl)", dev),
    ):
        counts = [found(everything, rows, near).total() for near in (0.8, NEAR, 0.6, 0.5)]
        yield f"| {name} | {len(rows)} | {len(everything)} | {' | '.join(map(str, counts))} |"
    counts = [_beside_each_other(everything, near) for near in (0.8, NEAR, 0.6, 0.5)]
    yield f"| each item in all others | {len(everything)} | {len(everything)} | {' | '.join(map(str, counts))} |"


def _line(name: str, items: Sequence[Item], plant: Callable[[Sequence[Item]], list[RowText]]) -> str:
    cells, rules = list[str](), Counter[str]()
    for language in ("en", "zh"):
        some = [item for item in items if item.language == language]
        by_rule = found(some, plant(some))
        rules += by_rule
        cells += [str(len(some)), f"{by_rule.total() / len(some):.0%}"]
    return f"| {name} | {' | '.join(cells)} | {' / '.join(str(rules[rule]) for rule in ORDER)} |"


def _beside_each_other(items: Sequence[Item], near: float) -> int:
    """Return how many items are found in a row that is another one."""
    hits = 0
    for number, item in enumerate(items):
        search = Search([*items[:number], *items[number + 1 :]], NGRAM, near)
        search.look([RowText(item.item, "items", plain(item))])
        hits += len(search.hits())
    return hits


def chain(texts: Sequence[str], language: Language, draw: random.Random) -> Callable[[int], str]:
    """Return what writes a text of so many units, each drawn from those that follow the one before in `texts`."""
    follow: dict[str, list[str]] = {}
    for text in texts:
        for first, second in pairwise(units(text)):
            follow.setdefault(first, []).append(second)
    starts = sorted(follow)

    def write(length: int) -> str:
        row = [draw.choice(starts)]
        while len(row) < length:
            row.append(draw.choice(follow.get(row[-1], starts)))
        return text_of(row, language)

    return write


def cost(rows: int, items: int) -> Iterator[str]:
    """Yield what both ways take on the same rows and items."""
    draw = random.Random(1)
    known = [row.text for path in sorted(Path("data/raw").rglob("*.jsonl")) for row in reading.read(path)]
    known += [item.question for item in asking.asked(("small",), DATA, DATA / "official")]
    by_language: dict[Language, list[str]] = {
        "zh": [text for text in known if language_of(text) == "zh"],
        "en": [text for text in known if language_of(text) != "zh"],
    }
    write = {language: chain(texts, language, draw) for language, texts in by_language.items()}
    asked = [
        Item("made", "", str(n), language, write[language](20), tuple(write[language](5) for _ in LETTERS))
        for n in range(items)
        for language in ("en" if n % 2 else "zh",)
    ]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "rows.jsonl"
        with source.open("w", encoding="utf-8") as file:
            pool = [write["en" if n % 2 else "zh"](draw.randrange(100, 700)) for n in range(min(rows, DISTINCT))]
            for n in range(rows):
                text = pool[n % len(pool)]
                text += "\n" + plain(asked[n % items]) if n % 100 == 0 else ""
                file.write(f'{{"id": "{n}", "messages": [{{"role": "user", "content": {json.dumps(text)}}}]}}\n')
        began, cpu = time.perf_counter(), time.process_time()
        read = sum(len(units(row.text)) for row in reading.read(source))
        yield f"{rows} rows of {read / rows:.0f} units, {items} items of 40; reading and splitting alone {time.perf_counter() - began:.1f} s ({time.process_time() - cpu:.1f} s cpu)"
        for name, look in (("stage overlap", _ours), ("dictionary of runs of 13", _dictionary)):
            before = _peak()
            began, cpu = time.perf_counter(), time.process_time()
            hits = look(asked, source)
            took = f"{time.perf_counter() - began:.1f} s ({time.process_time() - cpu:.1f} s cpu)"
            yield f"{name}: {took}, {hits} items found, peak memory {before} → {_peak()} MiB"


def _ours(asked: Sequence[Item], source: Path) -> int:
    search = Search(asked, NGRAM, NEAR)
    search.look(reading.read(source))
    return len(search.hits())


def _dictionary(asked: Sequence[Item], source: Path) -> int:
    where: dict[tuple[str, ...], set[int]] = {}
    for number, item in enumerate(asked):
        for run in _runs(units("\n".join([item.question, *item.choices]))):
            where.setdefault(run, set()).add(number)
    seen = set[int]()
    for row in reading.read(source):
        for run in _runs(units(row.text)):
            seen |= where.get(run, set())
    return len(seen)


def _runs(row: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(row[start : start + NGRAM]) for start in range(len(row) - NGRAM + 1))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["quality", "cost"])
    parser.add_argument("--rows", type=int, default=8000)
    parser.add_argument("--items", type=int, default=1500)
    options = parser.parse_args()
    for line in quality() if options.what == "quality" else cost(options.rows, options.items):
        print(line, flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
