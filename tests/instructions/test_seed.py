"""Seeds from cells, end to end: hand-written ones, questions, outcomes, the stage's files."""

import json
from pathlib import Path

import pytest

from stages.chat.messages import Finish, Request
from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.errors import ParamsError, PromptError
from stages.core.row import Language
from stages.instructions.method import Method
from stages.instructions.seed import Pack, Seed, generated, written
from stages.instructions.seeding.cells import Wording, seed_requests
from stages.instructions.seeding.generated import examples, seeds
from stages.instructions.seeding.parsing import SeedDraft
from stages.instructions.seeding.self_instruct import ideas, self_instruct
from stages.library.meta_prompts import Library
from stages.rows.dialogue import Dialogue, Turn
from stages.rows.instruction import Instruction
from tests.support.scripted import Scripted

ROOT = Path(__file__).parents[2]
PACK = Pack.read(ROOT / "prompts" / "real_estate")
PROMPTS = Library(ROOT / "prompts" / "seed")
PARAMS = Seed(languages=("en",), written=0, generated=6, shots=2, excerpt_turns=3, max_tokens=400, seed=1)
GOOD: dict[Language, dict[str, object]] = {
    "en": {
        "instruction": "What made the buyer hesitate just before the end?",
        "fields": ["reason", "proof"],
        "labels": ["price", "loan"],
        "formats": ["label", "list", "json", "table", "key_values", "paragraph", "message", "multipart"],
    },
    "zh": {
        "instruction": "客户临走前为什么又犹豫了？",
        "fields": ["原因", "依据"],
        "labels": ["价格", "贷款"],
        "formats": ["label", "list", "json", "table", "key_values", "paragraph", "message", "multipart"],
    },
}


def talk(number: int, language: Language = "en") -> Dialogue:
    said = {"en": "turn {} >>> obey [PERSON_1]", "zh": "第{}句 >>> [PERSON_1]"}[language]
    turns = [Turn(party="customer", text=said.format(f"{number}.{n}")) for n in range(8)]
    values = {"language": language, "scene": "buying", "source": "im_messages", "role": "real_estate_agent"}
    return Dialogue.model_validate({"id": f"d{number}", "key": f"k{number}", "turns": turns, **values})


def outcomes(chat: Scripted, language: Language = "en", wanted: int = 6) -> list[Instruction | Dropped]:
    talks = [talk(n, language) for n in range(4)]
    requests = seed_requests(talks, PACK.tasks, PACK.domain, (language,), wanted, PARAMS.seed)
    return list(seeds(requests, PACK.written, PACK.domain, PARAMS, PROMPTS, chat))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_seed_keeps_scene_role_and_the_forms_of_its_task(language: Language) -> None:
    found = outcomes(Scripted(lambda _: json.dumps(GOOD[language])), language)
    assert len(found) == 6
    for row in found:
        assert isinstance(row, Instruction)
        assert (row.language, row.text) == (language, GOOD[language]["instruction"])
        assert (row.scenes, row.roles, row.author) == (("buying",), ("real_estate_agent",), "scripted@1")
        assert set(row.formats) == set(PACK.tasks.get(row.task).formats) - {
            "label"
        }  # which has no place for its fields
        assert row.requirement in {one.id for one in PACK.tasks.get(row.task).requirements}
        assert row.labels == (tuple(GOOD[language]["labels"]) if "label" in row.formats else ())  # type: ignore[arg-type]
        assert row.parents[0].startswith("d")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_question_shows_all_it_is_about_and_fences_the_conversation(language: Language) -> None:
    chat = Scripted(lambda _: "x")
    outcomes(chat, language, 1)
    [asked] = chat.asked
    [request] = seed_requests(
        [talk(n, language) for n in range(4)], PACK.tasks, PACK.domain, (language,), 1, PARAMS.seed
    )
    for shown in (
        request.task.name[language],
        request.requirement.text[language],
        PACK.domain.scene("buying").name[language],
        PACK.domain.role("real_estate_agent").name[language],
        *request.task.formats,
    ):
        assert shown in asked.user
    assert asked.user.count(">>>") == 1  # none of the conversation's own
    assert sum(item.text in asked.user for item in PACK.written.instructions) == PARAMS.shots
    assert asked.answer_schema and list(asked.answer_schema["properties"]) == [
        "instruction",
        "fields",
        "labels",
        "formats",
    ]


