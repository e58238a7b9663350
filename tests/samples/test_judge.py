"""Verdicts: rules, then a judge model that an answer cannot talk to, then people."""

import json
import shutil
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from stages.core import jsonl
from stages.core.dropped import Reason
from stages.core.errors import InputError, ModelError, ParamsError
from stages.core.rowwise import mapped
from stages.judging.grade import Grade
from stages.judging.grading import Grading
from stages.library.meta_prompts import Library
from stages.reviews.decisions import Decision
from stages.rows.label_quality import Flag, LabelQuality
from stages.rows.sample import LabeledSample
from stages.samples import judge as stage
from stages.samples.judge import asked, current, figures, overridden
from stages.samples.verdicts import Judge, by_rules, graded, judge, settled
from tests.support.endpoint import Server
from tests.support.judges import GRADING as ASKING
from tests.support.judges import SECTION, SHOWS_REFERENCE, by_answer, write_calibration
from tests.support.scripted import Scripted

PARAMS = Judge(grounding=0.8, coverage=0.5, high=8, medium=5)
GRADING = Grading(samples=1, temperature=0.7, max_tokens=100)
IDENTITY = "judge@openai t=0 p=1"
UNREAD = Grade(id="row", fault=Reason.UNPARSABLE, unparsable=1)


def by_judge(score: float, row: str = "row") -> Grade:
    return Grade(id=row, score=score, method="samples", samples=1)


@pytest.fixture
def library(root: Path) -> Library:
    return Library(root / "prompts" / "judge")


def decision(row: str, **changes: object) -> Decision:
    values = {"id": row, "action": "keep", "reviewer": "Kim", "time": datetime(2025, 1, 2, 3, 4, 5)}
    return Decision.model_validate({**values, **changes})


def test_rules_alone(labels: list[LabeledSample]) -> None:
    rows = [
        labels[0],
        labels[2].model_copy(update={"answer": "Rosa can pay 999 thousand."}),
        labels[4].model_copy(update={"answer": "# Title"}),
    ]
    found = judge(rows, PARAMS, {})
    assert [row.quality for row in found] == ["no_fault", "doubtful", "faulty"]
    assert [row.flags for row in found] == [(), (Flag.UNGROUNDED,), (Flag.FORMAT,)]
    assert {row.layer for row in found} == {"rules"}


def test_what_rules_say_does_not_depend_on_the_number_of_processes(labels: list[LabeledSample], tmp_path: Path) -> None:
    faulty = [row.model_copy(update={"id": f"f{n}", "answer": "# Title"}) for n, row in enumerate(labels)]
    jsonl.write(tmp_path / "labels.jsonl", [*labels, *faulty] * 4)
    lines = list(jsonl.lines(tmp_path / "labels.jsonl", LabeledSample))
    one, two, three = (list(mapped(partial(stage.read, PARAMS), lines, count, few=0)) for count in (1, 2, 3))
    assert one == two == three
    assert [row.found.id for row in one] == [row.id for row in [*labels, *faulty] * 4]


def imported(line: jsonl.Line) -> bool:
    stage.read(PARAMS, line)
    return "torch" in sys.modules


def test_a_process_that_applies_the_rules_has_no_torch(labels: list[LabeledSample], tmp_path: Path) -> None:
    jsonl.write(tmp_path / "labels.jsonl", labels)
    found = list(mapped(imported, jsonl.lines(tmp_path / "labels.jsonl", LabeledSample), 2, few=0))
    assert found == [False] * len(labels)


def test_a_bad_line_among_many_is_named(labels: list[LabeledSample], tmp_path: Path) -> None:
    source = tmp_path / "labels.jsonl"
    jsonl.write(source, labels * 8)
    lines = source.read_text(encoding="utf-8").splitlines()
    lines[70] = '{"id": "x"}'
    source.write_text("\n".join(lines), encoding="utf-8")
    rows = mapped(partial(stage.read, PARAMS), jsonl.lines(source, LabeledSample), 2, few=0)
    with pytest.raises(InputError, match=r"labels\.jsonl:71: not a LabeledSample row"):
        list(rows)


