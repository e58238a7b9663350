"""The file before the verdict: a sound one is retained, one with damaged blocks is not; both through llama.cpp, in both languages."""

from pathlib import Path
from typing import Literal

import pytest
from gguf import GGMLQuantizationType, GGUFReader

from stages.cli.export import EXIT
from stages.cli.exporting import gguf_file
from stages.cli.exporting.served import Served
from stages.cli.exporting.through_llama_cpp import FileScorer
from stages.cli.exporting.verify import Asked, Model, Verified, verify
from stages.core import jsonl
from stages.core.errors import ModelError
from stages.evaluation import bench
from stages.evaluation.benchmarks import tasks
from stages.evaluation.benchmarks.lm_eval_runner import SharedPrefixScorer
from stages.evaluation.rows.outcome import ChoiceResult, Passage, Question
from tests.cli.exporting.conftest import small

pytestmark = pytest.mark.slow
DAMAGED = range(4, 20)  # layers of 30
PASSAGES = 4  # of each language


@pytest.fixture(scope="module")
def what(root: Path) -> Asked:
    passages = jsonl.read(root / "data/bench/general_text.jsonl", Passage)
    some = [[p for p in passages if p.language == language][:PASSAGES] for language in ("en", "zh")]
    return Asked(rows=[], plan=[], limit=1, passages=[*some[0], *some[1]])


@pytest.fixture(scope="module")
def judged(base_model: Path, what: Asked) -> Model:
    """Let the embedded model stand for the judged one."""
    outcomes = list(bench.bench(SharedPrefixScorer(base_model, 4), what.plan, what.passages, what.limit))
    return Model(base_model, outcomes, [], [])


@pytest.fixture(scope="module")
def sound(base_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "m-q4.gguf"
    gguf_file.write(base_model, path, "q4", "m")
    return path


def damaged(path: Path, numbers: int) -> None:
    """Double the first `numbers` of each block's two numbers, scale and least value, in the feed-forward matrices of some layers."""
    for tensor in GGUFReader(path, "r+").tensors:
        layer = tensor.name.split(".")[1]
        if tensor.tensor_type == GGMLQuantizationType.Q4_1 and ".ffn_" in tensor.name and int(layer) in DAMAGED:
            blocks = tensor.data.reshape(-1, 20)  # two bytes of scale, two of the least value, 32 weights
            values = blocks[:, : 2 * numbers].copy().view("float16")
            blocks[:, : 2 * numbers] = (2 * values).view("uint8")
            tensor.data.flush()


def seen(path: Path, judged: Model, what: Asked) -> Verified:
    return verify(path, "0" * 64, judged, judged, what, threads=1)


def spoiled(sound: Path, folder: Path, numbers: int) -> Path:
    """Return a copy with damaged blocks."""
    path = folder / "m-q4.gguf"
    path.write_bytes(sound.read_bytes())
    damaged(path, numbers)
    assert path.read_bytes() != sound.read_bytes()
    return path


def test_a_sound_file_is_retained_and_a_damaged_one_collapses(
    sound: Path, judged: Model, what: Asked, tmp_path: Path
) -> None:
    found = seen(sound, judged, what)
    assert found.judged["verdict"] == "retained", found.judged["rests_on"]
    assert {language: kl["n"] for language, kl in found.judged["kl"].items()} == {"en": PASSAGES, "zh": PASSAGES}
    assert found.texts.same == found.texts.rows == 2 * PASSAGES
    after = seen(spoiled(sound, tmp_path, 2), judged, what)
    assert after.judged["verdict"] == "collapsed", after.judged["rests_on"]
    assert (EXIT[found.judged["verdict"]], EXIT[after.judged["verdict"]]) == (0, 2)


def test_a_file_that_computes_no_numbers_is_said_to_be_damaged(
    sound: Path, judged: Model, what: Asked, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"gives no numbers in llama\.cpp"):
        seen(spoiled(sound, tmp_path, 1), judged, what)


@pytest.mark.parametrize("formulation", ["letter", "cloze"])
def test_questions_are_rated_as_the_folder_rates_them(
    root: Path, tmp_path: Path, formulation: Literal["letter", "cloze"]
) -> None:
    """In both languages, where most Chinese tokens here are a part of a character; the floats of f16 are what differs."""
    folder, path = small(tmp_path / "model", "llama"), tmp_path / "m.gguf"
    gguf_file.write(folder, path, "f16", "m")
    asked = jsonl.read(root / "data/bench/small/test.jsonl", Question)
    some = [next(q for q in asked if q.language == language) for language in ("en", "zh")]
    plan = [bench.Round("small", "test", None, 0, formulation, tasks.own([], some, 0, formulation))]
    served = Served(path, threads=1)
    try:
        found = list(bench.bench(FileScorer(folder, served), plan, [], 0))
    finally:
        served.close()
    wanted = list(bench.bench(SharedPrefixScorer(folder, 4), plan, [], 0))
    assert [row.id for row in found] == [row.id for row in wanted]
    assert {row.language for row in found} == {"en", "zh"}
    for mine, theirs in zip(found, wanted, strict=True):
        assert isinstance(mine.result, ChoiceResult)
        assert isinstance(theirs.result, ChoiceResult)
        assert mine.result.log_probabilities == pytest.approx(theirs.result.log_probabilities, rel=0.005)
