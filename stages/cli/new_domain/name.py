"""What a domain may be called."""

import re
from pathlib import Path

NAME = re.compile(r"[a-z][a-z0-9_]*")


def of_a_stage(folder: Path) -> bool:
    """Whether a folder under prompts/ holds meta-prompts of a stage, and so is no domain's."""
    return any(folder.glob("*.md")) and not (folder / "domain.yaml").exists()
