"""The training set: who is in, why the others are not, and that the libraries it is made for can read it."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from stages.core import jsonl, metrics
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError, ParamsError
from stages.rows.label_quality import Floor, LabelQuality, Quality
from stages.rows.sample import LabeledSample
from stages.rows.training import TrainingRow
from stages.samples import select as stage
from stages.samples.rows.brief import Briefs
from stages.samples.rows.community import Membership
from stages.samples.rows.difficulty import Difficulty
from stages.samples.select import Known, Select, check_floor, check_names, figures, misfits, select
from stages.text.tokenizers import QWEN, Encoded

ALL = Select(
    strategy="communities",
    target=0,
    floor="low",
    languages=frozenset(),
    max_tokens=0,
    near_duplicate=1.0,
    quotas={},
    seed=1,
)


def changed(**values: object) -> Select:
    return Select.model_validate(ALL.model_dump() | values)


def places(labels: list[LabeledSample], size: int = 3) -> dict[str, Membership]:
    return {
        row.id: Membership(id=row.id, community=n // size + 1, center=n % size == 0, size=size)
        for n, row in enumerate(labels)
    }


def known(labels: list[LabeledSample], grades: list[Quality], ifd: list[float] | None = None) -> Known:
    verdicts = {
        row.id: LabelQuality(id=row.id, quality=grade, layer="rules") for row, grade in zip(labels, grades, strict=True)
    }
    difficulties = {
        row.id: Difficulty(id=row.id, conditioned_nll=value, direct_nll=1.0, tokens=9, ifd=value)
        for row, value in zip(labels, ifd or [], strict=False)
    }
    return Known(verdicts, places(labels), difficulties)


def chosen(labels: list[LabeledSample], found: Known, params: Select) -> tuple[list[str], dict[str, Reason]]:
    outcomes = list(select(labels, Briefs.of(labels, QWEN), found, params))
    assert [row.id for row in outcomes] == [row.id for row in labels]
    kept = [row.id for row in outcomes if isinstance(row, TrainingRow)]
    return kept, {row.id: row.reason for row in outcomes if isinstance(row, Dropped)}


def test_rows_below_the_floor_are_dropped(labels: list[LabeledSample]) -> None:
    grades: list[Quality] = ["high", "medium", "low"] * 4
    kept, dropped = chosen(labels, known(labels, grades), changed(floor="medium"))
    assert kept == [row.id for n, row in enumerate(labels) if n % 3 != 2]
    assert set(dropped.values()) == {Reason.LOW_QUALITY}


def test_what_a_person_discarded_trains_at_no_floor(labels: list[LabeledSample]) -> None:
    found = known(labels, ["low"] * 12)
    by_person, by_judge = (
        found.verdicts[labels[n].id].model_copy(update={"layer": layer}) for n, layer in enumerate(["human", "judge"])
    )
    verdicts = dict(found.verdicts) | {by_person.id: by_person, by_judge.id: by_judge}
    kept, dropped = chosen(labels, found._replace(verdicts=verdicts), ALL)
    assert kept == [row.id for row in labels[1:]]
    assert dropped == {labels[0].id: Reason.DISCARDED}


def test_rows_of_other_languages_and_long_ones_are_not_trained_on(labels: list[LabeledSample]) -> None:
    rows = [row.model_copy(update={"language": "zh" if n % 2 else "en"}) for n, row in enumerate(labels)]
    rows[0] = rows[0].model_copy(update={"conversation": rows[0].conversation * 20})
    briefs = Briefs.of(rows, QWEN)
    lengths = [prompt + talk for prompt, talk in zip(briefs.prompts.lengths, briefs.talks.lengths, strict=True)]
    limit = sorted(lengths)[-2]
    found = known(rows, ["no_fault"] * 12)
    kept, dropped = chosen(rows, found, changed(languages=["en"], max_tokens=limit))
    assert kept == [row.id for row in rows[2::2]]
    assert dropped == {rows[0].id: Reason.TOO_LONG} | {row.id: Reason.OTHER_LANGUAGE for row in rows[1::2]}
    both, _ = chosen(rows, found, changed(max_tokens=max(lengths)))
    assert len(both) == 12  # as long as allowed is not too long; no language named is all


def test_the_lengths_of_all_rows_are_counted_once(labels: list[LabeledSample], monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted for each row anew, 57,000 rows took 60 seconds."""
    counted = list[Encoded]()

    def lengths(found: Encoded) -> list[int]:
        counted.append(found)
        return [1] * len(found.which)

    monkeypatch.setattr(Encoded, "lengths", property(lengths))
    briefs = Briefs.of(labels, QWEN)
    assert misfits(briefs, ["low"] * len(labels), changed(floor="low", max_tokens=2)) == [None] * len(labels)
    assert misfits(briefs, ["low"] * len(labels), changed(floor="low", max_tokens=1)) == [Reason.TOO_LONG] * len(labels)
    assert len(counted) == 4


