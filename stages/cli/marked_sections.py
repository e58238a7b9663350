"""A Markdown file of which some stretches, between two comments, are written by a command."""

from pathlib import Path

from stages.core.errors import InputError
from stages.core.files import atomic


class MarkedFile:
    """The text of a file, with its marked stretches by name."""

    def __init__(self, path: Path) -> None:
        """Read `path`."""
        self.path = path
        try:
            self.text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise InputError(f"{path}: not there; restore it from Git") from None
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None

    def stretch(self, name: str) -> str:
        """Return what stands between the comments `name` and `end of name`."""
        start, end = self._bounds(name)
        return self.text[start:end].strip("\n")

    def line(self, name: str) -> int:
        """Return the number of the stretch's first line of text."""
        return self.text.count("\n", 0, self._bounds(name)[0]) + 2

    def put(self, name: str, content: str) -> None:
        """Replace what stands between the comments."""
        start, end = self._bounds(name)
        self.text = f"{self.text[:start]}\n{content}\n\n{self.text[end:]}"

    def write(self) -> None:
        """Write the file back."""
        with atomic(self.path) as file:
            file.write(self.text)

    def _bounds(self, name: str) -> tuple[int, int]:
        head, foot = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        start, end = self.text.find(head), self.text.find(foot)
        if start < 0 or end < start:
            raise InputError(
                f"{self.path}: no lines {head.strip()} and {foot} in this order; put them where the tables belong"
            )
        return start + len(head), end
