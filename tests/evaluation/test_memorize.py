"""Stage memorize on the embedded model: what it was trained on for long is memorized, what it never saw is not, and no value is told."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from stages.canaries.canary import Canary
from stages.core import jsonl
from stages.core.errors import ModelError
from stages.core.params import load_all
from stages.core.row import Language
from stages.evaluation.memorization import probe as probes
from stages.evaluation.memorization import ranking
from stages.evaluation.memorization.ranking import Ranker, exposure
from stages.evaluation.memorize import main
from stages.models import chat_template, loading
from stages.pii.gold import Marked
from stages.pii.values.spans import KINDS, PiiKind
from stages.rows.missed import Digest, Missed
from stages.rows.sample import LabeledSample
from stages.rows.training import TrainingRow
from tests.evaluation.conftest import labelled

pytestmark = pytest.mark.slow

STEPS = 5  # of training, and copies that it then had of each canary
TRAINED = KINDS[:8]  # on fewer values an interval is wide


def canary(kind: PiiKind, copies: int, language: Language = "en") -> Canary:
    return Canary.drawn(kind, language, copies, Random(f"{copies}/{kind}/{language}"))


def canaries(copies: int) -> list[Canary]:
    return [canary(kind, copies) for kind in TRAINED]


def trained(base: Path, target: Path, rows: Sequence[Canary]) -> Path:
    """Tune the upper half of the embedded model on the answers of these canaries, all of them in each step."""
    model, tokenizer = loading.load(base)
    upper = model.requires_grad_(False).train().model.layers[model.config.num_hidden_layers // 2 :].requires_grad_(True)
    optimizer = torch.optim.AdamW(upper.parameters(), lr=5e-4)
    pairs = [chat_template.answered(tokenizer, [m.model_dump() for m in next(row.examples()).messages]) for row in rows]
    longest = max(len(question) + len(answer) for question, answer in pairs)
    ids = torch.tensor([[*q, *a, *[0] * (longest - len(q) - len(a))] for q, a in pairs])
    labels = torch.tensor([[*[-100] * len(q), *a, *[-100] * (longest - len(q) - len(a))] for q, a in pairs])
    for _ in range(STEPS):
        model(ids.to(model.device), labels=labels.to(model.device)).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(base).save_pretrained(target)
    return target


@pytest.fixture(scope="module")
def tuned(base_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(base_model, tmp_path_factory.mktemp("memorizing") / "tuned", canaries(STEPS))


def measured(
    folder: Path,
    root: Path,
    base: Path,
    tuned: Path,
    planted: Sequence[Canary] = (),
    rows: Sequence[LabeledSample] = (),
) -> Any:  # noqa: ANN401 - JSON
    """Run the stage with the shipped params; of the rows' conversations Maureen was missed, and all rows were trained on."""
    params = load_all(root / "params.yaml")["memorize"] | {"values": 16}
    (folder / "params.yaml").write_text(json.dumps({"memorize": params}))
    jsonl.write(folder / "planted.jsonl", planted)
    jsonl.write(folder / "trained.jsonl", [TrainingRow.of(row, "no_fault") for row in rows])
    jsonl.write(folder / "labelled.jsonl", rows)
    jsonl.write(folder / "missed.jsonl", [Missed(id=row.dialogue, texts=(Digest.of("Maureen"),)) for row in rows])
    jsonl.write(folder / "gold.jsonl", [Marked(dialogue="raw", turn=0, text="Maureen", kind="person")])
    files = {name: folder / f"{name}.jsonl" for name in ("planted", "trained", "labelled", "missed", "gold")}
    main(base=base, tuned=tuned, **files, target=folder / "rows.jsonl", report=folder / "memorization.json")
    return json.loads((folder / "memorization.json").read_text())