def test_centers_come_first(labels: list[LabeledSample]) -> None:
    kept, dropped = chosen(labels, known(labels, ["high"] * 12), changed(target=4))
    assert kept == [labels[n].id for n in (0, 3, 6, 9)]
    assert set(dropped.values()) == {Reason.OVER_TARGET}


def test_then_the_next_members_by_quality(labels: list[LabeledSample]) -> None:
    grades: list[Quality] = ["high", "low", "medium"] * 4
    kept, _ = chosen(labels, known(labels, grades), changed(target=6))
    assert kept == [labels[n].id for n in (0, 2, 3, 5, 6, 9)]


def test_of_near_duplicates_the_better_stays(labels: list[LabeledSample]) -> None:
    twin = labels[0].model_copy(update={"id": "twin", "answer": "another"})
    rows = [twin, *labels[:3]]
    grades: list[Quality] = ["medium", "high", "high", "high"]
    outcomes = list(select(rows, Briefs.of(rows, QWEN), known(rows, grades), ALL))
    (dropped,) = (row for row in outcomes if isinstance(row, Dropped))
    assert (dropped.id, dropped.reason, dropped.detail) == ("twin", Reason.NEAR_DUPLICATE, labels[0].id)


def test_two_tasks_on_one_long_conversation_are_no_duplicates(labels: list[LabeledSample]) -> None:
    talk = "The owner asks for more, and Rosa thinks about it until Saturday. " * 60
    rows = [
        labels[0].model_copy(update={"conversation": talk, "before": "List every promise the provider gave.\n"}),
        labels[1].model_copy(update={"conversation": talk, "before": "Is there a risk of losing this client?\n"}),
    ]
    kept, _ = chosen(rows, known(rows, ["high", "high"]), changed(near_duplicate=0.95))
    assert len(kept) == 2


def test_random_draws_by_seed_and_id(labels: list[LabeledSample]) -> None:
    found = known(labels, ["high"] * 12)
    first, dropped = chosen(labels, found, changed(strategy="random", target=5))
    again, _ = chosen(labels[::-1], found, changed(strategy="random", target=5))
    other, _ = chosen(labels, found, changed(strategy="random", target=5, seed=2))
    assert set(first) == set(again) != set(other)
    assert set(dropped.values()) == {Reason.OVER_TARGET}


def test_deita_takes_complex_and_good_rows_that_differ(labels: list[LabeledSample]) -> None:
    long = labels[4].model_copy(
        update={"conversation": "The roof, the drains and the boiler were checked last May. " * 9}
    )
    twin = long.model_copy(update={"id": "twin", "answer": "another"})
    rows = [*labels[:3], long, twin]
    kept, dropped = chosen(
        rows, known(rows, ["low", "low", "low", "high", "medium"]), changed(strategy="deita", target=1)
    )
    assert (kept, dropped["twin"]) == ([long.id], Reason.NEAR_DUPLICATE)
    order: list[Quality] = ["low", "medium", "no_fault", "high"]
    by_rules: list[Quality] = ["faulty", "doubtful", "no_fault"]
    for worse, better in (*pairwise(order), *pairwise(by_rules)):
        best_first, _ = chosen(labels[:2], known(labels[:2], [worse, better]), changed(strategy="deita", target=1))
        assert best_first == [labels[1].id]


