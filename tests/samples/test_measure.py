"""The indicators and plots over labelled rows."""

import json
from pathlib import Path

import pytest

from stages.core import jsonl
from stages.core.errors import InputError
from stages.library.domain_pack import Instructions
from stages.rows.instruction import Instruction
from stages.rows.label_quality import LabelQuality, Quality
from stages.rows.sample import LabeledSample
from stages.samples import measure as stage
from stages.samples.rows.community import Membership
from stages.text import tokenizers

ROOT = Path(__file__).parents[2]
PATHS = {
    "source": Path("labels.jsonl"),
    "instructions": Path("library.jsonl"),
    "pack": ROOT / "prompts" / "real_estate",
    "qualities": Path("verdicts.jsonl"),
    "target": Path("communities.jsonl"),
    "report": Path("quality.json"),
    "plots": Path("plots"),
}


@pytest.fixture(autouse=True)
def library(in_repository: Path, instructions: list[Instruction]) -> None:
    jsonl.write(PATHS["instructions"], instructions)


def write(labels: list[LabeledSample], grades: list[Quality]) -> None:
    jsonl.write(PATHS["source"], labels)
    rows = (LabelQuality(id=row.id, quality=grade, layer="rules") for row, grade in zip(labels, grades, strict=False))
    jsonl.write(PATHS["qualities"], rows)


def test_everything_main_writes(in_repository: Path, labels: list[LabeledSample]) -> None:
    grades: list[Quality] = ["high", "high", "no_fault", "medium", "high", "high"] * 2
    write(labels, [*grades[:-1], "low"])
    stage.main(**PATHS)
    found = json.loads(PATHS["report"].read_text(encoding="utf-8"))
    lengths = tokenizers.lengths([row.prompt_text for row in labels], "qwen")
    talks = tokenizers.lengths([row.conversation for row in labels], "qwen")
    assert found["n"] == 12
    assert found["input_complexity"] == pytest.approx(sum(talks) / 36 + sum(lengths) / 18, abs=1e-5)
    assert found["prompt_complexity"] == pytest.approx(sum(lengths) / 12, abs=1e-5)
    assert found["label_quality"] == {
        "judged": {"n": 10, "high": 0.7, "medium": 0.2, "low": 0.1},
        "by_rules": {"n": 2, "no_fault": 1.0, "doubtful": 0.0, "faulty": 0.0},
    }
    assert found["richness"] + found["redundancy"] == pytest.approx(1)
    assert 0 < found["balance"] < 1
    placed = jsonl.read(PATHS["target"], Membership)
    assert [row.id for row in placed] == [row.id for row in labels]
    assert found["communities"]["count"] == len({row.community for row in placed}) == sum(row.center for row in placed)
    plots = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in PATHS["plots"].iterdir()}
    assert set(plots) == {"communities", "complexity", "label_quality", "label_quality_scene", "balance"}
    assert sum(row["size"] for row in plots["communities"]) == 12
    assert sum(row["rows"] for row in plots["balance"]) == 12
    assert {(row["task"], row["format"]) for row in plots["balance"]} == {(r.task, r.ask.kind) for r in labels}
    assert sum(row["share"] for row in plots["label_quality"]) == pytest.approx(3, abs=1e-5)
    assert {row["quality"] for row in plots["label_quality"]} == {"high", "no_fault", "medium", "low"}
    assert {row["group"] for row in plots["label_quality"]} == {row.task for row in labels}
    assert {row["group"] for row in plots["label_quality_scene"]} == {row.scene for row in labels}
    for part, measured in {"prompt": lengths, "dialogue": talks}.items():
        bins = [row for row in plots["complexity"] if row["part"] == part]
        assert [row["rows"] for row in bins] == [sum(row["from"] <= n < row["to"] for n in measured) for row in bins]
        assert sum(row["rows"] for row in bins) == 12


def test_one_prompt_over_many_dialogues_is_poor(in_repository: Path, labels: list[LabeledSample]) -> None:
    shared = {"before": labels[0].before, "after": labels[0].after, "instruction": labels[0].instruction}
    same = [row.model_copy(update=shared) for row in labels]
    write(same, ["high"] * 12)
    stage.main(**PATHS)
    found = json.loads(PATHS["report"].read_text(encoding="utf-8"))
    assert found["richness"] == pytest.approx(1 / 12, abs=1e-6)
    assert [found["richness_literal"][name]["communities"] for name in ("token_counts", "padded_token_ids")] == [1, 1]
    assert found["communities"] == {
        "count": 1, "largest": 12, "singletons": 0, "exact": True, "neighbor_recall": 1.0,
    }  # fmt: skip


