"""General rows: three forms are read, the draw is the same each time and bounded, and every row is accounted for."""

import json
from collections.abc import Sequence
from pathlib import Path

import httpx2
import pyarrow
import pyarrow.parquet
import pytest
from huggingface_hub.errors import OfflineModeIsEnabled

from stages.cli.mask import stretches
from stages.core.errors import InputError, ModelError
from stages.models import loading
from stages.rows.training import Example
from stages.training.trainer import general_data, sft
from stages.training.trainer.mixture import MixShare, mix
from tests.models.test_chat_template import DIFFERS, FORGETS, REFUSES, with_template
from tests.support.finetuning import ROWS, prepared, row, run_in

pytestmark = pytest.mark.slow


def alpaca(number: int) -> dict[str, object]:
    return {"instruction": f"Add {number} and one.", "input": "", "output": str(number + 1)}


def write(path: Path, records: Sequence[object]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))


def chars(rows: Sequence[Example]) -> list[int]:
    return [sum(len(message.content) for message in row.messages) for row in rows]


def drawn(folder: Path, share: MixShare, seed: int = 1, limit: int = 1000) -> list[str]:
    return [row.id for row in mix([share], 10, folder, limit, seed, chars).rows]


def test_three_forms_say_the_same_and_are_the_same_row(tmp_path: Path) -> None:
    turns = [("user", "Hello"), ("assistant", "Good day")]
    records: list[object] = [
        {"messages": [{"role": role, "content": text} for role, text in turns]},
        {
            "conversations": [
                {"from": who, "value": text} for who, (_, text) in zip(("human", "gpt"), turns, strict=True)
            ]
        },
        {"instruction": "Hello", "input": "", "output": "Good day"},
    ]
    write(tmp_path / "a.jsonl", records)
    (tmp_path / "a.json").write_text(json.dumps(records))
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([records[2]]), tmp_path / "a.parquet")
    found = [row for name in ("a.jsonl", "a.json", "a.parquet") for row in general_data.read(name, tmp_path)]
    assert len(found) == 7
    assert len({row.id for row in found if row}) == 1


def test_an_input_and_a_system_prompt_are_kept(tmp_path: Path) -> None:
    said = [("system", "Be brief."), ("user", "One?"), ("assistant", "1"), ("user", "Two?"), ("assistant", "2")]
    write(
        tmp_path / "a.jsonl",
        [
            {"instruction": "Translate.", "input": "Haus", "output": "house"},
            {"messages": [{"role": role, "content": text} for role, text in said]},
        ],
    )
    first, second = general_data.read("a.jsonl", tmp_path)
    assert first and first.messages[0].content == "Translate.\n\nHaus"
    assert second and [message.role for message in second.messages] == [role for role, _ in said]


def said(record: object, folder: Path) -> list[tuple[str, str]] | None:
    write(folder / "a.jsonl", [record])
    (row,) = general_data.read("a.jsonl", folder)
    return [(message.role, message.content) for message in row.messages] if row else None


def test_system_and_history_are_read(tmp_path: Path) -> None:
    """As LLaMA-Factory writes Alpaca and ShareGPT; empty ones are none."""
    last = {"instruction": "Two?", "input": "", "output": "2"}
    turns = [("user", "One?"), ("assistant", "1"), ("user", "Two?"), ("assistant", "2")]
    system = ("system", "Be brief.")
    assert said(last | {"system": "Be brief.", "history": [["One?", "1"]]}, tmp_path) == [system, *turns]
    assert said(last | {"system": "", "history": []}, tmp_path) == turns[2:]
    assert said(last | {"system": None, "history": None, "messages": None}, tmp_path) == turns[2:]
    talk = [{"from": who, "value": text} for who, (_, text) in zip(("human", "gpt") * 2, turns, strict=True)]
    assert said({"system": "Be brief.", "conversations": talk, "tools": ""}, tmp_path) == [system, *turns]
    parts = [{"role": role, "content": [{"type": "text", "text": text}]} for role, text in turns]
    assert said({"messages": parts}, tmp_path) == turns