def test_ifd_takes_the_hardest_that_the_prompt_still_helps(labels: list[LabeledSample]) -> None:
    rows = labels[:4]
    kept, dropped = chosen(rows, known(rows, ["high"] * 4, [0.2, 1.1, 0.9, 0.5]), changed(strategy="ifd", target=2))
    assert kept == [rows[2].id, rows[3].id]
    assert dropped == {rows[0].id: Reason.OVER_TARGET, rows[1].id: Reason.NO_HELP}


def test_a_prompt_that_changes_nothing_does_not_help(labels: list[LabeledSample]) -> None:
    found = known(labels[:2], ["high"] * 2, [1.0, 0.999])
    kept, other = select(labels[:2], Briefs.of(labels[:2], QWEN), found, changed(strategy="ifd"))
    assert kept == Dropped(id=labels[0].id, reason=Reason.NO_HELP, detail="ifd 1.000")
    assert isinstance(other, TrainingRow)


def test_ifd_leaves_out_a_row_too_long_to_be_measured(labels: list[LabeledSample]) -> None:
    """The row in the middle had none; the others are taken as if it were not there."""
    rows = labels[:3]
    found = known([rows[0], rows[2]], ["high"] * 2, [0.2, 0.9])
    kept, dropped = chosen(rows, found._replace(verdicts=known(rows, ["high"] * 3).verdicts), changed(strategy="ifd"))
    assert kept == [rows[0].id, rows[2].id]
    assert dropped == {rows[1].id: Reason.NO_IFD}


def test_ifd_without_measurements_says_what_to_do(labels: list[LabeledSample]) -> None:
    message = (
        r"none of 3 rows has an IFD; set ifd\.enabled=true, and if it is, a base model whose context holds the rows"
    )
    with pytest.raises(InputError, match=message):
        chosen(labels[:3], known(labels[:3], ["high"] * 3), changed(strategy="ifd"))
    assert chosen([], known([], []), changed(strategy="ifd")) == ([], {})


def test_quotas_are_kept_and_a_shortage_is_not_filled(labels: list[LabeledSample]) -> None:
    found = known(labels, ["high"] * 12)  # scene buying: even rows; tasks in turns of three
    params = changed(target=10, quotas={"buying": {"reasoning": 0.5}, "selling": 0.2})
    kept, dropped = chosen(labels, found, params)
    by_id = {row.id: row for row in labels}
    mine = [row for row in labels if row.scene == "buying" and row.task == "reasoning"]
    assert {row.id for row in mine} <= set(kept)  # 5 wanted, 2 there
    assert sum(by_id[row].scene == "selling" for row in kept) == 2
    assert len(kept) == 2 + 2 + 3  # the rest: 10 - 5 - 2
    assert set(dropped.values()) == {Reason.OVER_QUOTA, Reason.OVER_TARGET}
    report = figures(Briefs.of(labels, QWEN), set(kept), found, params, 1)
    assert report["quotas"] == {
        "buying.reasoning": {"wanted": 5, "labelled": 2, "taken": 2},
        "selling": {"wanted": 2, "labelled": 6, "taken": 2},
    }


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"quotas": {"buying": 0.7, "selling": 0.4}, "target": 4}, "together at most 1"),
        ({"quotas": {"buying": {"reasoning": -0.1}}, "target": 4}, "from 0 to 1"),
        ({"quotas": {"buying": 0.5}, "target": 0}, "shares of target"),
    ],
)
def test_quotas_that_cannot_hold_are_refused(values: dict[str, object], fault: str) -> None:
    with pytest.raises(ParamsError, match=fault):
        Select.parse("select", ALL.model_dump() | values)


