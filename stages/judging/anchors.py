"""What grades 9, 6 and 3 look like for one kind of answer: prompts/judge/anchors.yaml, shown to the judge in its rubric."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from stages.core import yaml_files
from stages.core.row import Language, Record
from stages.rows.instruction import FormatKind

FILE = "anchors.yaml"
Anchored = Literal[9, 6, 3]
LINE: dict[Language, str] = {"en": "{}: {}", "zh": "{} 分：{}"}


class AnchorSet(Record):
    """The anchors of answers of these forms, or to these kinds of task; one with neither is for all others."""

    name: str
    forms: tuple[FormatKind, ...] = ()
    families: tuple[str, ...] = ()
    anchors: Mapping[Language, Mapping[Anchored, str]]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for language in get_args(Language):
            if set(self.anchors.get(language, {})) != set(get_args(Anchored)):
                raise ValueError(f"{self.name}: anchors.{language}: expected one text each for 9, 6 and 3")
        return self

    def fits(self, family: str, form: FormatKind) -> bool:
        """Whether these are the anchors of an answer of this form, to a task of this kind."""
        return form in self.forms or family in self.families or not (self.forms or self.families)


class Anchors(Record):
    """All sets, in order: the first that fits an answer is shown beside the scale, the last fits every one."""

    sets: tuple[AnchorSet, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_for_all_others(self) -> Self:
        if [each.name for each in self.sets if not (each.forms or each.families)] != [self.sets[-1].name]:
            raise ValueError("sets: the last one, and no other, has neither forms nor families")
        return self

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the anchors that stand beside the rubric."""
        return yaml_files.load(folder / FILE, cls)

    def of(self, family: str, form: FormatKind) -> AnchorSet:
        """Return the set for an answer of this form, to a task of this kind."""
        return next(each for each in self.sets if each.fits(family, form))

    def text(self, language: Language, family: str, form: FormatKind) -> str:
        """Return a line for each anchored grade, the best first."""
        found = self.of(family, form).anchors[language]
        return "\n".join(LINE[language].format(grade, found[grade]) for grade in get_args(Anchored))
