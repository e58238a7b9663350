"""What the domain pack calls scenes, roles and tasks, for who reads a row."""

from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from stages.core import params, yaml_files
from stages.core.row import Language
from stages.library.domain_pack import Domain, Tasks


class Named(NamedTuple):
    """A thing of the pack: its name and what it is; of one that the pack does not have, its id."""

    name: str
    about: str = ""


class Pack:
    """The domain pack of params.yaml, read when the first row is shown."""

    @cached_property
    def folder(self) -> Path:
        """Where it is."""
        return Path("prompts") / params.value("domain", str)

    @cached_property
    def domain(self) -> Domain:
        """Scenes, sources and roles."""
        return yaml_files.load(self.folder / "domain.yaml", Domain)

    @cached_property
    def tasks(self) -> Tasks:
        """Tasks and their requirements."""
        return yaml_files.load(self.folder / "tasks.yaml", Tasks)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Words by which an instruction speaks of a conversation."""
        from stages.instructions.rules.subject import vocabulary  # noqa: PLC0415 - a second to import

        return vocabulary(self.domain)

    def scene(self, key: str, language: Language) -> Named:
        """Return a scene's name and description."""
        found = next((one for one in self.domain.scenes if one.id == key), None)
        return Named(found.name[language], found.description[language]) if found else Named(key)

    def role(self, key: str, language: Language) -> Named:
        """Return a role's name and description."""
        found = next((one for one in self.domain.roles if one.id == key), None)
        return Named(found.name[language], found.description[language]) if found else Named(key)

    def task(self, key: str, language: Language) -> Named:
        """Return a task's name and description."""
        found = next((one for one in self.tasks.tasks if one.id == key), None)
        return Named(found.name[language], found.description[language]) if found else Named(key)

    def requirement(self, task: str, key: str, language: Language) -> str:
        """Return what a requirement says, or its id."""
        rows = [row for one in self.tasks.tasks if one.id == task for row in one.requirements if row.id == key]
        return rows[0].text[language] if rows else key
