"""What a noise channel makes of the shipped conversations: error rates by alignment, and personal data still found.

    python -m benchmarks.noise                        # each preset that changes anything, one seed
    python -m benchmarks.noise --presets recorded --seeds 3  # three versions of each

Words and Chinese characters of a turn are aligned with those of its noisy version by Levenshtein's distance, without regard to
capitals; marks are counted. Turns are neither split, joined nor swapped for it, so that a turn is compared with
itself; what happens to turns is counted apart. Prints markdown tables.

Of the marked personal data (data/raw/pii_gold.jsonl) those are looked for whose own characters came through untouched, or lost
capitals alone; recall on them is set beside recall on the same ones in the clean conversations. Rules only, no model's evidence.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from benchmarks import detectors, marked_talks
from benchmarks.marked_talks import texts
from stages.core.row import Language
from stages.dialogues.noise.channel import noisy
from stages.dialogues.noise.rates import PRESETS, Rates
from stages.dialogues.noise.tokens import tokens, units
from stages.pii.gold import Place, located
from stages.pii.recall import Original, hit
from stages.rows.dialogue import Dialogue

Edits = Counter[str]
TURNS = {"split": 0.0, "join": 0.0, "swap": 0.0}
WORDS = ("substitution", "deletion", "insertion")


def edits(clean: Sequence[str], read: Sequence[str]) -> Edits:
    """Return the fewest substitutions, deletions and insertions that make `clean` into `read`.

    Of ways that cost the same the one with fewer substitutions is taken, as NIST's sclite does by its weights.
    """
    rows = [[(n, 0, n, 0) for n in range(len(read) + 1)]]  # edits in all, substitutions, insertions, deletions
    for n, word in enumerate(clean, 1):
        row = [(n, 0, 0, n)]
        for m, other in enumerate(read, 1):
            cost, subs, more, less = rows[-1][m - 1]
            same = (cost, subs, more, less) if word == other else (cost + 1, subs + 1, more, less)
            up, left = rows[-1][m], row[-1]
            row.append(min(same, (up[0] + 1, up[1], up[2], up[3] + 1), (left[0] + 1, left[1], left[2] + 1, left[3])))
        rows.append(row)
    _, subs, more, less = rows[-1][-1]
    return Counter({"substitution": subs, "deletion": less, "insertion": more, "words": len(clean)})


def measured(dialogues: Iterable[Dialogue], rates: Mapping[Language, Rates], seed: int) -> dict[Language, Edits]:
    """Return by language how many words, marks and capitals there are, and what became of them, with turns left as they are."""
    still = {language: own.model_copy(update=TURNS) for language, own in rates.items()}
    found: dict[Language, Edits] = {"en": Counter(), "zh": Counter()}
    for row in dialogues:
        for clean, turn in zip(row.turns, noisy(row, still, seed), strict=True):
            found[row.language] += edits(units(clean.text), units(turn.text))
            if units(clean.text):
                found[row.language]["marks"] += _marks(clean.text)
                found[row.language]["marks lost"] += _marks(clean.text) - _marks(turn.text)
    return found


def _marks(text: str) -> int:
    return sum(piece.kind == "mark" for piece in tokens(text)[1])


def turns_measured(
    dialogues: Sequence[Dialogue], rates: Mapping[Language, Rates], seed: int
) -> dict[str, tuple[int, int]]:
    """Return for split, join and swap how many turns it could happen to, and to how many it did, each by itself."""
    of, did = Counter[str](), Counter[str]()
    for name in TURNS:
        alone = {language: Rates.model_validate({name: getattr(own, name)}) for language, own in rates.items()}
        for row in dialogues:
            made = noisy(row, alone, seed)
            if name == "split":
                of[name] += len(noisy(row, {row.language: Rates(split=1.0)}, seed)) - len(row.turns)
                did[name] += len(made) - len(row.turns)
            elif name == "join":
                of[name] += sum(one.party != after.party for one, after in pairwise(row.turns))
                did[name] += len(row.turns) - len(made)
            elif len({turn.party for turn in row.turns}) > 1:
                of[name] += len(row.turns)
                did[name] += sum(one.party != after.party for one, after in zip(row.turns, made, strict=True))
    return {name: (of[name], did[name]) for name in TURNS}


class Kept(NamedTuple):
    """A marked datum that came through, by its place before and after."""

    clean: Place
    read: Place


def came_through(row: Dialogue, read: Sequence[str], marked: Sequence[Place], capitals: bool) -> list[Kept]:
    """Return the marked data whose characters are all there in the noisy turn; with `capitals` False those too that lost them."""
    places = [place.mark for place in marked]
    before = texts(row)
    if not capitals:
        read, before = [text.lower() for text in read], [text.lower() for text in before]
        places = [mark.model_copy(update={"text": mark.text.lower()}) for mark in places]
    kept = list[Kept]()
    for mark, place in zip(places, marked, strict=True):
        found, known = located([mark], read), located([mark], before)
        if found and known and before[mark.turn].count(mark.text) == read[mark.turn].count(mark.text) == 1:
            kept.append(Kept(place, found[0]))
    return kept


def recall(rates: Mapping[Language, Rates], seed: int) -> Iterator[tuple[Language, bool, int, int, int, int]]:
    """Yield for each language, with capitals untouched and without: data marked, come through, of these found clean, found noisy."""
    still = {language: own.model_copy(update=TURNS) for language, own in rates.items()}
    find = detectors.ours(dict.fromkeys(detectors.offered()))
    talks = [talk for each in marked_talks.own() for talk in each.talks if talk.known]
    read = [row.model_copy(update={"turns": noisy(row, still, seed)}) for row in (talk.dialogue for talk in talks)]
    clean, after = find([talk.dialogue for talk in talks]), find(read)
    for language in PRESETS["none"]:
        for capitals in (True, False):
            counts = Counter[str]()
            for talk, row, first, second in zip(talks, read, clean, after, strict=True):
                if row.language != language:
                    continue
                places = [known.place for known in talk.known]
                counts["marked"] += len(places)
                for kept in came_through(talk.dialogue, texts(row), places, capitals):
                    counts["through"] += 1
                    counts["clean"] += hit(kept.clean, Original(texts(talk.dialogue), first)).whole
                    counts["noisy"] += hit(kept.read, Original(texts(row), second)).whole
            yield language, capitals, counts["marked"], counts["through"], counts["clean"], counts["noisy"]


def tables(presets: Sequence[str], seeds: int) -> Iterator[str]:
    """Yield the lines of all tables."""
    rows = [talk.dialogue for each in marked_talks.own() for talk in each.talks]
    yield "| preset | language | words | rate | asked, % | measured, % |"
    yield "| --- | --- | ---: | --- | ---: | ---: |"
    for preset in presets:
        total: dict[Language, Edits] = {"en": Counter(), "zh": Counter()}
        for seed in range(1, seeds + 1):
            for language, found in measured(rows, PRESETS[preset], seed).items():
                total[language] += found
        for language, found in total.items():
            asked = PRESETS[preset][language]
            for name in WORDS:
                share = found[name] / found["words"]
                yield f"| {preset} | {language} | {found['words']:,} | {name} | {100 * getattr(asked, name):.1f} | {100 * share:.2f} |"
            lost = found["marks lost"] / found["marks"]
            yield f"| {preset} | {language} | {found['marks']:,} marks | punctuation | {100 * asked.punctuation:.1f} | {100 * lost:.2f} |"
        moved = [turns_measured(rows, PRESETS[preset], seed) for seed in range(1, seeds + 1)]
        for name in TURNS:
            of, did = (sum(each[name][n] for each in moved) for n in (0, 1))
            asked_share = getattr(PRESETS[preset]["en"], name)
            yield f"| {preset} | both | {of:,} turns | {name} | {100 * asked_share:.1f} | {100 * did / of:.2f} |"
    yield ""
    yield "| preset | language | came through | marked | data | found clean, % | found noisy, % |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: |"
    for preset in presets:
        for language, capitals, marked, through, clean, read in recall(PRESETS[preset], 1):
            what = "untouched" if capitals else "but for capitals"
            shares = (f"{100 * count / through:.1f}" for count in (clean, read))
            yield f"| {preset} | {language} | {what} | {marked} | {through} | {' | '.join(shares)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    changing = [name for name in PRESETS if name != "none"]
    parser.add_argument("--presets", nargs="+", choices=changing, default=changing)
    parser.add_argument("--seeds", type=int, default=1, help="noisy versions of each conversation")
    options = parser.parse_args(arguments)
    for line in tables(options.presets, options.seeds):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
