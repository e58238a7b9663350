"""Stage predict with a tiny real model: an answer for each row, cut-off ones kept and marked, the second time from the cache."""

import json
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stages.answers.room import room
from stages.chat import recorded
from stages.chat.in_process import Generating
from stages.chat.settings import Transformers
from stages.chat.store import Store, default_folder
from stages.core import jsonl
from stages.core.errors import InputError
from stages.evaluation.asking.greedy import greedy
from stages.evaluation.predict import Predict, drawn, main, predict
from stages.evaluation.rows.remote import FILE, Remote
from stages.evaluation.similarity.reference import parts
from stages.models import loading
from stages.models.likelihood import LikelihoodScorer
from stages.rows.instruction import Ask
from stages.rows.sample import LabeledSample, Prediction
from stages.text import tokenizers
from tests.support.endpoint import Server, completion
from tests.support.scripted import Scripted

pytestmark = pytest.mark.slow


def predicted(
    folder: Path, model: Path, rows: list[LabeledSample], max_tokens: int = 8, languages: Sequence[str] = ()
) -> list[Prediction]:
    asked = {"rows": 0, "languages": languages, "longest": 0}
    values = {"predict": asked | {"max_tokens": max_tokens, "batch_tokens": 2048, "seed": 1}}
    (folder / "params.yaml").write_text(json.dumps(values))
    jsonl.write(folder / "test.jsonl", rows)
    main(source=folder / "test.jsonl", model=model, target=folder / "out.jsonl")
    return jsonl.read(folder / "out.jsonl", Prediction)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)


def test_every_row_has_a_prediction_and_cut_off_ones_stay(
    tmp_path: Path, tiny_model: Path, rows: list[LabeledSample]
) -> None:
    found = predicted(tmp_path, tiny_model, rows)
    assert [row.id for row in found] == [row.id for row in rows]
    assert {row.finish for row in found} <= {"stop", "length"}
    assert "length" in {row.finish for row in found}  # eight bytes of a model that never learned to stop
    assert {row.author for row in found} == {f"{loading.identity(tiny_model)} t=0 p=1"}
    assert [row.reference.characters for row in found if row.reference] == [len(row.answer) for row in rows]
    assert all(row.reference and row.reference.nll > 0 for row in found)


def test_a_test_set_of_which_no_row_is_asked_ends_in_a_line(
    tmp_path: Path, tiny_model: Path, rows: list[LabeledSample]
) -> None:
    chinese = [row.model_copy(update={"language": "zh"}) for row in rows]
    with pytest.raises(InputError, match=rf"of {len(rows)} test rows none is in predict\.languages"):
        predicted(tmp_path, tiny_model, chinese, languages=["en"])
    assert not (tmp_path / "out.jsonl").exists()
    assert predicted(tmp_path, tiny_model, [], languages=["en"]) == []  # there is no test set yet


def test_an_answer_is_given_what_is_asked_for(rows: list[LabeledSample]) -> None:
    forms = [
        Ask(kind="label", labels=("a", "b")),
        Ask(kind="json", fields=("a", "b")),
        Ask(kind="table", fields=("a",) * 9),
    ]
    asked = [row.model_copy(update={"ask": ask}) for row, ask in zip(rows * 3, forms, strict=False)]
    chat = Scripted(lambda request: "x")
    list(
        predict(
            asked, Predict(rows=0, languages=frozenset(), longest=0, max_tokens=400, batch_tokens=2048, seed=1), chat
        )
    )
    given = [request.max_tokens for request in chat.asked]
    assert given == [room(row.ask, row.language, 400) for row in asked]
    assert given[0] < given[1] < given[2] == 400


def test_a_question_too_long_for_the_model_is_a_prediction_too(
    tmp_path: Path, tiny_model: Path, rows: list[LabeledSample]
) -> None:
    long = rows[0].model_copy(update={"conversation": "word " * 1000})
    assert [(row.finish, row.reference) for row in predicted(tmp_path, tiny_model, [long])] == [("context", None)]


