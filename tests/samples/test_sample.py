"""Pairs of dialogue and instruction: drawn in balance, answered ones first, with reserves, all dialogues accounted for."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.rows.dialogue import Dialogue, Turn
from stages.rows.instruction import Instruction
from stages.rows.pair import Pair, pair_id
from stages.rows.sample import Answer
from stages.samples import sample as stage
from stages.samples.sample import Sampling, SamplingPack, sample
from stages.text.tokenizers import QWEN
from tests.samples.conftest import dialogue, instruction
from tests.samples.replies.conftest import REPLY, TALK, talk

PARAMS = Sampling(
    count=12, reserve=0.0, max_tokens=400, replies=0.0, reply_turns=4, reply_words=10, reply_statements="drop", seed=1
)


PATHS = {
    "dialogues": Path("dialogues.jsonl"),
    "missed": Path("missed.jsonl"),
    "instructions": Path("library.jsonl"),
    "answers": Path("answers.jsonl"),
    "target": Path("pairs.jsonl"),
    "replies": Path("replies.jsonl"),
    "ledger": Path("ledger.json"),
    "plot": Path("figure.json"),
}


def written(dialogues: list[Dialogue], instructions: list[Instruction], **params: object) -> None:
    """Write what the stage reads."""
    jsonl.write(PATHS["dialogues"], dialogues)
    jsonl.write(PATHS["instructions"], instructions)
    PATHS["missed"].touch()
    PATHS["answers"].touch()
    values = YAML(typ="safe").load(Path("params.yaml").read_text(encoding="utf-8"))
    values["sample"] |= params
    Path("params.yaml").write_text(json.dumps(values), encoding="utf-8")


def drawn(
    dialogues: list[Dialogue],
    instructions: list[Instruction],
    pack: SamplingPack,
    params: Sampling = PARAMS,
    answers: tuple[Answer, ...] = (),
) -> list[Pair | Dropped]:
    return list(sample(dialogues, instructions, answers, pack, params, QWEN))


def kept(outcomes: list[Pair | Dropped]) -> list[Pair]:
    return [row for row in outcomes if isinstance(row, Pair)]


def test_pairs_fit_in_language_scene_role_and_form(
    dialogues: list[Dialogue], instructions: list[Instruction], pack: SamplingPack
) -> None:
    only = instruction(12, language="zh"), instruction(13, roles=("home_designer",))
    rows = kept(drawn(dialogues, [*instructions, *only], pack))
    talks, asked = {row.id: row for row in dialogues}, {row.id: row for row in instructions}
    assert len(rows) == 12
    for row in rows:
        talk, wanted = talks[row.dialogue], asked[row.instruction]
        assert (row.language, row.scene, row.role, row.source) == (talk.language, talk.scene, talk.role, talk.source)
        assert row.scene in wanted.scenes and row.task == wanted.task
        assert row.ask == wanted.ask(wanted.formats[0])


def test_scenes_tasks_and_sources_are_balanced_by_weight(
    dialogues: list[Dialogue], instructions: list[Instruction], pack: SamplingPack
) -> None:
    rows = kept(drawn(dialogues, instructions, pack))
    assert Counter(row.scene for row in rows) == {"buying": 6, "selling": 6}
    assert set(Counter(row.task for row in rows).values()) == {4}
    assert set(Counter(row.source for row in rows).values()) == {4}
    assert set(Counter(row.dialogue for row in rows).values()) == {1}


def test_a_scene_counts_once_however_many_roles_work_in_it(pack: SamplingPack) -> None:
    roles = ("real_estate_agent", "rental_manager", "lease_asset_manager", "customer_manager")
    talks = [dialogue(number, scene="renting", role=roles[number % 4]) for number in range(24)]
    talks += [dialogue(number, scene="home_improvement", role="home_designer") for number in range(24, 48)]
    anywhere = [instruction(number, scenes=()) for number in range(12)]
    found = Counter(row.scene for row in kept(drawn(talks, anywhere, pack, PARAMS.model_copy(update={"count": 34}))))
    assert found == {"renting": 18, "home_improvement": 16}  # 0.9 : 0.8


def test_an_instruction_is_drawn_only_where_what_it_must_know_is_to_be_had(pack: SamplingPack) -> None:
    knowing = [instruction(number, scenes=(), knowledge=("listing",)) for number in range(3)]
    bare = pack.model_copy(update={"knowledge": pack.knowledge.model_copy(update={"entries": ()})})
    assert kept(drawn([dialogue(0)], knowing, pack))
    assert not kept(drawn([dialogue(0)], knowing, bare))


def test_answered_pairs_come_first_in_their_cell(pack: SamplingPack) -> None:
    talks = [dialogue(number, scene="buying", source="im_messages") for number in range(6)]
    asked = [instruction(number, scenes=(), task="reasoning") for number in range(12)]
    answered = [(f"d{n}", asked[n], asked[n].formats[0]) for n in (1, 4)]
    given = [
        Answer(
            id=pair_id(talk, of.id, of.ask(form)), answer="x", author="Kim", dialogue=talk, instruction=of.id, form=form
        )
        for talk, of, form in answered
    ]
    params = PARAMS.model_copy(update={"count": 2})
    plain, first = (
        {(row.dialogue, row.instruction) for row in kept(drawn(talks, asked, pack, params, answers))}
        for answers in ((), tuple(given))
    )
    assert first == {(row.dialogue, row.instruction) for row in given} != plain
    elsewhere = given[0].model_copy(update={"form": "json"})
    other_fields = given[0].model_copy(update={"id": "of another pair"})
    for none in (elsewhere, other_fields):
        assert {(row.dialogue, row.instruction) for row in kept(drawn(talks, asked, pack, params, (none,)))} == plain


def test_reserves_come_from_the_same_cells_and_change_no_pair(
    dialogues: list[Dialogue], instructions: list[Instruction], pack: SamplingPack
) -> None:
    plain = kept(drawn(dialogues, instructions, pack))
    more = kept(drawn(dialogues, instructions, pack, PARAMS.model_copy(update={"reserve": 0.5})))
    reserves = [row for row in more if row.reserve]
    assert {row.id for row in more if not row.reserve} == {row.id for row in plain}
    cells = Counter((row.scene, row.task, row.source) for row in plain)
    assert Counter((row.scene, row.task, row.source) for row in reserves) == cells  # of one pair each, half a pair more
    assert not {row.id for row in reserves} & {row.id for row in plain}


def test_every_dialogue_is_drawn_or_dropped_with_its_reason(
    instructions: list[Instruction], pack: SamplingPack
) -> None:
    long = Turn(party="customer", text="word " * 600)
    rows = [
        dialogue(0),
        dialogue(2, language="zh"),
        dialogue(4, turns=(long, long)),
        *(dialogue(number) for number in range(6, 12)),
    ]
    outcomes = drawn(rows, instructions, pack, PARAMS.model_copy(update={"count": 3}))
    dropped = {row.id: row.reason for row in outcomes if isinstance(row, Dropped)}
    assert dropped.pop("d2") is Reason.NO_INSTRUCTION
    assert dropped.pop("d4") is Reason.OVER_CONTEXT
    assert set(dropped.values()) == {Reason.NOT_DRAWN}
    assert {row.dialogue for row in kept(outcomes)} | set(dropped) == {row.id for row in rows} - {"d2", "d4"}


def test_a_new_dialogue_changes_few_pairs(
    dialogues: list[Dialogue], instructions: list[Instruction], pack: SamplingPack
) -> None:
    before = {row.id for row in kept(drawn(dialogues, instructions, pack))}
    after = {row.id for row in kept(drawn([dialogue(12), *dialogues], instructions, pack))}
    assert len(before & after) >= 9


def test_main_balances_its_ledger(
    in_repository: Path, root: Path, dialogues: list[Dialogue], instructions: list[Instruction]
) -> None:
    written(dialogues, instructions, count=48, reserve=0.25, replies=0.0, max_tokens=900)
    stage.main(**PATHS, pack=root / "prompts" / "real_estate")
    assert Path("replies.jsonl").read_text(encoding="utf-8") == ""
    ledger = json.loads(Path("ledger.json").read_text(encoding="utf-8"))
    rows = jsonl.read(Path("pairs.jsonl"), Pair)
    main = [row for row in rows if not row.reserve]
    unused = {"answers_without_dialogue": 0, "answers_without_instruction": 0}
    assert ledger == {"in": len(rows), "kept": len(rows), "dropped": {}, **unused}
    assert 12 < len(main) == 48 < len(rows) <= 72  # there are 12 dialogues with 6 instructions each
    shown = json.loads(Path("figure.json").read_text(encoding="utf-8"))
    for kind, found in (("task", [row.task for row in main]), ("format", [row.ask.kind for row in main])):
        assert {item["name"]: item["rows"] for item in shown if item["kind"] == kind} == Counter(found)
    assert {item["split"] for item in shown} == {"train"}


@pytest.mark.parametrize("count", [0, 5, 1000])
def test_count_is_a_limit(
    dialogues: list[Dialogue], instructions: list[Instruction], pack: SamplingPack, count: int
) -> None:
    params = PARAMS.model_copy(update={"count": count})
    assert len(kept(drawn(dialogues, instructions, pack, params))) == min(count, 72)


def test_orphaned_answers_are_counted_once_each(dialogues: list[Dialogue], instructions: list[Instruction]) -> None:
    def answer(talk: str, asked: str) -> Answer:
        return Answer(id=f"{talk} {asked}", answer="x", author="Kim", dialogue=talk, instruction=asked, form="list")

    given = [
        answer(dialogues[0].id, instructions[0].id),
        answer(dialogues[0].id, "gone"),
        answer("gone", instructions[0].id),
        answer("gone", "gone"),
    ]
    known = {row.id for row in dialogues}, {row.id for row in instructions}
    assert stage.orphaned(given, *known) == {"answers_without_dialogue": 2, "answers_without_instruction": 1}
    assert stage.orphaned(given[:1], *known) == {"answers_without_dialogue": 0, "answers_without_instruction": 0}


def test_an_answer_to_the_same_words_with_other_fields_is_counted(dialogues: list[Dialogue]) -> None:
    asked = instruction(0, fields=("price",), formats=("json",))
    values = {"answer": "x", "author": "Kim", "dialogue": dialogues[0].id, "instruction": asked.id, "form": "json"}
    given = [Answer.model_validate({**values, "id": pair_id(dialogues[0].id, asked.id, asked.ask("json"))})]
    assert stage.reworded(given, [asked]) == {}
    now = asked.model_copy(update={"fields": ("price", "date")})
    assert stage.reworded(given, [now]) == {"answers_to_other_fields": 1}


def test_answers_to_other_fields_are_said(
    in_repository: Path,
    root: Path,
    dialogues: list[Dialogue],
    instructions: list[Instruction],
    capsys: pytest.CaptureFixture[str],
) -> None:
    written(dialogues, instructions, replies=0.0)
    of = {"dialogue": dialogues[0].id, "instruction": instructions[0].id, "form": instructions[0].formats[0]}
    jsonl.write(
        PATHS["answers"], [Answer.model_validate({**of, "id": "of other fields", "answer": "x", "author": "Kim"})]
    )
    stage.main(**PATHS, pack=root / "prompts" / "real_estate")
    said = "sample: 1 of 1 answers in answers.jsonl are about instructions that ask for other fields or labels now"
    assert said in capsys.readouterr().err


def test_replies_come_out_of_the_count_and_leave_the_others_as_a_smaller_draw_has_them(
    in_repository: Path, root: Path, instructions: list[Instruction]
) -> None:
    talks = [talk([*TALK, ("provider", REPLY)], number) for number in range(12)]
    pack = root / "prompts" / "real_estate"
    written(talks, instructions, count=9, reserve=0.5, replies=0.0)
    stage.main(**PATHS, pack=pack)
    fewer = jsonl.read(PATHS["target"], Pair)
    written(talks, instructions, count=12, reserve=0.5, replies=0.25, max_tokens=900)
    stage.main(**PATHS, pack=pack)
    rows, answers = jsonl.read(PATHS["target"], Pair), jsonl.by_id(PATHS["replies"], Answer)
    assert [row for row in rows if not row.cut] == fewer
    cut = [row for row in rows if row.cut]
    assert len(cut) == 3 and [row.id for row in cut] == list(answers)
    assert {row.answer for row in answers.values()} == {REPLY} and not any(row.reserve for row in cut)
    ledger = json.loads(PATHS["ledger"].read_text(encoding="utf-8"))
    assert ledger["in"] == ledger["kept"] + sum(ledger["dropped"].values())
    assert ledger["dropped"]["too_few_turns"] == 24 and ledger["kept"] == len(
        rows
    )  # of each, two replies stand earlier
    shown = json.loads(PATHS["plot"].read_text(encoding="utf-8"))
    assert sum(item["rows"] for item in shown if item["kind"] == "task") == 12


def test_too_few_replies_are_said(
    in_repository: Path, root: Path, instructions: list[Instruction], capsys: pytest.CaptureFixture[str]
) -> None:
    written([talk([*TALK, ("provider", REPLY)])], instructions, count=4, replies=1.0, max_tokens=900)
    stage.main(**PATHS, pack=root / "prompts" / "real_estate")
    assert "sample: 1 real replies instead of 4; pairs.dropped.jsonl says why not more" in capsys.readouterr().err
    assert [row.cut for row in jsonl.read(PATHS["target"], Pair)] == [5]


@pytest.mark.parametrize("replies", [0.0, 0.5])
def test_a_pack_that_asks_for_no_reply_is_refused_only_where_one_is_wanted(
    in_repository: Path, root: Path, instructions: list[Instruction], replies: float
) -> None:
    pack = in_repository / "bare"
    shutil.copytree(root / "prompts" / "real_estate", pack)
    text = (pack / "instructions.yaml").read_text(encoding="utf-8")
    (pack / "instructions.yaml").write_text(text[: text.index("\nreplies:")], encoding="utf-8")
    written([talk([*TALK, ("provider", REPLY)])], instructions, replies=replies)
    if not replies:
        return stage.main(**PATHS, pack=pack)
    with pytest.raises(InputError, match=r"instructions\.yaml: nothing under replies in en.* set it to 0"):
        stage.main(**PATHS, pack=pack)
