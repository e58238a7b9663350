"""`dial-insight check`: every fault of what a person wrote, one line each, before anything runs."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stages.cli import check
from stages.cli.limits import limit_faults
from stages.core import jsonl
from stages.rows.prompt import Part, Prompt

if TYPE_CHECKING:
    from tests.cli.conftest import Spoil

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACK = "prompts/real_estate"
LINE = re.compile(r":\d+: ")  # of a file, where the fault stands
SAMPLE = "sample: {count: 9, reserve: 0.0, max_tokens: 900, replies: 0.5, reply_turns: 4, reply_words: 10, reply_statements: drop, seed: 1}\n"
STORED = (
    '{"id": "i1", "language": "en", "task": "information_extraction", "requirement": "customer_needs",'
    ' "text": "List what the customer asks for.", "formats": ["list"], "origin": "reviewer"}\n'
)


def test_what_is_shipped_is_valid(root: Path) -> None:
    assert list(check.faults(root)) == []


def test_the_small_repository_is_valid(repository: Path) -> None:
    """Otherwise the tests below prove nothing."""
    assert list(check.faults()) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("params.yaml", "curate:", "curated: {a: 1}\ncurate:", "params.yaml: curated is unknown; remove it, or use one of"),
        ("params.yaml", "{brief: 0.75", "{breif: 1, brief: 0.75", "params.yaml: assemble.breif is unknown; remove it, or use one of"),
        ("params.yaml", "brief: 0.75", "brief: 7", "params.yaml: assemble.brief: "),
        ("params.yaml", "redundancy: 0.95", "redundnacy: 0.95", "params.yaml: curate.redundancy is missing; add it"),
        (f"{PACK}/instructions.yaml", "formats: [message]\n    text: 请接着", "formats: [list]\n    text: 请接着", "reply reply_zh_go_on has formats list"),
        (f"{PACK}/instructions.yaml", "id: reply_go_on\n    language: en\n    task: dialogue_generation", "id: reply_go_on\n    language: en\n    task: talking", "instructions.yaml: reply_go_on names task talking"),
        ("params.yaml", "top_p: 1.0", "top_p: high", "params.yaml: llm.generator.top_p: "),
        ("params.yaml", "domain: real_estate", "domain: moon", "params.yaml: domain names no folder under prompts/"),
        ("params.yaml", "domain: ", "domain: [", "params.yaml"),
        ("dvc.yaml", "instructions.curate", "instructions.cure", "stages.instructions.cure in a cmd cannot be imported"),
        (f"{PACK}/domain.yaml", "weight: 1.0", "wieght: 1.0", "domain.yaml: scenes.0.weight: Field required"),
        (f"{PACK}/domain.yaml", "weight: 1.0", "weight: .inf", "domain.yaml: scenes.0.weight: Input should be a finite number"),
        (f"{PACK}/domain.yaml", "  zh: [业主", "  zh: [Owner", "domain.yaml: row: customers has 'Owner': expected a word"),
        (f"{PACK}/tasks.yaml", "tasks:", "tasks: [", "tasks.yaml:"),
        (f"{PACK}/conversations.yaml", "maps: []", "maps: [{name: crm}]", "conversations.yaml: maps.0.needs: Field required"),
        (f"{PACK}/instructions.yaml", "task: information_extraction", "task: dance", "needs_profile names task dance; tasks.yaml has"),
        (f"{PACK}/instructions.yaml", "requirement: customer_profile", "requirement: x", "needs_profile names requirement x; "),
        (f"{PACK}/instructions.yaml", "scenes: [buying, renting]", "scenes: [moving]", "needs_profile names scene moving; "),
        (f"{PACK}/instructions.yaml", "roles: []", "roles: [pilot]", "needs_profile names role pilot; "),
        (f"{PACK}/instructions.yaml", "roles: []", "roles: [home_designer]", "needs_profile names scenes in which none of its roles"),
        (f"{PACK}/formats.yaml", "forms: [list_bullets", "forms: [list_round", "sample list_orchard shows list_round, no wording of list"),
        (f"{PACK}/templates.yaml", "{{ role }}", "{{ rule }}", "uses rule; it may use role, role_description"),
        (f"{PACK}/templates.yaml", "{{ instruction }}", "it", "lacks {{ instruction }}; add it"),
        (f"{PACK}/templates.yaml", "{{ scene }}", "{{ scene", "mend the template"),
        ("prompts/evolve/rewrite.en.md", "{{ instruction }}", "it", "rewrite.en.md"),
        ("prompts/evolve/rewrite.en.md", "answer: json", "answer: poem", "rewrite.en.md: front matter: answer"),
        (f"{PACK}/tasks.yaml", "      zh: 从对话中找出有关客户、房屋和业务的明确信息，如实呈现，不作超出原文的发挥。\n", "", "tasks.yaml: information_extraction description has no text in zh"),
        (f"{PACK}/tasks.yaml", "          en: Extract the needs of the person being served.\n", "", "tasks.yaml: requirement customer_needs has no text in en"),
        ("prompts/evolve/operators.yaml", "kind: mutation", "kind: mutant", "prompts/evolve/operators.yaml: operators.0.kind"),
        ("prompts/enhance/examples.yaml", "language: en", "language: de", "prompts/enhance/examples.yaml: examples.0.language"),
        ("prompts/judge/anchors.yaml", "      3: ", "      4: ", "prompts/judge/anchors.yaml: "),
    ],
)  # fmt: skip
def test_one_fault_is_one_line(repository: Path, spoil: "Spoil", path: str, old: str, new: str, expected: str) -> None:
    spoil(path, old, new)
    lines = list(check.faults())
    assert any(expected in LINE.sub(": ", line) for line in lines), lines
    assert not any("\n" in line for line in lines)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"evolve": {"operators": ["deepen", "deeper"]}}, "evolve.operators: deeper: not in prompts/evolve/operators.yaml; it has constraint, "),
        ({"evolve": {"operators": ["crossover"]}}, "evolve.operators: crossover: only joins what another operator can rewrite; "),
        ({"screen": {"plain": ["simplify", "registr"]}}, "screen.plain: registr: no operator of prompts/evolve/operators.yaml; it has audience, "),
        ({"seed": {"languages": ["en", "de"]}}, "prompts/evolve/operators.yaml: constraint has no order in de; write it"),
    ],
)  # fmt: skip
def test_settings_name_operators_that_there_are_and_that_can_rewrite(
    repository: Path, values: dict[str, Any], expected: str
) -> None:
    lines = list(check.operator_faults(values, Path()))
    assert expected in lines[0]
    assert (
        list(
            check.operator_faults({"evolve": {"operators": []}, "screen": {"plain": ["breadth", "deepening"]}}, Path())
        )
        == []
    )


def test_all_faults_are_told_at_once(repository: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "redundancy: 0.95", "redundancy: 2")
    spoil("params.yaml", "top_p: 1.0", "top_p: 7")
    spoil(f"{PACK}/instructions.yaml", "roles: []", "roles: [pilot]")
    (repository / "data/review/curate.jsonl").write_text('{"id": "1", "action": "keep"}\n', encoding="utf-8")
    assert len(list(check.faults())) == 4


@pytest.mark.parametrize(
    "path",
    [
        "data/review/curate.jsonl",
        "data/review/answers.jsonl",
        "data/review/personal.jsonl",
        "data/test/x/current/references.jsonl",
    ],
)
def test_a_review_that_does_not_parse_is_named_and_not_echoed(repository: Path, path: str) -> None:
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    (repository / path).write_text('{"id": "1", "text": "secret"}\n', encoding="utf-8")
    (line,) = check.faults()
    assert f"{path}:1: not a " in line
    assert "secret" not in line


def test_two_answers_that_no_time_tells_apart_are_named(repository: Path) -> None:
    line = '{"id": "1", "answer": "%s", "author": "ann", "dialogue": "d", "instruction": "i", "form": "list"}\n'
    (repository / "data/review/answers.jsonl").write_text(line % "secret" + line % "other", encoding="utf-8")
    (fault,) = check.faults()
    assert "row 1 has two answers of one author without a time" in fault and "secret" not in fault


def test_a_text_must_be_there_in_the_languages_of_the_instructions(repository: Path, spoil: "Spoil") -> None:
    spoil(f"{PACK}/formats.yaml", "      zh: >-\n", "      zh: ''\n    text_of_old: >-\n")
    assert any("formats.yaml" in line for line in check.faults())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("customer_needs", "wishes", "i1 names requirement wishes; "),
        ('"formats": ["list"]', '"formats": ["table"]', "i1 allows table, which need fields; name them"),
        ('"formats": ["list"]', '"formats": ["label"]', "i1 allows label, which needs labels; name them"),
        ("}\n", "}\n" + STORED, "i1 is there twice; "),
        ('"formats": ["list"]', '"formats": ["label"], "labels": ["a", "b"], "fields": ["c"]', "i1 allows label, which has no place for fields; "),
    ],
)  # fmt: skip
def test_the_test_sets_instructions_agree_with_their_pack(repository: Path, old: str, new: str, expected: str) -> None:
    path = repository / "data/test/bank_service/current/instructions.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(STORED, encoding="utf-8")
    assert list(check.faults()) == []
    path.write_text(STORED.replace(old, new, 1), encoding="utf-8")
    (line,) = check.faults()
    assert line.startswith("data/test/bank_service/current/instructions.jsonl: ") and expected in line


def test_what_training_may_not_ask_for_stands_in_no_pack_and_is_marked_in_the_test_set(
    repository: Path, spoil: "Spoil"
) -> None:
    path = repository / "data/test/bank_service/current/instructions.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(STORED, encoding="utf-8")
    bank = "prompts/bank_service/tasks.yaml"
    spoil(bank, "      - id: customer_needs\n", "      - id: customer_needs\n        held_out: true\n")
    lines = list(check.faults())
    assert any(
        'i1 asks for customer_needs, which tasks.yaml holds out, and lacks "unseen": true' in line for line in lines
    )
    asked = [line for line in lines if "which tasks.yaml holds out of training; name another" in line]
    assert asked and all(re.match(r"prompts/bank_service/instructions\.yaml:\d+: ", line) for line in asked)
    spoil(bank, "        held_out: true\n", "")
    path.write_text(STORED.replace('"origin"', '"unseen": true, "origin"'), encoding="utf-8")
    (line,) = check.faults()
    assert "i1 is marked unseen, and tasks.yaml does not hold out customer_needs" in line


def test_the_chosen_version_has_all_files_that_stages_read(repository: Path, spoil: "Spoil") -> None:
    spoil("dvc.yaml", "    params: [curate]", "    deps: ['data/test/${domain}/v1']\n    params: [curate]")
    (repository / "data/test/real_estate/v1").mkdir(parents=True)
    (repository / "data/test/real_estate/v1/prompts.jsonl").touch()
    first, second = check.faults()
    assert first.startswith(
        "data/test/real_estate/v1/instructions.jsonl: not there, and stage curate reads it; an empty"
    )
    assert second.startswith("data/test/real_estate/v1/references.jsonl: not there")


def test_limits_hold_what_is_wanted(repository: Path) -> None:
    shutil.copytree(ROOT / "data/test/real_estate", repository / "data/test/real_estate")
    shutil.copy(ROOT / "data/review/answers.jsonl", repository / "data/review/answers.jsonl")

    def said(**most: int) -> list[str]:
        limits = {
            key: {"max_tokens": tokens}
            for key, tokens in ({"predict": 640, "label": 640, "enhance": 768} | most).items()
        }
        return list(limit_faults({"domain": "real_estate", "test_set": "current", **limits}, repository))

    assert said() == []
    predict, label, enhance = said(predict=128, label=64, enhance=100)
    assert predict.startswith("params.yaml: predict.max_tokens: 128 tokens hold 7") and "hold 95%" in predict
    assert "label.max_tokens: 64 tokens hold" in label and "answers of data/review/answers.jsonl" in label
    assert enhance.startswith(
        "params.yaml: enhance.max_tokens: 100 tokens hold 0% of the rewritings of data/test/real_estate/current; "
    )
    for key, line in (("predict", predict), ("enhance", enhance)):
        enough = int(line.split("; ")[1].split(" ")[0])
        assert said(**{key: enough}) == [] and said(**{key: enough - 20}) != []


def test_parts_of_stored_test_prompts_go_together(repository: Path) -> None:
    folder, shipped = (root / "data/test/real_estate/current" for root in (repository, ROOT))
    folder.mkdir(parents=True)
    for name in ("instructions.jsonl", "prompts.jsonl"):
        shutil.copy(shipped / name, folder / name)
    assert list(check.faults()) == []
    rows = jsonl.read(folder / "prompts.jsonl", Prompt)
    label = next(row for row in rows if row.ask.kind == "label")
    order = Part(kind="narrative", template="work_order", text="Deal with every point.")
    spoiled = label.with_parts([order if part.kind == "narrative" else part for part in label.parts])
    stray = rows[0].model_copy(update={"instruction": "0123456789abcdef"})
    jsonl.write(folder / "prompts.jsonl", [spoiled, stray])
    contradicting, unknown = check.faults()
    assert f"prompts.jsonl: {label.pair}: narrative work_order says every_point beside one_label; put" in contradicting
    assert f"prompts.jsonl: {stray.pair} names instruction 0123456789abcdef, which is not stored beside it" in unknown
    (folder / "instructions.jsonl").unlink()
    assert all("names instruction" in line and "which is not stored beside it" in line for line in check.faults())
    assert len(list(check.faults())) == 2


def test_a_requirement_that_asks_for_reasons_has_no_label(repository: Path, spoil: "Spoil") -> None:
    spoil(
        f"{PACK}/tasks.yaml",
        "      - id: complaint_warning\n",
        "      - id: complaint_warning\n        explained: true\n",
    )
    lines = list(check.faults())
    assert lines and all(
        "allows label, and requirement complaint_warning asks for reasons; take label" in line for line in lines
    )


def test_a_name_must_be_there_in_the_languages_of_the_instructions(repository: Path, spoil: "Spoil") -> None:
    spoil("prompts/bank_service/domain.yaml", "{en: everyday accounts, zh: 账户服务}", "{en: everyday accounts}")
    (line,) = check.faults()
    assert "domain.yaml:6: scene accounts name has no text in zh" in line


def test_a_pack_is_named_as_its_folder(repository: Path, spoil: "Spoil") -> None:
    spoil("prompts/bank_service/domain.yaml", "name: bank_service", "name: bank")
    assert list(check.faults()) == [
        "prompts/bank_service/domain.yaml:2: name is not the folder's; write name: bank_service"
    ]


def test_seeds_are_wanted_in_languages_that_the_pack_has(repository: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "curate:", "seed: {languages: [en, zh]}\ncurate:")
    path = repository / PACK / "instructions.yaml"
    assert not any("seed.languages" in line for line in check.faults())
    path.write_text(path.read_text(encoding="utf-8").replace("language: zh", "language: en"), encoding="utf-8")
    assert any("seed.languages has zh, in which " in line for line in check.faults())


def test_a_method_that_would_rewrite_nothing_is_refused(repository: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "curate:", "instructions: {method: evol_instruct}\nevolve: {generations: 0}\ncurate:")
    said = "params.yaml: evolve.generations is 0, and evol_instruct rewrites once a generation; set 1 or more, or "
    assert any(line.startswith(said) for line in check.faults())
    spoil("params.yaml", "generations: 0", "generations: 1")
    assert not any("rewrites once" in line for line in check.faults())


def test_replies_are_wanted_where_the_pack_asks_for_them(repository: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "curate:", SAMPLE + "curate:")
    path = repository / PACK / "instructions.yaml"
    assert not any("sample.replies" in line for line in check.faults())
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("\nreplies:")], encoding="utf-8")
    assert any("sample.replies is above 0, and " in line for line in check.faults())


def test_replies_are_wanted_in_a_language_of_the_seeds(repository: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "curate:", f"seed: {{languages: [en]}}\n{SAMPLE}curate:")
    path = repository / PACK / "instructions.yaml"
    written, replies = path.read_text(encoding="utf-8").split("\nreplies:")
    in_both = [item for item in replies.split("\n  - ") if "language: zh" in item]
    assert in_both and not any("sample.replies" in line for line in check.faults())
    path.write_text("\n  - ".join([f"{written}\nreplies:", *in_both]), encoding="utf-8")
    (line,) = (line for line in check.faults() if "sample.replies" in line)
    assert "has nothing under replies in en (seed.languages); write what is asked for" in line
    spoil("params.yaml", "[en]", "[zh]")
    assert not any("sample.replies" in line for line in check.faults())


def test_files_that_a_person_provides_must_be_there(repository: Path, spoil: "Spoil") -> None:
    spoil(
        "dvc.yaml",
        "    params: [curate]",
        "    deps: ['data/test/${domain}/references.jsonl', train.txt]\n    params: [curate]",
    )
    assert list(check.faults()) == [
        "data/test/real_estate/references.jsonl: not there, and stage curate reads it; an empty file will do (docs/new-domain.md)"
    ]


def test_a_judge_may_be_none(repository: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "llm:\n", "llm:\n  judge: null\n")
    spoil("dvc.yaml", "llm.generator]", "llm.generator, llm.judge]")
    assert list(check.faults()) == []