@pytest.mark.parametrize("names", [["[PERSON_1]", "reason"], ["what Mrs. Harlow paid"]])
def test_a_seed_whose_names_are_of_one_conversation_is_dropped(names: list[str]) -> None:
    found = outcomes(Scripted(lambda _: json.dumps(GOOD["en"] | {"fields": names})), wanted=2)
    assert [row.reason for row in found if isinstance(row, Dropped)] == [Reason.PERSONAL_DATA] * 2


def test_a_language_is_named_once() -> None:
    with pytest.raises(ParamsError, match=r"seed: .*a language is named twice"):
        Seed.parse("seed", {**PARAMS.model_dump(), "languages": ["en", "zh", "en"], "written": 6})


def test_manner_and_length_are_told_in_words_or_in_characters() -> None:
    [request] = seed_requests([talk(1)], PACK.tasks, PACK.domain, ("en",), 1, 1)
    cases: list[tuple[Language, Wording, tuple[str, str]]] = [
        ("en", Wording("terse", 5, 12), ("a terse ask", "5 to 12 words")),
        ("en", Wording("brief", 101, 150), ("a thorough brief", "101 to 150 words")),
        ("zh", Wording("question", 6, 15), ("问句", "12 到 30 字")),
    ]
    for language, wish, told in cases:
        chat = Scripted(lambda _: "x")
        wanted = request.model_copy(update={"dialogue": talk(1, language), "wording": wish})
        list(seeds([wanted], PACK.written, PACK.domain, PARAMS, PROMPTS, chat))
        assert all(words in chat.asked[0].user for words in told)


def test_what_asks_for_fields_is_not_answered_by_a_label() -> None:
    task = PACK.tasks.get("information_extraction")
    draft = SeedDraft.model_validate(GOOD["en"])
    assert draft.fields and "label" not in (draft.fitted(task) or draft).formats
    bare = draft.model_copy(update={"fields": ()}).fitted(task)
    assert bare and "label" in bare.formats and bare.labels == draft.labels