def test_scaffolds_hide_from_the_literal_reading_what_is_asked(
    in_repository: Path, labels: list[LabeledSample], instructions: list[Instruction]
) -> None:
    asks = [
        "Summarize prices.",
        "Quote each complaint.",
        "Who decides?",
        "Compare both flats.",
        "Draft a reply.",
        "Rate trust.",
    ]
    library = [row.model_copy(update={"text": asks[n % 6]}) for n, row in enumerate(instructions)]
    jsonl.write(PATHS["instructions"], library)
    frame = (
        "You are an assistant of a real-estate company. Read the whole conversation first and answer in English. " * 3
    )
    rows = [row.model_copy(update={"before": f"{frame}{asks[n % 6]}\n", "after": ""}) for n, row in enumerate(labels)]
    write(rows, ["high"] * 12)
    stage.main(**PATHS)
    found = json.loads(PATHS["report"].read_text(encoding="utf-8"))
    assert found["richness"] == pytest.approx(6 / 12)
    assert found["richness_literal"]["token_counts"]["richness"] == pytest.approx(1 / 12, abs=1e-6)


def test_richness_is_told_at_fewer_rows_too_and_not_at_more(in_repository: Path, labels: list[LabeledSample]) -> None:
    set_params(in_repository, "rarefied: [40, 4000]", "rarefied: [1, 12, 13]")
    write(labels, ["high"] * 12)
    stage.main(**PATHS)
    found = json.loads(PATHS["report"].read_text(encoding="utf-8"))
    assert found["richness_at"] == {"1": 1.0, "12": found["richness"], "13": None}
    literal = found["richness_literal"]["token_counts"]
    assert literal["richness_at"]["12"] == literal["richness"]


def test_the_literal_readings_are_of_a_draw_where_there_are_more_rows(
    in_repository: Path, labels: list[LabeledSample]
) -> None:
    set_params(in_repository, "literal_rows: 20000", "literal_rows: 5")
    write(labels, ["high"] * 12)
    stage.main(**PATHS)
    found = json.loads(PATHS["report"].read_text(encoding="utf-8"))
    assert (found["n"], found["richness_literal"]["rows"]) == (12, 5)
    assert found["richness_literal"]["token_counts"]["communities"] <= 5


def test_a_literal_reading_beyond_the_limit_says_what_was_seen(
    in_repository: Path, labels: list[LabeledSample]
) -> None:
    rows = [row.model_copy(update={"before": f"{row.before} {n}\n"}) for n, row in enumerate(labels)]
    write(rows, ["high"] * 12)
    stage.main(**PATHS)
    exact = json.loads(PATHS["report"].read_text(encoding="utf-8"))["richness_literal"]["token_counts"]
    set_params(in_repository, "exact_limit: 200000", "exact_limit: 1")
    stage.main(**PATHS)
    near = json.loads(PATHS["report"].read_text(encoding="utf-8"))["richness_literal"]["token_counts"]
    assert near == {**exact, "neighbor_recall": 1.0}  # of so few rows all lie in one cell


def test_one_row_more_changes_one_row_of_a_draw_at_most() -> None:
    ids = [f"{number:016x}" for number in range(300)]
    before, after = ({ids[place] for place in stage.drawn(ids[:size], 100)} for size in (299, 300))
    assert len(before) == len(after) == 100
    assert len(before - after) <= 1
    assert stage.drawn(ids[:100], 100) == list(range(100))


def test_whole_prompts_are_compared_when_asked_for(in_repository: Path, labels: list[LabeledSample]) -> None:
    set_params(in_repository, "part: instruction ", "part: prompt ")
    set_params(in_repository, "representation: tfidf ", "representation: tokens ")
    PATHS["instructions"].unlink()
    write(labels, ["high"] * 12)
    stage.main(**PATHS)
    found = json.loads(PATHS["report"].read_text(encoding="utf-8"))
    assert found["richness"] == found["richness_literal"]["token_counts"]["richness"]


def set_params(folder: Path, before: str, after: str) -> None:
    text = (folder / "params.yaml").read_text(encoding="utf-8")
    assert before in text
    (folder / "params.yaml").write_text(text.replace(before, after), encoding="utf-8")


def test_a_row_of_an_unknown_instruction_is_an_error(in_repository: Path, labels: list[LabeledSample]) -> None:
    jsonl.write(PATHS["instructions"], [])
    write(labels, ["high"] * 12)
    with pytest.raises(InputError, match=r"library\.jsonl: no instruction"):
        stage.main(**PATHS)


def test_a_row_without_verdict_is_an_error(in_repository: Path, labels: list[LabeledSample]) -> None:
    write(labels, ["high"] * 11)
    with pytest.raises(InputError, match="no verdict on 1 rows"):
        stage.main(**PATHS)


def test_nothing_to_measure_is_an_error(in_repository: Path) -> None:
    write([], [])
    with pytest.raises(InputError, match=r"labels\.dropped\.jsonl"):
        stage.main(**PATHS)


def test_a_row_of_a_real_reply_is_measured_by_what_the_pack_asks(
    in_repository: Path, labels: list[LabeledSample]
) -> None:
    asks = [row for row in Instructions.read(PATHS["pack"]).reply_asks if row.language == "en"]
    rows = [row.model_copy(update={"instruction": asks[n % 2].id}) if n < 6 else row for n, row in enumerate(labels)]
    write(rows, ["no_fault"] * 12)
    stage.main(**PATHS)
    placed = [row.community for row in jsonl.read(PATHS["target"], Membership)]
    assert len(set(placed[:6])) == 2 and placed[0] == placed[2] == placed[4] != placed[1] == placed[3] == placed[5]
    assert not set(placed[:6]) & set(placed[6:])