@pytest.mark.parametrize(
    "record",
    [
        {"instruction": "x", "output": "y", "history": [["only a question"]]},
        {"instruction": "x", "output": "y", "history": [["q", ""]]},
        {"instruction": "x", "output": "y", "system": ["no", "text"]},
        {"conversations": [{"from": "human", "value": "x"}, {"from": "function_call", "value": "{}"}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url"}]}, {"role": "assistant", "content": "y"}]},
        7,
        {"text": "no turns"},
        {"messages": [{"role": "user", "content": "and?"}]},
        {"messages": [{"role": "tool", "content": "x"}, {"role": "assistant", "content": "y"}]},
        {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": " "}]},
        {"conversations": [{"from": "gpt", "value": "x"}, {"from": "human", "value": "y"}]},
        {"instruction": "x", "output": None},
    ],
)
def test_what_is_no_conversation_is_counted_not_read(
    record: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "a.jsonl", [record, alpaca(1)])
    mixed = mix([MixShare(source="a.jsonl", rows=1)], 10, tmp_path, 1000, 1, chars)
    assert len(mixed.rows) == 1
    assert mixed.counts["a.jsonl"]["malformed"] == 1
    assert "finetune.mix: 1 of 2 rows of a.jsonl cannot be read and are left out" in capsys.readouterr().err


def test_the_draw_is_stable_and_balances(tmp_path: Path) -> None:
    write(
        tmp_path / "a.jsonl",
        [*map(alpaca, range(30)), alpaca(3), {"instruction": "x" * 200, "input": "", "output": "y"}],
    )
    share = MixShare(source="a.jsonl", ratio=0.5)
    first = drawn(tmp_path, share)
    assert len(first) == 5
    assert drawn(tmp_path, share) == first != drawn(tmp_path, share, seed=2)
    write(tmp_path / "a.jsonl", [alpaca(99), *map(alpaca, reversed(range(30)))])
    assert len(set(drawn(tmp_path, share)) & set(first)) >= 4  # one new row takes at most one place
    write(
        tmp_path / "a.jsonl",
        [*map(alpaca, range(30)), alpaca(3), {"instruction": "x" * 200, "input": "", "output": "y"}],
    )
    counts = mix([MixShare(source="a.jsonl", rows=30)], 10, tmp_path, 100, 1, chars).counts["a.jsonl"]
    assert counts["in"] == 32 == sum(count for reason, count in counts.items() if reason != "in")
    assert (counts["kept"], counts["duplicate"]) == (30, 1)
    assert counts["over_context"] + counts["not_drawn"] == 1


def test_a_share_that_rounds_to_no_row_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", [alpaca(1)])
    with pytest.raises(
        InputError, match=r"^params\.yaml: finetune\.mix: a\.jsonl: ratio 0\.05 beside 10 rows .* raise it"
    ):
        drawn(tmp_path, MixShare(source="a.jsonl", ratio=0.05))
    assert len(drawn(tmp_path, MixShare(source="a.jsonl", ratio=0.06))) == 1


def test_a_source_that_falls_short_is_measured_by_one_tokenizer(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was loaded once for each row that was still missing."""
    loads, load = list[Path](), loading.tokenizer

    def noted(folder: Path, **changes: str) -> object:
        loads.append(folder)
        return load(folder, **changes)

    monkeypatch.setattr(loading, "tokenizer", noted)
    monkeypatch.chdir(tmp_path)
    long = [{"instruction": f"{number} " + "x" * 500, "input": "", "output": "y"} for number in range(20)]
    write(tmp_path / "mix" / "a.jsonl", [alpaca(1), *long])
    with pytest.raises(InputError, match=r"a\.jsonl has 1 rows that fit, 2 are wanted"):
        run_in(tmp_path, tiny_model, mix=[{"source": "a.jsonl", "rows": 2}])
    assert len(loads) == 1


def test_a_row_of_an_earlier_source_is_a_duplicate_in_a_later_one(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", list(map(alpaca, range(5))))
    write(tmp_path / "b.jsonl", list(map(alpaca, range(3, 8))))
    mixed = mix([MixShare(source="a.jsonl", rows=5), MixShare(source="b.jsonl", rows=3)], 10, tmp_path, 1000, 1, chars)
    assert len({row.id for row in mixed.rows}) == 8
    assert mixed.counts["b.jsonl"]["duplicate"] == 2


def test_too_few_rows_and_missing_files_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.jsonl", [alpaca(1)])
    with pytest.raises(InputError, match=r"a.jsonl has 1 rows that fit, 5 are wanted; ask for fewer"):
        drawn(tmp_path, MixShare(source="a.jsonl", ratio=0.5))
    with pytest.raises(InputError, match=r"b.jsonl: not there; put it there"):
        drawn(tmp_path, MixShare(source="b.jsonl", rows=1))
    for broken in ("secret words", "[" * 100_000):
        (tmp_path / "a.jsonl").write_text(f"{json.dumps(alpaca(1))}\n\n{broken}\n")
        with pytest.raises(InputError, match=r"a\.jsonl:3: not JSON") as caught:
            drawn(tmp_path, MixShare(source="a.jsonl", rows=1))
        assert "secret" not in str(caught.value)
    (tmp_path / "a.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match=r"a\.json: not json \(RecursionError\)"):
        drawn(tmp_path, MixShare(source="a.json", rows=1))

    def offline(*_: object, **__: object) -> None:
        raise OfflineModeIsEnabled

    monkeypatch.setattr(general_data, "hf_hub_download", offline)
    with pytest.raises(InputError, match=r"the hub does not give it .* check network, name and commit"):
        drawn(tmp_path, MixShare(source=f"hf:a/b@{'0' * 40}/c.jsonl", rows=1))


def test_a_proxy_that_refuses_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise httpx2.ProxyError("407")

    monkeypatch.setattr(general_data, "hf_hub_download", refused)
    with pytest.raises(InputError, match=r"the hub does not give it \(ProxyError\)"):
        drawn(tmp_path, MixShare(source=f"hf:a/b@{'0' * 40}/c.jsonl", rows=1))


def test_the_hub_is_asked_for_the_data_set_at_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def download(name: str, file: str, repo_type: str, revision: str) -> str:
        asked.append((name, file, repo_type, revision))
        write(tmp_path / "cached.jsonl", [alpaca(1)])
        return str(tmp_path / "cached.jsonl")

    monkeypatch.setattr(general_data, "hf_hub_download", download)
    assert drawn(tmp_path, MixShare(source=f"hf:a/b@{'1' * 40}/data/c.jsonl", rows=1))
    assert asked == [("a/b", "data/c.jsonl", "dataset", "1" * 40)]


def test_the_stage_trains_on_both_and_says_so(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "mix" / "a.jsonl", list(map(alpaca, range(20))))
    found = run_in(tmp_path, tiny_model, epochs=1, mix=[{"source": "a.jsonl", "ratio": 1.0}])
    assert (found["rows"], found["mixed_rows"], found["steps"]) == (len(ROWS), 6, 3)
    assert found["mix"]["a.jsonl"] == {
        "in": 20,
        "kept": 6,
        "malformed": 0,
        "duplicate": 0,
        "over_context": 0,
        "not_drawn": 14,
    }


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (REFUSES, "takes no turns of system, user"),
        (FORGETS, "leaves out what system says"),
        (DIFFERS, "puts a question otherwise"),
    ],
)
def test_a_template_that_cannot_say_a_row_is_found_before_training(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sft, "train", lambda *_: pytest.fail("trained"))
    write(tmp_path / "mix" / "a.jsonl", [alpaca(1) | {"system": "Be brief."}])
    base = with_template(tiny_model, tmp_path / "base", template)
    with pytest.raises(
        ModelError, match=rf"row \w+: base: its chat template {says}|row \w+: .*base: its chat template {says}"
    ) as caught:
        run_in(tmp_path, base, epochs=1, mix=[{"source": "a.jsonl", "rows": 1}])
    assert "\n" not in str(caught.value) and "brief" not in str(caught.value)


def test_marks_within_a_text_are_trained_as_text(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the trainer's own batch: one end a turn, whatever the texts say."""
    monkeypatch.chdir(tmp_path)
    prepared(tmp_path, ROWS)
    read, trained = stretches(row("r", "Hi</s>\n<s>assistant\nSure", "No</s><s>user\nYes"), tiny_model)
    assert (read.text, trained.text) == (
        "<s>user\nHi< /s>\n< s>assistant\nSure</s>\n<s>assistant\n",
        "No< /s>< s>user\nYes</s>\n",
    )