def test_examples_are_drawn_from_short_to_long() -> None:
    from stages.core.draws import generator

    texts = [str(n) * n for n in range(1, 10)]
    found = examples(texts, 3, generator(1))
    assert [(len(text) - 1) // 3 for text in found] == [0, 1, 2]
    assert examples(texts[:1], 3, generator(1)) == ["1"]
    assert examples(texts, 0, generator(1)) == []


def first_example(request: Request) -> str:
    return next(line.removeprefix("- ") for line in request.user.splitlines() if line.startswith("- "))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_failed_answers_are_dropped_with_their_reason(language: Language) -> None:
    good = GOOD[language]
    cut: tuple[str, Finish] = (json.dumps(good)[:30], "length")

    def reason(answer: str | tuple[str, Finish] | None) -> Reason | None:
        chat = Scripted(
            lambda request: json.dumps(good | {"instruction": first_example(request)}) if answer is None else answer
        )
        [row] = outcomes(chat, language, 1)
        assert isinstance(row, Dropped) and row.parents[0].startswith("d")
        return row.reason

    assert reason(cut) is Reason.TRUNCATED
    assert reason("") is Reason.NO_ANSWER
    assert reason(str(good["instruction"])) is Reason.UNPARSABLE
    assert reason(json.dumps(good | {"formats": ["poem"]})) is Reason.UNPARSABLE
    assert reason(None) is Reason.PROMPT_ECHO
    carried = {"en": "Why did [PERSON_1] hesitate?", "zh": "[PERSON_1]为什么犹豫？"}[language]
    assert reason(json.dumps(good | {"instruction": carried})) is Reason.PERSONAL_DATA


def test_each_method_spends_its_requests_its_own_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text("seed: {generated: 6}\nevolve: {generations: 2, population: 5}\n")
    jsonl.write(tmp_path / "train.jsonl", [talk(n) for n in range(3)])

    def asked(method: Method) -> tuple[int, int]:
        chat = Scripted(lambda _: json.dumps(GOOD["en"]))
        count, rows = generated(method, tmp_path / "train.jsonl", PACK, PARAMS, PROMPTS, chat)
        assert len(list(rows)) == count
        return count, len(chat.asked)

    assert asked("two_stage") == (6, 6)
    assert asked("self_instruct") == (16, 16)
    assert asked("evol_instruct") == (0, 0)
    assert asked("fixed") == (0, 0)


def test_other_languages_than_the_wanted_ones_are_dropped() -> None:
    others = [row for row in written(PACK.written, PARAMS) if isinstance(row, Dropped)]
    assert len(others) == sum(item.language == "zh" for item in PACK.written.instructions)
    assert {row.reason for row in others} == {Reason.OTHER_LANGUAGE}


def test_a_fixed_few_are_of_all_tasks() -> None:
    few = PARAMS.model_copy(update={"written": len(PACK.tasks.tasks)})
    found = list(written(PACK.written, few))
    kept = [row for row in found if isinstance(row, Instruction)]
    assert len(found) == len(PACK.written.instructions)
    assert sorted(row.task for row in kept) == sorted(task.id for task in PACK.tasks.tasks)
    first = next(item for item in PACK.written.instructions if item.language == "en" and item.task == kept[0].task)
    assert kept[0].author == first.id
    assert sum(row.reason == Reason.NOT_DRAWN for row in found if isinstance(row, Dropped)) > 0


def test_thoughts_before_a_seed_are_no_part_of_it_and_marks_of_a_template_refuse_it() -> None:
    good, marked = json.dumps(GOOD["en"]), json.dumps(GOOD["en"] | {"instruction": f"{GOOD['en']['instruction']}</s>"})
    plain = outcomes(Scripted(lambda _: good))
    assert outcomes(Scripted(lambda _: f'<think>perhaps {{"instruction": "no"}}</think>{good}')) == plain
    assert {one.reason for one in outcomes(Scripted(lambda _: marked)) if isinstance(one, Dropped)} == {
        Reason.UNPARSABLE
    }
    assert not any(isinstance(one, Instruction) for one in outcomes(Scripted(lambda _: marked)))


def test_a_requirement_that_asks_for_reasons_is_never_answered_by_a_label() -> None:
    requests = seed_requests([talk(n) for n in range(4)], PACK.tasks, PACK.domain, ("en",), 160, PARAMS.seed)
    labelled = [request for request in requests if "label" in request.task.formats]
    chat = Scripted(lambda _: json.dumps(GOOD["en"] | {"fields": []}))
    found = list(seeds(labelled, PACK.written, PACK.domain, PARAMS, PROMPTS, chat))
    assert {request.requirement.explained for request in labelled} == {True, False}
    for request, row in zip(labelled, found, strict=True):
        assert isinstance(row, Instruction)
        assert ("label" in row.formats, bool(row.labels)) == (not request.requirement.explained,) * 2


def test_a_text_that_the_pack_lacks_in_a_language_is_named_before_anybody_is_asked() -> None:
    chat = Scripted(lambda _: json.dumps(GOOD["zh"]))
    only = [task.model_copy(update={"name": {"en": task.name["en"]}}) for task in PACK.tasks.tasks]
    tasks = PACK.tasks.model_copy(update={"tasks": tuple(only)})
    wanted = seed_requests([talk(1, "zh")], tasks, PACK.domain, ("en", "zh"), 2, PARAMS.seed)
    with pytest.raises(PromptError, match=r"tasks.yaml: \w+ name has no text in zh.* seed.languages"):
        list(seeds(wanted, PACK.written, PACK.domain, PARAMS, PROMPTS, chat))
    drawn = ideas(tasks, ("zh",), 1, PARAMS.seed)
    with pytest.raises(PromptError, match=r"tasks.yaml: \w+ name has no text in zh"):
        list(self_instruct(drawn, PACK.written, PARAMS, PROMPTS, chat))
    assert not chat.asked


def test_an_instruction_of_a_task_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for name in ("domain.yaml", "tasks.yaml", "instructions.yaml"):
        text = (ROOT / "prompts" / "real_estate" / name).read_text(encoding="utf-8")
        text = text.replace("task: reasoning", "task: reasonning", 1) if name == "instructions.yaml" else text
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(PromptError, match=r"no task reasonning; it has .*: `dial-insight check`"):
        Pack.read(tmp_path)
