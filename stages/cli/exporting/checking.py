"""Whether an export is what its card says: its files by their hashes, and in the repository its verdict; no model is loaded."""

from pathlib import Path

from stages.catalog.download import sha256
from stages.cli.exporting import binding
from stages.cli.exporting import card as cards
from stages.cli.exporting.card import CARD, README

OWN = (CARD, README)
LEFT_OVER = ".partial"  # of an export that was killed
OTHERS = (".git", ".cache", ".gitattributes")  # what a hub adds to its copy


def check(folder: Path, *, here: bool) -> list[str]:
    """Return what is wrong with an export, a line each: files that are not those of the card, and, in the repository, a stale verdict."""
    card = cards.read(folder)
    found = {name for name in inside(folder) if name.partition("/")[0] not in (*OTHERS, *OWN)}
    faults = [f"{folder / name}: not in the card; take it away" for name in sorted(found - card.files.keys())]
    faults += [f"{folder / name}: missing; export again" for name in card.files if name not in found]
    for name in sorted(found & card.files.keys()):
        if sha256(folder / name) != card.files[name].sha256:
            faults.append(f"{folder / name}: not the file of the card (its SHA-256 is another); export again")
    readme = folder / README
    if not readme.is_file() or sha256(readme) != card.readme:
        faults.append(f"{readme}: not what {CARD} says; export again")
    faults += [f"{folder / CARD}: stale: {change} when it was exported" for change in card.stale]
    if here:
        faults += [
            f"{folder / CARD}: stale: {change}; run `dvc repro`, and export again"
            for change in binding.changes(card.bound)
        ]
    return faults


def inside(folder: Path) -> set[str]:
    """Return the files in a folder by their paths in it, but for what an export that was killed left there."""
    found = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {path.as_posix() for path in found if path.parts[0] != LEFT_OVER}