@pytest.mark.parametrize(
    ("flags", "grade", "quality", "layer"),
    [
        ((), by_judge(8), "high", "judge"),
        ((), by_judge(7.9), "medium", "judge"),
        ((), by_judge(4), "low", "judge"),
        ((Flag.UNGROUNDED,), by_judge(9), "high", "judge"),
        ((Flag.FORMAT,), by_judge(10), "faulty", "rules"),
        ((Flag.UNGROUNDED,), UNREAD, "doubtful", "rules"),
        ((), UNREAD, "no_fault", "rules"),
        ((), None, "no_fault", "rules"),
    ],
)
def test_what_rules_and_judge_make_of_a_label(
    labels: list[LabeledSample], flags: tuple[Flag, ...], grade: Grade | None, quality: str, layer: str
) -> None:
    found = settled(by_rules(labels[0], flags), grade, PARAMS)
    assert (found.quality, found.layer) == (quality, layer)
    assert found.score == (grade.score if grade else None)
    assert found.answer_id == labels[0].answer_id


def test_every_label_is_graded_by_what_stands_in_the_verdict(labels: list[LabeledSample], library: Library) -> None:
    texts = ['Here: {"reason": "fine", "score": 7}', "Rating: [[10]]", '{"score": 11}', '{"score": "high"}']
    chat = Scripted(lambda request: texts[[row.id for row in labels].index(request.row)])
    found = graded(labels[:4], GRADING, library, chat)
    assert found[labels[0].id].score == 7
    assert [found[row.id].fault for row in labels[1:4]] == [Reason.UNPARSABLE] * 3
    assert all(
        row.text in request.user and row.answer in request.user
        for row, request in zip(labels[:4], chat.asked, strict=True)
    )
    assert asked(chat, found, library) == {
        "identity": chat.identity,
        "prompt": {"en": 4, "zh": 4},
        "asked": 4,
        "methods": {"samples": 1},
        "without_grade": {"unparsable": 3},
    }


def test_people_override(labels: list[LabeledSample]) -> None:
    automatic = judge(labels[:4], PARAMS, {})
    decided = {
        labels[0].id: decision(labels[0].id, quality="medium"),
        labels[1].id: decision(labels[1].id, action="discard"),
        labels[2].id: decision(labels[2].id),
    }
    final = overridden(automatic, decided)
    assert [row.quality for row in final] == ["medium", "low", "high", "no_fault"]
    assert [row.layer for row in final] == ["human", "human", "human", "rules"]
    assert final[0].reviewer == "Kim"


def test_a_decision_about_another_answer_is_stale(labels: list[LabeledSample]) -> None:
    automatic = judge(labels[:3], PARAMS, {})
    decided = {
        labels[0].id: decision(labels[0].id, action="discard", answer_id=labels[0].answer_id),
        labels[1].id: decision(labels[1].id, action="discard", answer_id="of an older answer"),
        "gone": decision("gone"),
    }
    final = overridden(automatic, current(decided.values(), automatic))
    assert [row.quality for row in final] == ["low", "no_fault", "no_fault"]
    human = figures(final, automatic, [*decided.values()])["human"]
    assert isinstance(human, dict)
    assert (human["rows"], human["stale_decisions"], human["unmatched_decisions"]) == (1, 1, 1)


def test_a_withdrawn_decision_leaves_the_rules_word(labels: list[LabeledSample]) -> None:
    automatic, row = judge(labels[:1], PARAMS, {}), labels[0].id
    history = [decision(row, action="discard"), decision(row, action="withdraw", time=datetime(2025, 1, 3))]
    assert current(history, automatic) == {}
    human = figures(automatic, automatic, history)["human"]
    assert isinstance(human, dict) and (human["stale_decisions"], human["unmatched_decisions"]) == (0, 0)


def test_a_later_line_about_an_older_answer_does_not_outvote(labels: list[LabeledSample]) -> None:
    automatic, row = judge(labels[:1], PARAMS, {}), labels[0].id
    history = [
        decision(row, action="discard", answer_id="of an older answer", time=datetime(2025, 2, 1)),
        decision(row, quality="medium", answer_id=labels[0].answer_id),
    ]
    assert [each.quality for each in overridden(automatic, current(history, automatic))] == ["medium"]


def test_reviewers_agreement_is_told_where_two_decided_a_row(labels: list[LabeledSample]) -> None:
    automatic = judge(labels[:4], PARAMS, {})
    history = [
        decision(row.id, quality=quality, reviewer=name)
        for name, grades in (("Kim", ("high", "low", "medium", "low")), ("Lee", ("high", "low", "low", "low")))
        for row, quality in zip(labels, grades, strict=False)
    ]
    human = figures(automatic, automatic, history)["human"]
    assert isinstance(human, dict)
    (pair,) = human["between_reviewers"]
    assert (pair["reviewers"], pair["rows"], pair["agree"]) == (["Kim", "Lee"], 4, 3)
    assert pair["cohens_kappa"]["value"] == pytest.approx(5 / 9)  # agree 3/4, by chance 7/16
    alone = figures(automatic, automatic, history[:4])["human"]
    assert isinstance(alone, dict) and "between_reviewers" not in alone


