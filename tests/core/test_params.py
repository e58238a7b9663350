"""The one loader of params.yaml: all faults in one message, with key and remedy."""

from pathlib import Path
from typing import ClassVar, Literal, Self

import pytest
from pydantic import Field, model_validator

from stages.core import params
from stages.core.errors import ParamsError
from stages.core.params import Section, Settings


class Oven(Settings):
    heat: float = Field(le=300)
    """Degrees."""

    @model_validator(mode="after")
    def _on(self) -> Self:
        if self.heat == 0:
            raise ValueError("an oven that is off bakes nothing")
        return self


class Bakery(Section):
    section: ClassVar[str] = "bakery"
    ovens: dict[str, Oven]
    """By name."""


class Kitchen(Section):
    section: ClassVar[str] = "kitchen"
    share: float = Field(ge=0, le=1)
    rate: float
    count: int
    kind: Literal["gas", "wood"] = "gas"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_STAGE", raising=False)
    return tmp_path / "params.yaml"


def test_a_section_is_read_with_yaml_1_2_numbers(file: Path) -> None:
    file.write_text("kitchen: {share: 0.5, rate: 2e-5, count: 3}\n", encoding="utf-8")
    found = Kitchen.load()
    assert (found.share, found.rate, found.count, found.kind) == (0.5, 2e-5, 3, "gas")


def test_a_part_of_a_section_is_read(file: Path) -> None:
    file.write_text("kitchen: {train: {share: 1, rate: 1, count: 3}}\n", encoding="utf-8")
    assert Kitchen.load("train").count == 3


def test_all_faults_stand_in_one_message_with_key_and_remedy(file: Path) -> None:
    file.write_text("kitchen: {share: 1.5, rate: fast, sahre: 1, kind: coal}\n", encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        Kitchen.load()
    lines = str(caught.value).split("; params.yaml: ")
    assert [line.removeprefix("params.yaml: ").split(" ")[0].rstrip(":") for line in lines] == [
        "kitchen.share",
        "kitchen.rate",
        "kitchen.count",
        "kitchen.kind",
        "kitchen.sahre",
    ]
    assert "remove it, or use one of share, rate, count, kind" in str(caught.value)
    assert "kitchen.count is missing; add it" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_faults_of_what_a_section_holds_are_named_with_their_whole_key(file: Path) -> None:
    file.write_text("bakery: {ovens: {old: {heat: 900}, new: {heat: 200, haet: 1}}}\n", encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        Bakery.load()
    assert str(caught.value) == (
        "params.yaml: bakery.ovens.old.heat: input should be less than or equal to 300; change it; "
        "params.yaml: bakery.ovens.new.haet is unknown; remove it"
    )


def test_what_a_section_refuses_by_itself_is_said_in_its_words_alone(file: Path) -> None:
    file.write_text("bakery: {ovens: {old: {heat: 0}}}\n", encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        Bakery.load()
    assert str(caught.value) == "params.yaml: bakery.ovens.old: an oven that is off bakes nothing; change it"


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan"])
def test_a_number_without_an_end_is_refused(file: Path, number: str) -> None:
    file.write_text(f"bakery: {{ovens: {{old: {{heat: {number}}}}}}}\n", encoding="utf-8")
    with pytest.raises(
        ParamsError, match=r"^params\.yaml: bakery\.ovens\.old\.heat: input should be a finite number; change it$"
    ):
        Bakery.load()


def test_the_docstring_below_a_setting_describes_it() -> None:
    assert Bakery.model_fields["ovens"].description == "By name."
    assert Oven.model_fields["heat"].description == "Degrees."


@pytest.mark.parametrize("value", ["fast", "hunter2", "[1, 2]"])
def test_a_wrong_value_is_not_echoed(file: Path, value: str) -> None:
    file.write_text(f"kitchen: {{share: 0, rate: {value}, count: 1}}\n", encoding="utf-8")
    with pytest.raises(ParamsError, match=r"kitchen\.rate: ") as caught:
        Kitchen.load()
    assert value not in str(caught.value)


def test_a_missing_section_is_named(file: Path) -> None:
    file.write_text("cellar: 1\n", encoding="utf-8")
    with pytest.raises(ParamsError, match="kitchen is missing; add it"):
        Kitchen.load()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a: 1\nb: [\n", r"params.yaml:\d: not YAML"),
        (b"a: \xff\n", "not UTF-8"),
        (b"- a\n", "expected a mapping of sections"),
        (b"", "expected a mapping of sections"),
        (b"a: 1\na: 2\n", "not YAML"),
    ],
)
def test_what_is_no_mapping_in_yaml_is_one_line(file: Path, content: bytes, expected: str) -> None:
    file.write_bytes(content)
    with pytest.raises(ParamsError, match=expected) as caught:
        params.load_all(file)
    assert "\n" not in str(caught.value)


def test_no_file_says_where_to_run(file: Path) -> None:
    with pytest.raises(ParamsError, match="run from the repository's root"):
        params.load_all(file)


def test_one_setting_is_taken_as_a_section_takes_it(file: Path) -> None:
    file.write_text("oven: {heat: 1, name: one}\n")
    assert params.value("oven.heat", float) == 1.0
    with pytest.raises(ParamsError, match=r"oven\.name: expected float; change it"):
        params.value("oven.name", float)
