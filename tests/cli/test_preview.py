"""`dial-insight preview`: what it shows is what a run sends and makes, and it leaves nothing behind but answers."""

from contextlib import closing

import pytest

from stages.chat.store import FOLDER, Store
from stages.cli.main import main
from stages.core import jsonl
from stages.core.params import load_all
from stages.evaluation.candidate import Candidate, bring
from stages.rows.instruction import Instruction
from tests.cli.conftest import Grown, digest
from tests.support.endpoint import Server, completion

Captured = pytest.CaptureFixture[str]
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc")]


def shown(capsys: Captured, *words: str) -> str:
    """Return what a preview shows."""
    assert main(["preview", *words]) == 0
    return capsys.readouterr().out


def refused(capsys: Captured, *words: str) -> str:
    """Return the one line in which a preview is refused."""
    assert main(["preview", *words]) == 1
    said = capsys.readouterr()
    assert not said.out and len(said.err.splitlines()) == 1
    return said.err


def test_what_a_preview_asks_a_run_does_not_ask_again(grown: Grown, server: Server, capsys: Captured) -> None:
    (grown.folder / "prompts/seed/instruction.en.md").write_text(
        (grown.folder / "prompts/seed/instruction.en.md").read_text().replace("conversation", "talk (edited)"),
    )
    price = load_all(grown.folder / "params.yaml")["llm"]["generator"]["price"]
    grown.change("llm.generator.price", None)
    before = digest(grown.folder)
    said = shown(capsys, "seed", "-n", "2", "--no-cache")
    assert digest(grown.folder) == before
    assert len(server.bodies) == 2 and "\nno answer was stored; " in said
    grown.change("llm.generator.price", price)
    for body in server.bodies:  # the question as sent, by the prompt as it stands
        assert "talk (edited)" in body["messages"][-1]["content"] and body["messages"][-1]["content"] in said
    assert said.count("asked now, whole") == 2 and said.count("kept\n") == 2
    assert said.count("\n  text: Which of the ") == 2

    said = shown(capsys, "seed", "-n", "2", "--no-request")
    assert len(server.bodies) == 4 and "2 new answers to .llm-cache" in said and "user:" not in said
    cached = shown(capsys, "seed", "-n", "2")
    assert len(server.bodies) == 4 and cached.count("cached answer, whole") == 2 and "asked now" not in cached
    grown.reproduce("seed")
    assert len(server.bodies) == 5  # of three


def test_what_was_paid_is_booked_though_no_answer_is_stored(grown: Grown, server: Server, capsys: Captured) -> None:
    shown(capsys, "seed", "-n", "2", "--no-cache")
    with closing(Store(grown.folder / FOLDER)) as store:
        paid, answers = store.spent("m@openai"), list(store.answers())
    assert paid > 0 and not answers
    grown.change("llm.generator.budget", paid)
    assert "the budget of " in refused(capsys, "seed", "-n", "1", "--no-cache") and len(server.bodies) == 2


def test_an_answer_that_is_none_is_shown_with_its_reason(grown: Grown, server: Server, capsys: Captured) -> None:
    server.script = lambda body, number: completion("I cannot do that.") if number == 1 else completion("", "length")
    said = shown(capsys, "seed", "-n", "2", "--no-cache", "-S", "+llm.generator.concurrency=1")
    assert "I cannot do that." in said
    assert "dropped: unparsable" in said and "dropped: truncated" in said and "kept" not in said


@pytest.mark.parametrize("settings", [{"backend": "batch"}, {"backend": "openai", "missing": "fail"}])
def test_what_nobody_answers_now_is_said_to_be_missing(
    grown: Grown, server: Server, capsys: Captured, settings: dict[str, str]
) -> None:
    grown.change("llm.generator", {"model": "m", "temperature": 0.0, "top_p": 1.0, **settings})
    before = digest(grown.folder)
    said = shown(capsys, "seed", "-n", "1")
    assert "no answer: neither recorded nor cached" in said and "dropped: not_recorded" in said and not server.bodies
    assert digest(grown.folder) == before


def test_rows_are_cut_and_chosen_by_id_or_language(grown: Grown, capsys: Captured) -> None:
    grown.add("anonymize")
    before = digest(grown.folder)
    said = shown(capsys, "anonymize", "-n", "2")
    assert said.count("── anonymize, row") == 2 and "call 555-01" in said and said.count("kept\n") == 2
    assert "[PHONE_1]" in said
    said = shown(capsys, "anonymize", "--row", f"{3:016x}", "--language", "en")
    assert said.count("── anonymize, row") == 1 and "Line 0 of 3" in said
    assert "no row in zh" in refused(capsys, "anonymize", "--language", "zh")
    assert "no row whose id begins with zz" in refused(capsys, "anonymize", "--row", "zz")
    assert digest(grown.folder) == before


def test_a_stage_that_asks_nobody_shows_what_it_drops(grown: Grown, capsys: Captured) -> None:
    texts = ["What did the customer ask about the deposit, and what was the answer to it?", "Why?"]
    rows = [
        Instruction.new(
            language="en", task="reasoning", requirement="", text=text, formats=("list",), origin="generated"
        )
        for text in texts
    ]
    jsonl.write(grown.folder / "data/instructions/seeds.jsonl", rows)
    said = shown(capsys, "curate")
    assert "dropped: too_short" in said and "kept\n" in said and f"text: {texts[0]}" in said


def test_the_model_of_an_endpoint_answers_test_rows(grown: Grown, server: Server, capsys: Captured) -> None:
    theirs = {"model": "other", "base_url": server.url}
    grown.change("evaluation.models", {"theirs": theirs})
    bring(Candidate.parse("evaluation.models.theirs", theirs), "theirs", grown.folder / "models/theirs")
    said = shown(capsys, "predict_other", "-n", "1", "--no-cache")
    assert len(server.bodies) == 1 and server.bodies[0]["model"] == "other"
    assert "evaluation.models: other@openai, asked now, whole" in said and "finish: stop" in said


def test_a_stage_without_a_preview_says_why(grown: Grown, capsys: Captured) -> None:
    assert "no stage nosuch; stages are seed, curate, evolve" in refused(capsys, "nosuch")
    grown.add("finetune")
    assert "`dial-insight mask`" in refused(capsys, "finetune")
    grown.add("label")
    assert "run `dvc repro` up to stage label" in refused(capsys, "label")
    assert "seed: params.yaml: seed.shots" in refused(capsys, "seed", "-S", "seed.shots=99")