def test_figures_say_how_people_agree(labels: list[LabeledSample]) -> None:
    grades = {row.id: by_judge(score, row.id) for row, score in zip(labels, (9, 8.5, 6, 2), strict=False)}
    automatic = judge(labels[:4], PARAMS, grades)
    qualities = ("high", "medium", "medium", "low")
    decided = {row.id: decision(row.id, quality=q) for row, q in zip(labels, qualities, strict=False)}
    found = figures(overridden(automatic, decided), automatic, [*decided.values()])
    assert found["rows"] == 4
    assert found["quality"] == {
        "judged": {"n": 4, "high": 0.25, "medium": 0.5, "low": 0.25},
        "by_rules": {"n": 0, "no_fault": None, "doubtful": None, "faulty": None},
    }
    assert found["layers"] == {"rules": 0, "judge": 0, "human": 4}
    human = found["human"]
    assert isinstance(human, dict)
    assert (human["rows"], human["agree"], human["too_few_to_tell"]) == (4, 3, True)
    assert human["cohens_kappa"]["value"] == pytest.approx(0.636, abs=1e-3)
    assert human["cohens_kappa"]["low"] < 0.636 < human["cohens_kappa"]["high"]
    assert human["cohens_kappa_weighted"]["value"] > human["cohens_kappa"]["value"]
    assert human["score"]["rows"] == 4
    assert human["score"]["spearman"]["value"] > human["spearman"]["value"] > 0.8


def test_labels_of_one_conversation_say_less_of_agreement_than_strangers(labels: list[LabeledSample]) -> None:
    automatic = [
        row.model_copy(update={"quality": quality})
        for row, quality in zip(judge(labels[:8], PARAMS, {}), ("no_fault", "faulty") * 4, strict=True)
    ]
    grades = ("high", "low", "high", "low", "high", "low", "low", "high")  # a conversation where they never agree
    decided = {row.id: decision(row.id, quality=q) for row, q in zip(labels, grades, strict=False)}

    def width(dialogues: list[str] | None) -> float:
        human = figures(overridden(automatic, decided), automatic, [*decided.values()], dialogues)["human"]
        assert isinstance(human, dict)
        assert human["cohens_kappa"]["value"] == pytest.approx(0.5)
        return float(human["cohens_kappa"]["high"] - human["cohens_kappa"]["low"])

    assert width(list("aabbccdd")) > width(list("abcdefgh")) == width(None)


def test_no_fault_is_the_best_that_rules_can_agree_with(labels: list[LabeledSample]) -> None:
    automatic = judge(labels[:3], PARAMS, {})
    decided = {row.id: decision(row.id, quality=q) for row, q in zip(labels, ("high", "high", "low"), strict=False)}
    human = figures(overridden(automatic, decided), automatic, [*decided.values()])["human"]
    assert isinstance(human, dict)
    assert (human["rows"], human["agree"]) == (3, 2)


def test_what_rules_say_is_measured_against_peoples_words(labels: list[LabeledSample]) -> None:
    automatic = [
        row.model_copy(update={"quality": quality})
        for row, quality in zip(judge(labels[:3], PARAMS, {}), ("no_fault", "doubtful", "faulty"), strict=True)
    ]
    decided = {row.id: decision(row.id, quality=q) for row, q in zip(labels, ("high", "medium", "low"), strict=False)}
    human = figures(overridden(automatic, decided), automatic, [*decided.values()])["human"]
    assert isinstance(human, dict)
    assert (human["rows"], human["agree"]) == (3, 3)


@pytest.mark.parametrize("quality", ["no_fault", "doubtful", "faulty"])
def test_a_person_gives_a_grade_and_does_not_merely_find_no_fault(quality: str) -> None:
    with pytest.raises(ValidationError, match="quality"):
        decision("row", quality=quality)


def test_figures_without_people_are_empty(labels: list[LabeledSample]) -> None:
    automatic = judge(labels[:4], PARAMS, {})
    human = figures(automatic, automatic, [])["human"]
    assert isinstance(human, dict)
    assert human["rows"] == 0 and human["spearman"] == {"value": None, "low": None, "high": None}


