"""Stage candidate and what predict makes of it: a fetched model, and one behind a real server on loopback."""

import json
from pathlib import Path

import pytest

from stages.core import jsonl
from stages.core.errors import EndpointError, ModelError, ParamsError
from stages.evaluation import candidate, predict
from stages.evaluation.rows.remote import FILE
from stages.rows.sample import LabeledSample, Prediction
from tests.support.endpoint import Server, completion

pytestmark = pytest.mark.slow

PREDICT = {"rows": 0, "languages": [], "longest": 0, "max_tokens": 8, "batch_tokens": 2048, "seed": 1}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)


@pytest.fixture
def rows(rows: list[LabeledSample]) -> list[LabeledSample]:
    return [row.model_copy(update={"conversation": f"Customer: I want {n + 1} rooms."}) for n, row in enumerate(rows)]


def brought(name: str, **values: object) -> Path:
    Path("params.yaml").write_text(json.dumps({"evaluation": {"models": {name: values}}, "predict": PREDICT}))
    folder = Path("models") / name
    candidate.main(target=folder)
    return folder


def answered(model: Path, rows: list[LabeledSample]) -> list[Prediction]:
    jsonl.write(Path("test.jsonl"), rows)
    predict.main(source=Path("test.jsonl"), model=model, target=Path("out.jsonl"))
    return jsonl.read(Path("out.jsonl"), Prediction)


def test_a_local_folder_is_copied_and_answers(tiny_model: Path, rows: list[LabeledSample]) -> None:
    found = answered(brought("theirs", source=f"path:{tiny_model}"), rows)
    assert [row.id for row in found] == [row.id for row in rows]
    assert all(row.author.startswith("theirs@") and row.reference for row in found)


def test_an_endpoint_is_described_without_its_key_and_answers(
    server: Server, rows: list[LabeledSample], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEIR_KEY", "sk-of-theirs")
    server.script = lambda body, number: completion("two rooms" if number > 1 else "", "stop")
    model = brought("theirs", model="qwen-max", base_url=server.url, key_env="THEIR_KEY", concurrency=1)
    assert "sk-of-theirs" not in (model / FILE).read_text()
    found = answered(model, rows)
    assert [row.answer for row in found] == ["", "two rooms"]  # an empty answer is one too
    assert {row.author for row in found} == {"qwen-max@openai t=0 p=1"}
    assert {row.reference for row in found} == {None}
    assert server.keys[0] == "Bearer sk-of-theirs"
    assert [body["messages"][-1]["content"] for body in server.bodies] == [row.text for row in rows]
    assert (server.bodies[0]["temperature"], server.bodies[0]["max_tokens"]) == (0.0, 8)
    assert answered(model, rows) == found
    assert len(server.bodies) == 2  # the second time from the cache


def test_a_budget_is_kept(server: Server, rows: list[LabeledSample]) -> None:
    model = brought("theirs", model="m", base_url=server.url, max_requests=1)
    with pytest.raises(EndpointError, match="max_requests is 1 and more are to be sent"):
        answered(model, rows)


@pytest.mark.parametrize("values", [{}, {"source": "path:x", "model": "m"}])
def test_it_is_fetched_or_asked(values: dict[str, object]) -> None:
    with pytest.raises(ParamsError, match=r"evaluation\.models\.theirs: .*give either source .* or model"):
        brought("theirs", **values)


@pytest.mark.parametrize(
    ("values", "idle", "given"),
    [
        (
            {"source": "smollm2-135m", "base_url": "http://127.0.0.1:8000/v1", "key_env": "K"},
            "base_url, key_env",
            "source",
        ),
        ({"model": "m", "sha256": "0" * 64}, "sha256", "model"),
    ],
)
def test_what_would_do_nothing_is_refused(values: dict[str, object], idle: str, given: str) -> None:
    with pytest.raises(ParamsError, match=rf"evaluation\.models\.theirs: {idle} would do nothing beside {given}, only"):
        brought("theirs", **values)
    assert not Path("models/theirs").exists()


def test_errors_name_the_place(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"evaluation\.models\.theirs\.source path:nowhere: no Hugging Face folder"):
        brought("theirs", source="path:nowhere")
    with pytest.raises(
        ParamsError, match=r"evaluation\.models\.theirs\.source: qwen is not in the catalog; use one of smoll"
    ):
        brought("theirs", source="qwen")
    assert not (tmp_path / "models" / "theirs").exists()


@pytest.mark.parametrize(
    "values",
    [{"base_url": "https://user:sk-1@host/v1"}, {"key_env": "sk-1"}, {"key_env": f"gsk_1{'a7B' * 12}"}],
    ids=["address", "variable", "words"],
)
def test_a_secret_where_none_belongs_is_refused_and_not_repeated(values: dict[str, object]) -> None:
    with pytest.raises(ParamsError) as caught:
        brought("theirs", model="m", **values)
    assert not any(secret in str(caught.value) for secret in ("sk-1", "gsk_1"))


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY_OF_TEAM_2_IN_EUROPE", "key_of_our_own_endpoint", "mistral_key_for_team_2", "K2", ""]
)
def test_a_name_of_a_variable_is_none(name: str) -> None:
    assert json.loads((brought("theirs", model="m", key_env=name) / FILE).read_text())["key_env"] == name
