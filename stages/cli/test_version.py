"""A version of the test set: what is stored under data/test/<domain>/<version>/."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from stages.cli.reading import Reading
from stages.core import jsonl
from stages.core.errors import InputError
from stages.rows.instruction import Instruction
from stages.rows.prompt import Prompt
from stages.rows.sample import Reference, Sample

TEST = Path("data/test")
INSTRUCTIONS, PROMPTS, REFERENCES, READINGS = (
    "instructions.jsonl",
    "prompts.jsonl",
    "references.jsonl",
    "second_reading.jsonl",
)


class StoredVersion(NamedTuple):
    """What one version holds: rows in file order, the rest by id; `readings` are a second reader's."""

    folder: Path
    instructions: Mapping[str, Instruction]
    prompts: list[Prompt]
    references: Mapping[str, Reference]
    readings: Mapping[str, Reading]

    @classmethod
    def read(cls, folder: Path) -> "StoredVersion":
        """Read a version's folder; a file that is not there is empty."""
        return cls(
            folder=folder,
            instructions=jsonl.by_id(folder / INSTRUCTIONS, Instruction) if (folder / INSTRUCTIONS).exists() else {},
            prompts=jsonl.read(folder / PROMPTS, Prompt) if (folder / PROMPTS).exists() else [],
            references=jsonl.by_id(folder / REFERENCES, Reference) if (folder / REFERENCES).exists() else {},
            readings=jsonl.by_id(folder / READINGS, Reading) if (folder / READINGS).exists() else {},
        )

    @property
    def name(self) -> str:
        """What the version is called."""
        return self.folder.name

    def check_asked(self, rows: Iterable[Sample]) -> None:
        """Refuse rows of this version whose instruction is not stored in it."""
        for row in rows:
            if row.instruction not in self.instructions:
                raise InputError(
                    f"{self.folder / PROMPTS}: row {row.id} names instruction {row.instruction}, which {INSTRUCTIONS} beside it "
                    "lacks; add it there, or take the row out"
                )


def versions(domain: str, root: Path = Path()) -> list[Path]:
    """Return the folders of a domain's versions, by name."""
    return sorted(path for path in (root / TEST / domain).glob("*/") if path.is_dir())
