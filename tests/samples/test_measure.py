"""The indicators and plots over labelled rows."""

import json
from pathlib import Path
from random import Random

import pytest

from stages.core import jsonl
from stages.core.errors import InputError
from stages.rows.label_quality import LabelQuality, Quality
from stages.rows.sample import LabeledSample
from stages.samples import measure as stage
from stages.samples.communities import kmeans
from stages.samples.rows.community import Membership
from stages.text import tokenizers

PATHS = {
    "source": Path("labels.jsonl"),
    "qualities": Path("verdicts.jsonl"),
    "target": Path("communities.jsonl"),
    "report": Path("quality.json"),
    "plots": Path("plots"),
}


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
    assert found["label_quality"] == {"high": 0.583333, "no_fault": 0.166667, "medium": 0.166667, "low": 0.083333}
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
    same = [row.model_copy(update={"before": labels[0].before, "after": labels[0].after}) for row in labels]
    write(same, ["high"] * 12)
    stage.main(**PATHS)
    found = json.loads(PATHS["report"].read_text(encoding="utf-8"))
    assert found["richness"] == pytest.approx(1 / 12, abs=1e-6)
    assert found["communities"] == {
        "count": 1, "largest": 12, "singletons": 0, "exact": True, "neighbor_recall": 1.0,
    }  # fmt: skip


def params(**changes: object) -> stage.Measure:
    return stage.Measure.load().model_copy(update=changes)


def texts(rows: int) -> list[str]:
    words = ["flat", "rent", "owner", "price", "visit", "bank", "loan", "lift", "north", "river", "tram", "park"]
    draw = Random(4)
    return [f"{' '.join(draw.sample(words, 5))} {draw.choice(words) * 2}" for _ in range(rows)]


def test_over_the_limit_the_figure_is_marked_as_approximate_with_its_recall(
    in_repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kmeans, "ROWS", 25)
    monkeypatch.setattr(kmeans, "PLACES", 2)
    prompts = texts(400)
    exact, near = (stage.grouped(prompts, params(threshold=0.7, exact_limit=limit)) for limit in (400, 100))
    assert exact.neighbor_recall is None
    assert near.neighbor_recall is not None and 0.3 < near.neighbor_recall < 1
    assert len(near.communities) >= len(exact.communities)
    assert sorted(row for rows in near.communities for row in rows) == list(range(400))


def test_copies_of_a_prompt_do_not_count_towards_the_limit(in_repository: Path) -> None:
    prompts = texts(30) * 10
    found = stage.grouped(prompts, params(exact_limit=30))
    assert found.neighbor_recall is None
    assert sum(len(rows) for rows in found.communities) == 300
    assert min(len(rows) for rows in found.communities) >= 10


@pytest.mark.parametrize("algorithm", ["threshold", "louvain", "components"])
def test_every_algorithm_places_every_prompt(in_repository: Path, algorithm: str) -> None:
    found = stage.grouped(texts(60), params(algorithm=algorithm, threshold=0.6))
    assert sorted(row for rows in found.communities for row in rows) == list(range(60))


def test_a_row_without_verdict_is_an_error(in_repository: Path, labels: list[LabeledSample]) -> None:
    write(labels, ["high"] * 11)
    with pytest.raises(InputError, match="no verdict on 1 rows"):
        stage.main(**PATHS)


def test_nothing_to_measure_is_an_error(in_repository: Path) -> None:
    write([], [])
    with pytest.raises(InputError, match=r"labels\.dropped\.jsonl"):
        stage.main(**PATHS)
