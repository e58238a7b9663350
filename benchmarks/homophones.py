"""Write the table of Chinese characters that sound alike, stages/dialogues/noise/homophones.txt, anew.

    pip install pypinyin==0.55.0
    python -m benchmarks.homophones

A line is a syllable with its tone (5: neutral) and its characters: the 3,755 common ones (the first level of GB 2312), each by the
reading that pypinyin gives it when it stands alone, the commonest first by their place in Qwen's vocabulary. The table is data, so
that a noisy version is the same whichever version of a library is installed.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence

import pypinyin

from stages.dialogues.noise.homophones import TABLE
from stages.text.tokenizers import QWEN, encoder

ROWS, CELLS, LAST = range(0xB0, 0xD8), range(0xA1, 0xFF), 0xD7F9  # of the first level in GB 2312
OWN = {"地": "de5", "得": "de5", "的": "de5", "了": "le5", "着": "zhe5"}  # as they are spoken most, in a conversation


def common() -> Iterator[str]:
    """Yield the characters of the first level of GB 2312, which is ordered by sound."""
    for row in ROWS:
        for cell in CELLS:
            if row << 8 | cell <= LAST:
                yield bytes((row, cell)).decode("gb2312")


def lines() -> Iterator[str]:
    """Yield the table's lines by syllable."""
    found = defaultdict[str, list[str]](list)
    for character in common():
        sound = pypinyin.pinyin(character, style=pypinyin.Style.TONE3, neutral_tone_with_five=True)[0][0]
        found[OWN.get(character, sound)].append(character)
    for sound, characters in sorted(found.items()):
        yield f"{sound} {''.join(sorted(characters, key=_place))}"


def _place(character: str) -> tuple[int, Sequence[int]]:
    (tokens,) = encoder(QWEN)([character])
    return len(tokens), tokens


if __name__ == "__main__":
    TABLE.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    sys.stdout.write(f"{TABLE}: written\n")