def test_the_second_run_asks_nothing(
    tmp_path: Path, tiny_model: Path, rows: list[LabeledSample], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = predicted(tmp_path, tiny_model, rows)
    monkeypatch.setattr(Generating, "take", lambda *_: pytest.fail("asked again"))
    assert predicted(tmp_path, tiny_model, rows) == first


def test_references_are_rated_while_the_questions_are_read_and_by_themselves_when_they_changed(
    tmp_path: Path, tiny_model: Path, rows: list[LabeledSample], monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = [row.model_copy(update={"conversation": f"{n}: {row.conversation}"}) for n, row in enumerate(rows)]
    pairs = [(row.text, row.answer) for row in apart]
    alone = LikelihoodScorer(tiny_model, 2048, "t").given(pairs, "t")
    given = LikelihoodScorer.given
    monkeypatch.setattr(LikelihoodScorer, "given", lambda *_: pytest.fail("read a second time"))
    for _ in range(2):  # as answered, then as stored
        for row, near in zip(predicted(tmp_path, tiny_model, apart), alone, strict=True):
            assert row.reference and near and row.reference.nll == pytest.approx(near.nll, rel=1e-4)
            assert (row.reference.tokens, row.reference.characters) == (near.tokens, near.characters)
    changed = [apart[0].model_copy(update={"answer": "Three rooms."}), *apart[1:]]
    read = list[Any]()

    def counted(*got: Any) -> Any:  # noqa: ANN401 - as it was called
        read.append(got[1])
        return given(*got)

    monkeypatch.setattr(LikelihoodScorer, "given", counted)
    found = predicted(tmp_path, tiny_model, changed)
    assert read == [[(changed[0].text, "Three rooms.")]]
    assert found[0].reference and found[0].reference.characters == len("Three rooms.")


def test_answers_of_the_same_weights_are_recorded_with_their_ratings_and_said_to_be(
    tmp_path: Path, tiny_model: Path, rows: list[LabeledSample], monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = [row.model_copy(update={"conversation": f"{n}: {row.conversation}"}) for n, row in enumerate(rows)]
    asked = predicted(tmp_path, tiny_model, apart)
    with closing(Store(default_folder())) as store:
        recorded.write(store.answers(loading.identity(tiny_model)))
    shutil.rmtree(default_folder())
    monkeypatch.setattr(loading, "load", lambda *_, **__: pytest.fail("loaded"))
    found = predicted(tmp_path, tiny_model, apart)
    assert [row.recorded for row in asked] == [False, False]
    assert found == [row.model_copy(update={"recorded": True}) for row in asked]


def test_no_rows_give_no_predictions(tmp_path: Path, tiny_model: Path) -> None:
    assert predicted(tmp_path, tiny_model, []) == []


def test_errors_point_at_the_params_of_predict() -> None:
    settings = greedy(Predict.section, 512)
    assert isinstance(settings, Transformers)
    assert (settings.place, settings.temperature, settings.batch_tokens) == ("predict", 0.0, 512)


def test_the_drawn_rows_stay_when_the_test_set_grows(rows: list[LabeledSample]) -> None:
    many = [rows[0].model_copy(update={"id": f"row{n}"}) for n in range(40)]
    ten = Predict(rows=10, languages=frozenset(), longest=0, max_tokens=8, batch_tokens=512, seed=1)
    few = {row.id for row in drawn(many[:30], ten)}
    more = drawn(many, ten)
    assert len(few) == len(more) == 10
    assert {row.id for row in more} - few <= {row.id for row in many[30:]}
    assert [row.id for row in more] == [row.id for row in many if row in more]
    assert drawn(many, ten.model_copy(update={"rows": 0})) == many


def test_rows_of_other_languages_are_not_asked_and_change_no_draw(rows: list[LabeledSample]) -> None:
    many = [rows[0].model_copy(update={"id": f"row{n}"}) for n in range(40)]
    mixed = [row.model_copy(update={"language": "zh"}) if n % 2 else row for n, row in enumerate(many)]
    ten = Predict(rows=10, languages=frozenset({"en"}), longest=0, max_tokens=8, batch_tokens=512, seed=1)
    assert drawn(mixed, ten) == drawn(many[::2], ten) and len(drawn(mixed, ten)) == 10
    assert drawn(mixed, ten.model_copy(update={"rows": 0})) == mixed[::2]


def test_rows_with_a_longer_question_are_not_asked(rows: list[LabeledSample]) -> None:
    many = [
        rows[0].model_copy(update={"id": f"row{n}", "conversation": "Yes, of course. " * n}) for n in range(0, 400, 20)
    ]
    all_of_them = Predict(rows=0, languages=frozenset(), longest=0, max_tokens=8, batch_tokens=512, seed=1)
    (length,) = tokenizers.lengths([many[10].text], tokenizers.QWEN)
    assert drawn(many, all_of_them.model_copy(update={"longest": length})) == many[:11]
    assert drawn(many, all_of_them.model_copy(update={"longest": length - 1})) == many[:10]


def test_another_seed_draws_other_rows_and_the_same_seed_the_same(rows: list[LabeledSample]) -> None:
    many = [rows[0].model_copy(update={"id": f"row{n}"}) for n in range(40)]
    ten = Predict(rows=10, languages=frozenset(), longest=0, max_tokens=8, batch_tokens=512, seed=1)
    first, again, other = (drawn(many, ten.model_copy(update={"seed": seed})) for seed in (1, 1, 2))
    assert first == again != other


def told(url: str, rows: list[LabeledSample], folder: Path) -> list[Prediction]:
    """Return the predictions of a model behind an endpoint, as the stage makes them."""
    model, values = (
        folder / "model",
        {"rows": 0, "languages": [], "longest": 0, "max_tokens": 99, "batch_tokens": 2048, "seed": 1},
    )
    model.mkdir(parents=True)
    Path("params.yaml").write_text(json.dumps({"predict": values}))
    there = Remote(
        model="m", base_url=url, key_env="OPENAI_API_KEY", concurrency=2, timeout_s=60, retries=0, max_requests=0
    )
    jsonl.write(model / FILE, [there])
    jsonl.write(folder / "test.jsonl", rows)
    main(source=folder / "test.jsonl", model=model, target=folder / "out.jsonl")
    return jsonl.read(folder / "out.jsonl", Prediction)


@pytest.mark.parametrize(
    "before", ["<think>Ten flats? No, 900.</think>\n\n", "Ten flats? No, 900.</think>", "[THINK]Ten[/THINK]"]
)
def test_the_same_prediction_scores_the_same_with_and_without_thoughts(
    tmp_path: Path, rows: list[LabeledSample], server: Server, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    scores = []
    for name, prefix in (("plain", ""), ("thoughtful", before)):
        monkeypatch.setenv("DVC_ROOT", str(tmp_path / name))  # a cache of its own
        server.script = lambda body, _, prefix=prefix: completion(f"{prefix}Two rooms for £900.")  # type: ignore[misc]
        (tmp_path / name).mkdir()
        found = told(server.url, rows[:1], tmp_path / name)
        assert [(row.answer, row.finish) for row in found] == [("Two rooms for £900.", "stop")]
        scores.append(parts(rows[0].answer, found[0].answer, rows[0].ask, 1.0, rows[0].text))
    assert scores[0] == scores[1]


def test_a_prediction_that_still_thinks_is_cut_off(tmp_path: Path, rows: list[LabeledSample], server: Server) -> None:
    server.script = lambda body, _: completion("<think>Ten flats? No, 900, so")
    found = told(server.url, rows[:1], tmp_path / "thinking")
    assert [(row.answer, row.finish) for row in found] == [("", "length")]
