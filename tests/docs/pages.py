"""The pages that people read: README, docs, decisions and the cards of data and prompts."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def pages() -> list[Path]:
    """Return the Markdown files at the root (but the changelog), under docs/, and the cards under data/ and prompts/."""
    found = [path for path in ROOT.glob("*.md") if path.name != "CHANGELOG.md"]
    found += (ROOT / "docs").glob("**/*.md")
    return sorted([*found, *(ROOT / "data").glob("**/README.md"), *(ROOT / "prompts").glob("**/README.md")])
