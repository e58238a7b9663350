"""The file before the verdict: a sound one is retained, one with damaged blocks is not; both through llama.cpp, in both languages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from gguf import GGMLQuantizationType, GGUFReader
from tqdm import tqdm

from stages.chat.connect import connect
from stages.cli.export import EXIT
from stages.cli.exporting import gguf_file, references
from stages.cli.exporting import served as served_file
from stages.cli.exporting.served import Served
from stages.cli.exporting.through_llama_cpp import FileScorer
from stages.cli.exporting.verify import Asked, Model, Verified, verify
from stages.core import jsonl
from stages.core.errors import ModelError
from stages.core.row import Language
from stages.evaluation import conduct, predict
from stages.evaluation.asking.greedy import greedy
from stages.evaluation.benchmarks import rounds, tasks
from stages.evaluation.benchmarks.lm_eval_runner import SharedPrefixScorer
from stages.evaluation.rows.outcome import ChoiceResult, Passage, Question
from stages.evaluation.rows.score import Score
from stages.evaluation.score import score
from stages.evaluation.suites.items import load
from stages.models import chat_template, loading
from stages.models.likelihood import LikelihoodScorer
from tests.cli.exporting.conftest import KNOWN, small
from tests.support.labeled_row import CONVERSATION, labeled_row

pytestmark = pytest.mark.slow
DAMAGED = range(4, 20)  # layers of 30
PASSAGES = 4  # of each language
LENGTH: dict[Language, int] = {"en": 600, "zh": 60}  # characters of each passage, some 100 tokens
ITEMS = 1  # of each subject
GAIN = 0.3  # nats a character by which training made the references likelier
REFERENCES = [
    "The customer would pay £450,000 at most; the owner wants £465,000.",
    "They saw the flat in Harbour Lane on Saturday, and would move in on 14 March.",
    "Her sister Ines has to agree first, so nothing is settled yet.",
    "Rosa asks for a call at half past two.",
    "The gap between offer and price is £15,000, and nobody has closed it.",
    "The keys are with the neighbour at number 12 until Thursday evening.",
]  # six: fewer conversations that all gained alike have no interval


@pytest.fixture(scope="module", autouse=True)
def _answers_are_kept_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DVC_ROOT", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def what(root: Path) -> Asked:
    passages = jsonl.read(root / "data/bench/general_text.jsonl", Passage)
    some = [
        [p.model_copy(update={"text": p.text[:length]}) for p in passages if p.language == language][:PASSAGES]
        for language, length in LENGTH.items()
    ]
    rows = [
        labeled_row(
            answer, f"{CONVERSATION.splitlines()[0]}\nCustomer Rosa: That is all, number {n}.", kind="label"
        ).model_copy(update={"id": f"row{n}", "dialogue": f"d{n}"})
        for n, answer in enumerate(REFERENCES)
    ]
    items = list(load(root / "data/conduct", ("harmful", "benign"), ("en",), ITEMS))
    return Asked(rows=rows, plan=[], limit=1, passages=[*some[0], *some[1]], items=items)


@pytest.fixture(scope="module")
def judged(base_model: Path, what: Asked) -> Model:
    """Let the embedded model stand for the judged one, with what stages bench, predict, score and conduct make of it."""
    outcomes = list(rounds.bench(SharedPrefixScorer(base_model, 4), what.plan, what.passages, what.limit))
    chat = connect(greedy("predict", 4096), base_model)
    answers = list(predict.predict(what.rows, predict.Predict.load(), chat))
    scores = score(what.rows, {row.id: row for row in answers}, [None] * len(what.rows), {})
    conducts = list(conduct.conduct(what.items, conduct.Conduct.load(), chat))
    return Model(base_model, outcomes, scores, answers, conducts)


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
    return verify(path, "0" * 64, judged, judged._replace(scores=list(map(before, judged.scores))), what, threads=1)


def before(row: Score) -> Score:
    """Return the score of a base to which the reference is less likely by `GAIN`."""
    assert row.likelihood
    nll = row.likelihood.nll + GAIN * row.likelihood.characters
    return row.model_copy(update={"likelihood": row.likelihood.model_copy(update={"nll": nll})})


def spoiled(sound: Path, folder: Path, numbers: int) -> Path:
    """Return a copy with damaged blocks."""
    path = folder / "m-q4.gguf"
    path.write_bytes(sound.read_bytes())
    damaged(path, numbers)
    assert path.read_bytes() != sound.read_bytes()
    return path


@pytest.mark.xdist_group("verify")
def test_a_sound_file_is_retained_and_a_damaged_one_collapses(
    sound: Path, judged: Model, what: Asked, tmp_path: Path
) -> None:
    found = seen(sound, judged, what)
    assert found.judged["verdict"] == "retained", found.judged["rests_on"]
    assert {language: kl["n"] for language, kl in found.judged["kl"].items()} == {"en": PASSAGES, "zh": PASSAGES}
    assert found.texts.same == found.texts.rows == 2 * PASSAGES + len(what.rows)
    assert {name: change["n"] for name, change in found.judged["conduct"].items()} == {
        "harmful_en": ITEMS,
        "benign_en": ITEMS,
    }
    assert {language: near["verdict"] for language, near in found.judged["references"].items()} == {"en": "retained"}
    near = found.judged["references"]["en"]
    assert (near["gain"], near["margin"]) == (pytest.approx(GAIN), pytest.approx(GAIN / 2))
    after = seen(spoiled(sound, tmp_path, 2), judged, what)
    assert after.judged["verdict"] == "collapsed", after.judged["rests_on"]
    assert after.judged["references"]["en"]["verdict"] == "collapsed"
    assert "references en" in after.judged["rests_on"]
    assert (EXIT[found.judged["verdict"]], EXIT[after.judged["verdict"]]) == (0, 2)


@pytest.mark.xdist_group("verify")
def test_a_file_that_computes_no_numbers_is_said_to_be_damaged(
    sound: Path, judged: Model, what: Asked, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"gives no numbers in llama\.cpp"):
        seen(spoiled(sound, tmp_path, 1), judged, what)


def test_references_are_rated_as_the_folder_rates_them(tmp_path: Path) -> None:
    """At once where question and answer fit in a window, and token by token where they do not."""
    folder, path = small(tmp_path / "model", "llama"), tmp_path / "m.gguf"
    gguf_file.write(folder, path, "f16", "m")
    answer = "The rent is 3,200 a month. 房租三千二百元。"
    short, long = (
        labeled_row(answer, conversation="How much is the rent? 房租每月多少？\n" * count) for count in (1, 40)
    )
    wanted = LikelihoodScorer(folder, 4096, "test").given([(row.text, row.answer) for row in (short, long)], "test")
    served = Served(path, threads=1)
    try:
        found = list(references.likelihoods([short, long], loading.load(folder)[1], KNOWN, served))
    finally:
        served.close()
    for mine, theirs in zip(found, wanted, strict=True):
        assert mine is not None and theirs is not None
        assert (mine.tokens, mine.characters) == (theirs.tokens, theirs.characters)
        assert mine.nll == pytest.approx(theirs.nll, rel=0.005)


@pytest.mark.parametrize(
    ("context", "count"), [(512, 90), (4096, 300)], ids=["for what was asked for", "for the model"]
)
def test_a_reference_that_is_too_long_with_its_question_is_left_out(tmp_path: Path, context: int, count: int) -> None:
    folder, path = small(tmp_path / "model", "llama"), tmp_path / "m.gguf"
    gguf_file.write(folder, path, "f16", "m")
    rows = [labeled_row("3,200 a month.", conversation="How much is the rent?\n" * n) for n in (count, 1)]
    served, tokenizer = Served(path, context=context, threads=1), loading.load(folder)[1]
    try:
        assert (
            context < KNOWN or len(chat_template.asked(tokenizer, [{"role": "user", "content": rows[0].text}])) < 4000
        )
        long, short = references.likelihoods(rows, tokenizer, KNOWN, served)
    finally:
        served.close()
    assert long is None and short is not None


class Noted:
    """Stands for a file at work: notes what room it is asked for and what it is to rate."""

    def __init__(self) -> None:
        self.room = 0
        self.rated = list[tuple[list[int], list[int]]]()

    def widen(self, tokens: int) -> None:
        self.room = tokens

    def likelihood(self, before: list[int], rated: list[int]) -> float:
        self.rated.append((before, rated))
        return -float(len(before))


def test_a_long_question_is_given_room_and_one_too_long_for_the_model_loses_its_beginning() -> None:
    scorer: Any = object.__new__(FileScorer)
    served = Noted()
    scorer._max_length, scorer.served, scorer.shown = 5000, served, tqdm(disable=True)
    asked = [(None, [*range(length)], [1, 2]) for length in (4998, 3, 6000)]
    found = scorer._compute(asked)
    assert [score for score, _ in found] == [-4998, -3, -4998]
    assert served.room == 5000
    assert sorted(map(len, (before for before, _ in served.rated))) == [3, 4998, 4998]
    assert ([*range(1002, 6000)], [1, 2]) in served.rated


def test_a_file_is_loaded_anew_only_where_its_room_does_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = list[int]()
    monkeypatch.setattr(served_file, "Server", lambda made: loaded.append(made.n_ctx))
    served = Served(tmp_path / "m.gguf", threads=1)
    for tokens in (0, 4096, 4097, 5120, 5121):
        served.widen(tokens)
    assert loaded == [4096, 5120, 6144]


def test_a_file_that_has_no_room_for_more_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `verify` closes it behind the refusal: nothing is left to close."""

    def refused(made: Any) -> None:  # noqa: ANN401 - llama.cpp's
        if made.n_ctx > 4096:
            raise RuntimeError

    monkeypatch.setattr(served_file, "Server", refused)
    served = Served(tmp_path / "m.gguf", threads=1)
    with pytest.raises(ModelError, match=r"m\.gguf: llama\.cpp does not load it with 5120 tokens"):
        served.widen(5000)
    served.close()


