"""The training set: who is in, why the others are not, and that the libraries it is made for can read it."""

import json
from pathlib import Path

import pytest

from stages.ports import jsonl, metrics
from stages.ports.tokens import QWEN
from stages.records.community import Membership
from stages.records.dropped import Dropped, Reason
from stages.records.sample import Labelled
from stages.records.training import TrainingRow
from stages.records.verdict import Quality, Verdict
from stages.samples import select as stage
from stages.samples.select import Select, select

ALL = Select(target=0, floor="low", near_duplicate=1.0)


def places(labels: list[Labelled], size: int = 3) -> dict[str, Membership]:
    return {
        row.id: Membership(id=row.id, community=n // size + 1, center=n % size == 0, size=size)
        for n, row in enumerate(labels)
    }


def chosen(labels: list[Labelled], grades: list[Quality], params: Select) -> tuple[list[str], dict[str, Reason]]:
    by_id = {row.id: grade for row, grade in zip(labels, grades, strict=True)}
    outcomes = list(select(labels, by_id, places(labels), params, QWEN))
    kept = [row.id for row in outcomes if isinstance(row, TrainingRow)]
    return kept, {row.id: row.reason for row in outcomes if isinstance(row, Dropped)}


def test_rows_below_the_floor_are_dropped(labels: list[Labelled]) -> None:
    grades: list[Quality] = ["high", "medium", "low"] * 4
    kept, dropped = chosen(labels, grades, ALL.model_copy(update={"floor": "medium"}))
    assert kept == [row.id for n, row in enumerate(labels) if n % 3 != 2]
    assert set(dropped.values()) == {Reason.LOW_QUALITY}


def test_centers_come_first(labels: list[Labelled]) -> None:
    kept, dropped = chosen(labels, ["high"] * 12, ALL.model_copy(update={"target": 4}))
    assert kept == [labels[n].id for n in (0, 3, 6, 9)]
    assert set(dropped.values()) == {Reason.OVER_TARGET}


def test_then_the_next_members_by_quality(labels: list[Labelled]) -> None:
    grades: list[Quality] = ["high", "low", "medium"] * 4
    kept, _ = chosen(labels, grades, ALL.model_copy(update={"target": 6}))
    assert kept == [labels[n].id for n in (0, 2, 3, 5, 6, 9)]


def test_of_near_duplicates_the_better_stays(labels: list[Labelled]) -> None:
    twin = labels[0].model_copy(update={"id": "twin", "answer": "another"})
    rows = [twin, *labels[:3]]
    grades: list[Quality] = ["medium", "high", "high", "high"]
    by_id = {row.id: grade for row, grade in zip(rows, grades, strict=True)}
    outcomes = list(select(rows, by_id, places(rows), ALL, QWEN))
    (dropped,) = (row for row in outcomes if isinstance(row, Dropped))
    assert (dropped.id, dropped.reason, dropped.detail) == ("twin", Reason.NEAR_DUPLICATE, labels[0].id)


def test_two_tasks_on_one_long_conversation_are_no_duplicates(labels: list[Labelled]) -> None:
    talk = "The owner asks for more, and Rosa thinks about it until Saturday. " * 60
    rows = [
        labels[0].model_copy(update={"conversation": talk, "before": "List every promise the provider gave.\n"}),
        labels[1].model_copy(update={"conversation": talk, "before": "Is there a risk of losing this client?\n"}),
    ]
    kept, _ = chosen(rows, ["high", "high"], ALL.model_copy(update={"near_duplicate": 0.95}))
    assert len(kept) == 2


@pytest.fixture
def written(in_repository: Path, labels: list[Labelled]) -> Path:
    """Run main; return the folder it wrote."""
    jsonl.write(Path("labels.jsonl"), labels)
    jsonl.write(Path("verdicts.jsonl"), (Verdict(id=row.id, quality="high", layer="rules") for row in labels))
    jsonl.write(Path("communities.jsonl"), places(labels).values())
    metrics.write(Path("quality.json"), {"n": 12, "richness": 0.5, "label_quality": {"high": 1.0}})
    paths = ("labels.jsonl", "verdicts.jsonl", "communities.jsonl", "quality.json", "train", "ledger.json")
    stage.main(*map(Path, paths))
    return in_repository / "train"


def test_lineage_and_ledger(written: Path, labels: list[Labelled]) -> None:
    rows = jsonl.read(written / "train.jsonl", TrainingRow)
    ledger = json.loads((written.parent / "ledger.json").read_text(encoding="utf-8"))
    assert ledger["in"] == 12 == ledger["kept"] + sum(ledger["dropped"].values())
    by_id = {row.id: row for row in labels}
    for row in rows:
        source = by_id[row.id]
        assert [message.content for message in row.messages] == [source.text, source.answer]
        assert (row.dialogue_id, row.prompt_id, row.instruction_id) == (
            source.dialogue,
            source.prompt,
            source.instruction,
        )
        assert (row.format, row.author) == (source.ask.kind, source.author)


def test_datasets_loads_it(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    import datasets

    by_file = datasets.load_dataset(
        "json", data_files=str(written / "train.jsonl"), split="train", cache_dir=str(tmp_path / "cache")
    )
    by_card = datasets.load_dataset(str(written), split="train", cache_dir=str(tmp_path / "cache2"))
    assert len(by_file) == len(by_card) == len(jsonl.read(written / "train.jsonl", TrainingRow))
    assert [message["role"] for message in by_file[0]["messages"]] == ["user", "assistant"]


def test_trl_trains_on_it(written: Path, tmp_path: Path, base_model: Path) -> None:
    import datasets
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
    from trl import SFTConfig, SFTTrainer

    rows = datasets.load_dataset(
        "json", data_files=str(written / "train.jsonl"), split="train", cache_dir=str(tmp_path / "cache")
    )
    tokenizer = AutoTokenizer.from_pretrained(base_model, local_files_only=True)
    size = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **size))
    options = {"max_steps": 1, "report_to": "none", "use_cpu": True, "activation_checkpointing": False, "bf16": False}
    settings = SFTConfig(str(tmp_path / "out"), **options)
    trainer = SFTTrainer(model, args=settings, train_dataset=rows, processing_class=tokenizer)
    text = tokenizer.decode(trainer.train_dataset[0]["input_ids"])
    question, answer = (message["content"] for message in rows[0]["messages"])
    assert 0 < text.index(question) < text.index(answer)
    assert trainer.train().training_loss > 0


def test_llama_factory_finds_its_columns(written: Path) -> None:
    entry = json.loads((written / "dataset_info.json").read_text(encoding="utf-8"))["dial_insight_train"]
    (row, *_) = (json.loads(line) for line in (written / entry["file_name"]).read_text(encoding="utf-8").splitlines())
    tags = entry["tags"]
    messages = row[entry["columns"]["messages"]]
    assert entry["formatting"] == "sharegpt"
    assert [message[tags["role_tag"]] for message in messages] == [tags["user_tag"], tags["assistant_tag"]]
    assert all(message[tags["content_tag"]] for message in messages)


def test_the_card_says_what_is_in_the_set(written: Path) -> None:
    card = (written / "README.md").read_text(encoding="utf-8")
    rows = jsonl.read(written / "train.jsonl", TrainingRow)
    buying = sum(row.scene == "buying" for row in rows)
    assert card.startswith("---\nconfigs:\n")
    assert f"{len(rows)} rows selected from 12 labelled ones" in card
    assert f"| buying | {buying} | {buying / len(rows):.1%} |" in card
    assert "| richness | 0.5000 |" in card
    assert "| label_quality.high | 1.0000 |" in card
