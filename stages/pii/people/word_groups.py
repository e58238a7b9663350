"""Lists of words, grouped by meaning, as one pattern."""

import re
from collections import defaultdict

ALONE = re.compile(r"[^\W\d_](?![?*+{])[^|]*")  # begins with one certain letter, and is one word, not several


def any_of(*groups: str) -> str:
    """Return a pattern for one word of the groups; blanks part the words, `_` is a blank inside a phrase.

    Words that begin alike are told apart behind their letter: of a hundred words a text is then held against twenty.
    """
    by_start = defaultdict[str, list[str]](list)
    for word in " ".join(groups).split():
        by_start[word[0] if ALONE.fullmatch(word) else word].append(word)
    branches = [_behind(start, words) if len(words) > 1 else words[0] for start, words in by_start.items()]
    return f"(?:{'|'.join(branches)})".replace("_", " ")


def _behind(start: str, words: list[str]) -> str:
    return f"{start}(?:{'|'.join(word.removeprefix(start) for word in words)})"
