"""Stage plant: nothing unless it is asked for; then canaries of each kind, language and number of copies, and as many held out."""

import json
from collections import Counter
from pathlib import Path

import pytest

from stages.canaries.canary import Canary
from stages.core import jsonl
from stages.core.errors import ParamsError
from stages.pii.values.spans import KINDS
from stages.rows.training import Example
from stages.training.plant import Plant, main, plant


def planted(folder: Path, **params: object) -> tuple[list[Example], list[Canary]]:
    (folder / "params.yaml").write_text(json.dumps({"plant": {"copies": [], "values": 2, "seed": 1} | params}))
    main(target=folder / "canaries.jsonl", values=folder / "planted.jsonl")
    return jsonl.read(folder / "canaries.jsonl", Example), jsonl.read(folder / "planted.jsonl", Canary)


def test_by_default_nothing_is_planted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert planted(tmp_path) == ([], [])
    assert capfd.readouterr() == ("", "")


def test_each_kind_language_and_number_of_copies_has_its_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows, canaries = planted(tmp_path, copies=[1, 4])
    cells = Counter((one.kind, one.language, one.copies) for one in canaries)
    assert cells == {(kind, lang, copies): 2 for kind in KINDS for lang in ("en", "zh") for copies in (0, 1, 4)}
    assert len({one.question for one in canaries}) == len(canaries)  # a value is asked for by a file number of its own
    answers = Counter(row.messages[-1].content for row in rows)
    assert answers == {one.before + one.value + one.after: one.copies for one in canaries if one.copies}
    assert len({row.id for row in rows}) == len(rows) == 12 * 2 * 2 * (1 + 4)
    said = capfd.readouterr().err
    assert said.startswith("plant: 240 invented rows will be trained on") and canaries[0].value not in said


def test_more_numbers_of_copies_change_no_other_canary() -> None:
    fewer, more = (list(plant(Plant(copies=copies, values=1, seed=1))) for copies in ((4,), (1, 4)))
    assert set(fewer) < set(more)
    assert not set(fewer) & set(plant(Plant(copies=(4,), values=1, seed=2)))


def test_no_value_of_a_kind_is_planted_twice_or_held_out_and_planted() -> None:
    canaries = list(plant(Plant(copies=(1, 2), values=60, seed=1)))
    assert len({(one.kind, one.language, one.value) for one in canaries}) == len(canaries) == 12 * 2 * 3 * 60


def test_a_number_of_copies_that_cannot_be_is_refused() -> None:
    for copies in ([0], [2, 2]):
        with pytest.raises(ParamsError, match=r"plant"):
            Plant.parse("plant", {"copies": copies, "values": 1, "seed": 1})