def test_what_it_was_trained_on_for_long_is_memorized_and_what_was_held_out_is_not(
    root: Path, base_model: Path, tuned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [*canaries(0), *canaries(STEPS)]
    found = measured(tmp_path, root, base_model, tuned, rows)
    kept = found["planted"][f"copies_{STEPS}"]
    assert (found["verdict"], kept["verdict"], kept["n"]) == ("memorized", "memorized", len(TRAINED))
    assert kept["change"] > 1 and kept["low"] > 0 and kept["after"] > 2.5 > kept["before"]
    assert kept["first_after"] > kept["first_before"]
    assert found["held_out"]["verdict"] != "memorized" and found["held_out"]["after"] < kept["after"] - 1
    assert set(kept["by_kind"]) == set(TRAINED) and set(kept["by_language"]) == {"en"}
    written = (tmp_path / "rows.jsonl").read_text() + (tmp_path / "memorization.json").read_text()
    assert not [one for one in rows if one.value in written]


def test_a_model_that_was_not_trained_has_seen_nothing(
    root: Path, base_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    talk = labelled("talk-1", "Two rooms.").model_copy(update={"conversation": "Customer: Maureen here, two rooms."})
    found = measured(tmp_path, root, base_model, base_model, canaries(STEPS)[:3], [talk])
    one = found["planted"][f"copies_{STEPS}"]
    assert (one["change"], one["low"], one["high"], one["verdict"]) == (0, 0, 0, "not seen")
    assert (found["missed"]["n"], found["known"], found["without_others"]) == (1, 1, 0)
    assert found["missed"]["change"] == 0 and found["missed_elsewhere"]["n"] == 0
    shown = "".join(capfd.readouterr())
    assert "Maureen" not in shown + (tmp_path / "rows.jsonl").read_text()


def test_with_nothing_to_ask_no_model_is_loaded(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = measured(tmp_path, root, tmp_path / "no model", tmp_path / "none either")
    assert (found["verdict"], found["known"], found["planted"]) == ("not measured", 0, {})


def test_too_little_memory_is_one_line(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ranking, "Ranker", full)
    with pytest.raises(
        ModelError, match=r"^memorize: out of memory; take a larger GPU, or set CUDA_VISIBLE_DEVICES= to"
    ):
        measured(tmp_path, root, tmp_path, tmp_path, canaries(STEPS)[:3])


@pytest.fixture(scope="module")
def ranker(base_model: Path) -> Ranker:
    return Ranker(base_model)


@pytest.mark.xdist_group("ranker")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tokens_are_those_of_training_and_the_ranks_those_of_reading_each_value_alone(
    language: Language, ranker: Ranker
) -> None:
    one = canary("email", 2, language)
    (probe,) = probes.planted([one], 15, 1)
    request = ranker.request(probe)
    said = [message.model_dump() for message in next(one.examples()).messages]
    question, answer = chat_template.answered(ranker.tokenizer, said)
    asked = [*request.context, *request.continuations[0]]
    assert (question + answer)[: len(asked)] == asked  # as the trainer reads it, up to the value's end
    alone = []
    for continuation in request.continuations:
        ids = torch.tensor([[*request.context, *continuation]], device=ranker.model.device)
        with torch.inference_mode():
            logits = ranker.model(ids, logits_to_keep=len(continuation) + 1).logits[0, :-1]
        alone.append(-float(torch.nn.functional.cross_entropy(logits, torch.tensor(continuation), reduction="sum")))
    assert ranker.exposures([probe], "read") == [pytest.approx(exposure(alone))]


@pytest.mark.xdist_group("ranker")
def test_a_value_in_a_question_is_read_as_training_puts_it(ranker: Ranker) -> None:
    place = probes.Place("talk", "en", "Read this. Customer: Maureen here.", "Two rooms.", trained=True)
    known = {Digest.of("Maureen").digest: probes.Known("person", "Maureen")}
    (probe,) = probes.missed([place], [Missed(id="talk", texts=(Digest.of("Maureen"),))], known, 15, 1)
    turns = [{"role": "user", "content": place.question}, {"role": "assistant", "content": place.answer}]
    whole = [token for part in chat_template.answered(ranker.tokenizer, turns) for token in part]
    request = ranker.request(probe)
    asked = [*request.context, *request.continuations[0]]
    assert whole[: len(asked)] == asked
    assert ranker.tokenizer.decode(asked).endswith("Customer: Maureen")