def run(root: Path, calibration: Path) -> dict[str, Any]:
    """Run the stage over labels.jsonl, and return its metrics."""
    Path("decisions.jsonl").touch()
    stage.main(
        source=Path("labels.jsonl"),
        reviews=Path("decisions.jsonl"),
        prompts=root / "prompts" / "judge",
        calibration=calibration,
        base=Path("nowhere"),
        target=Path("verdicts.jsonl"),
        report=Path("judge.json"),
    )
    found: dict[str, Any] = json.loads(Path("judge.json").read_text(encoding="utf-8"))
    return found


def test_main_without_a_judge(in_repository: Path, root: Path, labels: list[LabeledSample]) -> None:
    jsonl.write(Path("labels.jsonl"), labels)
    found = run(root, write_calibration(in_repository))
    assert (found["judge"], found["why_no_grades"]) == (None, "no judge is set")
    assert found["quality"] == {
        "judged": {"n": 0, "high": None, "medium": None, "low": None},
        "by_rules": {"n": 12, "no_fault": 1, "doubtful": 0, "faulty": 0},
    }
    assert [row.id for row in jsonl.stream(Path("verdicts.jsonl"), LabelQuality)] == [row.id for row in labels]


def with_judge(url: str) -> None:
    """Set `llm.judge` in the params of the repository that the test stands in."""
    params = YAML(typ="safe").load(Path("params.yaml").read_text(encoding="utf-8"))
    params["llm"] |= {"judge": SECTION | {"base_url": url}, "grading": ASKING}
    Path("params.yaml").write_text(json.dumps(params), encoding="utf-8")


def test_labels_are_graded_by_a_judge_that_passed_without_a_reference(
    in_repository: Path, root: Path, labels: list[LabeledSample], server: Server
) -> None:
    jsonl.write(Path("labels.jsonl"), labels)
    with_judge(server.url)
    server.script = by_answer(lambda answer: 9 if answer == labels[0].answer else 3)
    found = run(root, write_calibration(in_repository, IDENTITY, labels=True, pairs=False))
    assert (found["judge"]["identity"], found["why_no_grades"]) == (IDENTITY, None)
    assert found["quality"]["judged"]["n"] == 12
    first, second = jsonl.read(Path("verdicts.jsonl"), LabelQuality)[:2]
    assert (first.quality, first.layer, first.score) == ("high", "judge", 9)
    assert (second.quality, second.layer, second.score) == ("low", "judge", 3)
    assert not any(SHOWS_REFERENCE.search(body["messages"][-1]["content"]) for body in server.bodies)


def test_labels_are_not_graded_by_a_judge_that_passed_with_a_reference_only(
    in_repository: Path, root: Path, labels: list[LabeledSample], server: Server
) -> None:
    jsonl.write(Path("labels.jsonl"), labels)
    with_judge(server.url)
    found = run(root, write_calibration(in_repository, IDENTITY, grades=True, labels=False, pairs=True))
    assert (found["judge"], server.bodies) == (None, [])
    assert found["why_no_grades"] == "the judge failed its calibration: outcome of labels"
    assert found["quality"]["judged"] == {"n": 0, "high": None, "medium": None, "low": None}
    assert {row.quality for row in jsonl.stream(Path("verdicts.jsonl"), LabelQuality)} == {"no_fault"}


def test_a_judge_that_yields_nothing_fails_the_stage(
    in_repository: Path, root: Path, labels: list[LabeledSample], server: Server
) -> None:
    jsonl.write(Path("labels.jsonl"), labels)
    with_judge(server.url)
    server.script = by_answer(lambda answer: None)
    calibration = write_calibration(in_repository, IDENTITY, labels=True, pairs=False)
    with pytest.raises(
        ModelError, match=r"llm\.judge: .* gave no verdict on any of 12 rows \(unparsable × 12\); take another"
    ) as caught:
        run(root, calibration)
    assert "\n" not in str(caught.value) and not Path("verdicts.jsonl").exists()
    shutil.rmtree(".llm-cache")
    server.script = by_answer(lambda answer: 9 if answer == labels[0].answer else None)  # one is something
    assert run(root, calibration)["judge"]["without_grade"] == {"unparsable": 11}


def test_a_rewriting_belongs_elsewhere(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "judge.jsonl", [decision("row", action="rewrite", text="secret words")])
    with pytest.raises(InputError, match=r"answers\.jsonl") as raised:
        stage.read_decisions(tmp_path / "judge.jsonl")
    assert "secret" not in str(raised.value)


def test_thresholds_that_contradict_are_refused() -> None:
    with pytest.raises(ParamsError, match="medium"):
        Judge.parse("judge", PARAMS.model_dump() | {"medium": 9})
