"""How a text differs from another, word by word, Chinese by the character: [-out-]{+in+}, with a line around each place."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

WORD = re.compile(r"[^\W\u3040-\u9fff]+|\s+|[\s\S]")
AROUND = 1  # lines
MOST = 500_000  # pairs of words that are compared, in under a second; a larger place is shown whole, out and in


def worded(old: str, new: str) -> str:
    """Return the places that differ, each below the number of its line now; a text that was not there is one place."""
    return "\n".join(_places(old.splitlines(), new.splitlines()))


def _places(old: list[str], new: list[str]) -> Iterator[str]:
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND):
        yield f"@@ line {group[0][3] + 1} @@"
        for tag, start, end, to, until in group:
            yield from (
                old[start:end] if tag == "equal" else [_line("\n".join(old[start:end]), "\n".join(new[to:until]))]
            )


def _line(old: str, new: str) -> str:
    before, after = (WORD.findall(text) for text in (old, new))
    if len(before) * len(after) > MOST:
        return f"[-{old}-]{{+{new}+}}"
    made = ""
    for tag, start, end, to, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        out, come = "".join(before[start:end]), "".join(after[to:until])
        made += out if tag == "equal" else (f"[-{out}-]" if out else "") + (f"{{+{come}+}}" if come else "")
    return made