@pytest.mark.parametrize("quotas", [{"bying": 0.5}, {"buying": {"reasonning": 0.5}}])
def test_a_quota_for_what_is_not_there_is_refused(labels: list[LabeledSample], quotas: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"select\.quotas: .*no labelled row has it; scenes: buying, selling"):
        check_names(Briefs.of(labels, QWEN).rows, changed(target=4, quotas=quotas))


def test_the_indicators_before_and_after(labels: list[LabeledSample]) -> None:
    found = known(labels, ["high", "low", "medium"] * 4)
    report = figures(Briefs.of(labels, QWEN), {labels[n].id for n in (0, 3, 6, 9)}, found, changed(target=4), 1)
    before, after = report["all"], report["selected"]
    assert isinstance(before, dict) and isinstance(after, dict)
    assert (before["n"], before["richness"], after["n"], after["richness"]) == (12, pytest.approx(4 / 12), 4, 1.0)
    assert after["label_quality"] == {
        "judged": {"n": 4, "high": 1.0, "medium": 0.0, "low": 0.0},
        "by_rules": {"n": 0, "no_fault": None, "doubtful": None, "faulty": None},
    }


@pytest.mark.parametrize(("floor", "kept"), [("high", 2), ("no_fault", 4), ("medium", 8), ("low", 12)])
def test_a_floor_keeps_what_rules_say_of_the_same_level(labels: list[LabeledSample], floor: Floor, kept: int) -> None:
    grades: list[Quality] = ["high", "no_fault", "medium", "doubtful", "low", "faulty"] * 2
    assert len(chosen(labels, known(labels, grades), changed(floor=floor))[0]) == kept


def test_a_floor_that_only_a_judge_could_reach_is_refused_in_one_line(labels: list[LabeledSample]) -> None:
    by_rules = known(labels, ["no_fault"] * 12)
    with pytest.raises(InputError, match=r"select\.floor is high, but none of the 12 .*select\.floor=no_fault") as said:
        check_floor(Briefs.of(labels, QWEN).rows, by_rules, changed(floor="high"))
    assert "\n" not in str(said.value)
    check_floor(Briefs.of(labels, QWEN).rows, by_rules, changed(floor="no_fault"))
    one: list[Quality] = ["high" if n == 11 else "no_fault" for n in range(12)]
    check_floor(Briefs.of(labels, QWEN).rows, known(labels, one), changed(floor="high"))


def test_nothing_selected_has_no_indicators(labels: list[LabeledSample]) -> None:
    report = figures(Briefs.of(labels, QWEN), set(), known(labels, ["low"] * 12), changed(floor="high"), 1)
    assert report["selected"] == {
        "n": 0,
        **dict.fromkeys(
            ("prompt_complexity", "input_complexity", "richness", "redundancy", "label_quality", "balance")
        ),
    }


@pytest.fixture
def written(in_repository: Path, labels: list[LabeledSample]) -> Path:
    """Run main; return the folder it wrote."""
    jsonl.write(Path("labels.jsonl"), labels)
    jsonl.write(Path("verdicts.jsonl"), (LabelQuality(id=row.id, quality="high", layer="rules") for row in labels))
    jsonl.write(Path("communities.jsonl"), places(labels).values())
    jsonl.write(Path("ifd.jsonl"), list[Difficulty]())
    stage.main(
        source=Path("labels.jsonl"),
        qualities=Path("verdicts.jsonl"),
        communities=Path("communities.jsonl"),
        difficulties=Path("ifd.jsonl"),
        target=Path("train"),
        ledger=Path("ledger.json"),
        report=Path("metrics.json"),
    )
    return in_repository / "train"


def test_lineage_and_ledger(written: Path, labels: list[LabeledSample]) -> None:
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
    report = metrics.read(written.parent / "metrics.json")
    assert f"| richness | {report['all']['richness']:.4f} | {report['selected']['richness']:.4f} |" in card
    assert "| label_quality.judged.high | 1.0000 | 1.0000 |" in card
    assert "| label_quality.by_rules.no_fault | – | – |" in card
