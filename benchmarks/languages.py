"""How often ingest takes another language for English or Chinese, and these for another: messages of programs in many languages, and our talks.

The messages are those of the gettext catalogs of this machine (/usr/share/locale), five at a time. Run: `python -m benchmarks.languages`.
"""

import gettext
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw
from stages.dialogues.formats.field_map import Forms
from stages.dialogues.language import OTHER, spoken_in

T = TypeVar("T")
CATALOGS = Path("/usr/share/locale")
MOST = 300  # texts of a language
WORDS = 6  # a message has at least


def messages(language: str) -> Iterator[str]:
    """Yield sentences in a language, without markup, that are not left in English."""
    for path in sorted((CATALOGS / language / "LC_MESSAGES").glob("*.mo")):
        with path.open("rb") as file:
            try:
                catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            except (OSError, UnicodeDecodeError, IndexError):  # a catalog with a broken head
                continue
        for key, text in catalog.items():
            if text and text != key and len(text.split()) >= WORDS and "%" not in text and "--" not in text:
                yield re.sub(r"[<>|_\\]", "", text)


def batched(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Return `size` items at a time; what is left over is left out."""
    return [items[start : start + size] for start in range(0, len(items) - size + 1, size)]


def main() -> None:
    """Print the share of texts in other languages that are told, and the languages in which one is not; then our conversations."""
    told, missed = Counter[str](), Counter[str]()
    for folder in sorted(CATALOGS.iterdir()):
        code = folder.name.split("_")[0].split("@")[0]
        found = list(messages(folder.name)) if code not in ("en", "zh") else []
        random.Random(1).shuffle(found)
        for some in batched(found, 5)[:MOST]:
            told[code] += 1
            missed[code] += spoken_in("\n".join(some)) != OTHER
    where = {code: f"{count} of {told[code]}" for code, count in missed.items() if count}
    sys.stdout.write(f"{told.total()} texts in {len(told)} other languages, {missed.total()} taken for ours: {where}\n")
    paths = [path for domain in ("real_estate", "bank_service") for path in detect.files(Path("data/raw") / domain)]
    talks = [talk for path in paths for talk in detect.read(path, Forms()).results if isinstance(talk, Raw)]
    whole = [spoken_in("\n".join(turn.text for turn in talk.turns)) == talk.language for talk in talks]
    pairs = [(talk, " ".join(turn.text for turn in two)) for talk in talks for two in batched(talk.turns, 2)]
    part = [spoken_in(text) in (talk.language, None) for talk, text in pairs]
    sys.stdout.write(
        f"ours: {sum(whole)} of {len(whole)} conversations right, {sum(part)} of {len(part)} pairs of turns\n"
    )


if __name__ == "__main__":
    main()