@pytest.mark.parametrize("formulation", ["letter", "cloze"])
def test_questions_are_rated_as_the_folder_rates_them(
    root: Path, tmp_path: Path, formulation: Literal["letter", "cloze"]
) -> None:
    """In both languages, where most Chinese tokens here are a part of a character; the floats of f16 are what differs."""
    folder, path = small(tmp_path / "model", "llama"), tmp_path / "m.gguf"
    gguf_file.write(folder, path, "f16", "m")
    asked = jsonl.read(root / "data/bench/small/test.jsonl", Question)
    some = [next(q for q in asked if q.language == language) for language in ("en", "zh")]
    plan = [rounds.Round("small", "test", None, 0, formulation, tasks.own([], some, 0, formulation))]
    served = Served(path, threads=1)
    try:
        found = list(rounds.bench(FileScorer(folder, served), plan, [], 0))
    finally:
        served.close()
    wanted = list(rounds.bench(SharedPrefixScorer(folder, 4), plan, [], 0))
    assert [row.id for row in found] == [row.id for row in wanted]
    assert {row.language for row in found} == {"en", "zh"}
    for mine, theirs in zip(found, wanted, strict=True):
        assert isinstance(mine.result, ChoiceResult)
        assert isinstance(theirs.result, ChoiceResult)
        assert mine.result.log_probabilities == pytest.approx(theirs.result.log_probabilities, rel=0.005)
