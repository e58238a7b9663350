"""No prompt of the shipped packs has parts that contradict each other, and one that does is noticed, whatever it is."""

from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from stages.core import jsonl
from stages.library.templates import TemplateKind
from stages.library.wording import CONTRADICTED, Place, Saying, Unsuited, Wording
from stages.prompting.assemble import Assemble, assemble
from stages.prompting.contradictions import contradictions
from stages.prompting.splicing import PromptParts
from stages.rows.instruction import FormatKind, Instruction
from stages.rows.pair import Pair
from stages.rows.prompt import Part, PartKind, Prompt
from tests.prompting.conftest import DOMAINS, PROMPTS

SETTINGS = Assemble(brief=0.75, templates=0, max_tokens=1200, seed=1)
TESTS = Path(__file__).parents[2] / "data/test"
SEVERAL: tuple[FormatKind, ...] = ("table", "list")  # forms in which fields are the columns of a list


@pytest.fixture(scope="module")
def prompts(pairs: list[Pair], instructions: list[Instruction], pack: PromptParts) -> list[Prompt]:
    return list(assemble(pairs, instructions, pack, SETTINGS))


@pytest.fixture(scope="module")
def asked(instructions: list[Instruction]) -> dict[str, Instruction]:
    return {row.id: row for row in instructions}


def test_no_part_of_an_assembled_prompt_contradicts_another(
    prompts: list[Prompt], asked: dict[str, Instruction], pack: PromptParts
) -> None:
    found = [line for row in prompts for line in contradictions(row, asked[row.instruction], pack)]
    assert len(prompts) > 300
    assert found == []


def test_the_rules_hold_by_what_stands_in_the_prompts(
    prompts: list[Prompt], asked: dict[str, Instruction], pack: PromptParts
) -> None:
    """Read off the prompts, without the code that keeps the parts apart."""
    wordings = {(kind, row.id): row for kind in get_args(TemplateKind) for row in pack.templates.of(kind)}
    forms = {row.id: row for row in pack.formats.formats}
    trade = {row.id for task in pack.tasks.tasks for row in task.requirements if row.trade_knowledge}
    met = Counter[Saying]()
    for prompt in prompts:
        row, kinds = asked[prompt.instruction], [part.kind for part in prompt.parts]
        for number, part in enumerate(prompt.parts):
            name, _, put = part.template.partition("/")
            said = {*wordings[part.kind, name].says, *(forms[put].says if part.kind == "format" else ())}
            met.update(said)
            assert "only_conversation" not in said or ("knowledge" not in kinds and row.requirement not in trade)
            assert "every_point" not in said or prompt.ask.kind not in ("label", "message")
            assert "announces" not in said or "dialogue" in kinds[number:]
            assert "matched_arrays" not in said or set(row.formats) & set(SEVERAL)
            assert "one_record" not in said or not set(row.formats) & set(SEVERAL)
    assert set(met) == set(get_args(Saying)), "a saying that no prompt has is not tried"


@pytest.mark.parametrize("domain_of_tests", DOMAINS)
def test_no_part_of_a_stored_test_prompt_contradicts_another(domain_of_tests: str) -> None:
    pack, folder = PromptParts.read(PROMPTS / domain_of_tests), TESTS / domain_of_tests / "current"
    rows = {row.id: row for row in jsonl.read(folder / "instructions.jsonl", Instruction)}
    stored = jsonl.read(folder / "prompts.jsonl", Prompt)
    assert [line for row in stored for line in contradictions(row, rows[row.instruction], pack)] == []
    known = {(kind, row.id) for kind in get_args(TemplateKind) for row in pack.templates.of(kind)}
    forms = {row.id for row in pack.formats.formats}
    for part in (part for row in stored for part in row.parts):  # else nothing was looked up
        name, _, put = part.template.partition("/")
        assert (part.kind, name) in known and (part.kind != "format" or put in forms)


def test_an_example_shows_the_marks_that_the_form_asks_for(prompts: list[Prompt], pack: PromptParts) -> None:
    samples = {row.id: row for row in pack.formats.samples}
    seen = Counter[str]()
    for prompt in prompts:
        example, form = prompt.part("examples"), prompt.part("format")
        name = example.template.split("/")[1] if example else ""
        if prompt.ask.kind == "list" and form and name in samples:
            first = samples[name].text[prompt.language].splitlines()[0]
            numbered = '"1."' in form.text or "“1.”" in form.text
            seen["numbered" if numbered else "bullets"] += 1
            assert first.startswith("1. ") if numbered else first.startswith("- ")
    assert set(seen) == {"numbered", "bullets"}


def spoiled(prompt: Prompt, kind: PartKind, template: str, at: int | None = None) -> Prompt:
    """Return the prompt with a part of that wording in the place of its own, or put in at a place."""
    part = Part(kind=kind, template=template, text="x")
    others = [other for other in prompt.parts if other.kind != kind]
    place = at if at is not None else [other.kind for other in prompt.parts].index(kind)
    return prompt.with_parts([*others[:place], part, *others[place:]])


@pytest.mark.parametrize(
    ("kind", "names", "at", "chosen", "reason"),
    [
        ("guidelines", "grounding facts_only", 0, {"trade": True}, "says only_conversation beside trade_knowledge"),
        ("guidelines", "grounding facts_only", 0, {"known": True}, "says only_conversation beside known_information"),
        ("narrative", "work_order job_sheet", None, {"kind": "label"}, "says every_point beside one_label"),
        ("narrative", "work_order job_sheet", None, {"kind": "message"}, "says every_point beside one_text"),
        ("scene", "caution stakes", 99, {}, "says announces beside conversation_before"),
        ("format", "json_parsable json_list", None, {"kind": "json", "items": False}, "says matched_arrays beside unrelated_fields"),
        ("format", "json_form json_record", None, {"kind": "json", "items": True}, "says one_record beside items"),
        ("guidelines", "promises brevity", 0, {"kind": "label"}, "is unsuited to format label"),
        ("format", "paragraph_lead paragraph_conclusion_first", None, {"kind": "paragraph", "task": "content_summarization"}, "is unsuited to task content_summarization"),
    ],
)  # fmt: skip
def test_a_part_that_contradicts_is_noticed(
    domain: str,
    prompts: list[Prompt],
    asked: dict[str, Instruction],
    pack: PromptParts,
    kind: PartKind,
    names: str,
    at: int | None,
    chosen: dict[str, object],
    reason: str,
) -> None:
    name = names.split()[DOMAINS.index(domain)]

    def fits(row: Prompt) -> bool:
        own = asked[row.instruction]
        facts: dict[str, object] = {"kind": row.ask.kind, "task": row.task, "known": True}
        facts["trade"] = own.requirement in ("knowledge_integration", "inference_with_prior_knowledge")
        facts["items"] = bool(set(own.formats) & set(SEVERAL))
        return all(facts[fact] == value for fact, value in chosen.items())

    prompt = next(row for row in prompts if fits(row))
    if "known" in chosen:
        prompt = spoiled(prompt, "knowledge", "short", 0)
    template = f"{pack.templates.format[0].id}/{name}" if kind == "format" else name
    lines = list(contradictions(spoiled(prompt, kind, template, at), asked[prompt.instruction], pack))
    assert f"{kind} {name} {reason}" in lines


def test_what_a_pack_does_not_have_and_a_directive_say_nothing(
    prompts: list[Prompt], asked: dict[str, Instruction], pack: PromptParts
) -> None:
    prompt = prompts[0]
    for part in (
        Part(kind="guidelines", template="gone", text="x"),
        Part(kind="directive", template="", text="x"),
    ):
        row = prompt.with_parts([*prompt.parts, part])
        assert list(contradictions(row, asked[prompt.instruction], pack)) == []


@pytest.mark.parametrize("said", get_args(Saying))
def test_every_saying_is_kept_out_of_what_it_contradicts(said: Saying) -> None:
    wording = Wording(id="w", text={"en": "x"}, says=(said,))
    for circumstance in CONTRADICTED[said]:
        place = Place("list", "reasoning", frozenset({circumstance}))
        assert not wording.suits(place)
        assert list(wording.against(place)) == [f"says {said} beside {circumstance}"]
    assert wording.suits(Place("list", "reasoning", frozenset()))
    assert not wording.suits_all
    assert not Wording(id="w", text={"en": "x"}, unsuited=Unsuited(formats=("list",))).suits(
        Place("list", "reasoning", frozenset())
    )
