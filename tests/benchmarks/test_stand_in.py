"""The stand-in's answers have the form they are asked in, and its verdicts parse."""

import json
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from benchmarks.stand_in import wordings
from benchmarks.stand_in.__main__ import MODEL, application
from benchmarks.stand_in.answers import StandIn, told
from stages.answers.formats import parse
from stages.answers.grounding import grounding
from stages.chat.messages import TokenChoice, strict_schema
from stages.core import yaml_files
from stages.core.row import Language
from stages.judging.grading import Opinion, expectation
from stages.judging.pairwise import PairVerdict
from stages.library.domain_pack import Formats
from stages.library.meta_prompts import render
from stages.rows.instruction import NAMED, Ask

TALK = {
    "en": "Provider [PERSON_1]: The flat costs 1,250 a month and is free from May.\nCustomer: Is the deposit two months of rent?\n",
    "zh": "服务者 [PERSON_1]：这套房子月租三千五，五月份可以入住。\n客户：押金是两个月的房租吗？周末能去看房吗？\n",
}
FIELDS = {"en": ("price", "next_step"), "zh": ("价格", "下一步")}
LABELS = {"en": ("hot lead", "cold lead"), "zh": ("意向高", "意向低")}
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.fixture(scope="module")
def stand_in(root: Path) -> StandIn:
    return StandIn(root / "prompts")


def ask(text: str, schema: dict[str, object] | None = None, seed: int = 0) -> dict[str, object]:
    form = {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}} if schema else {}
    return {"model": MODEL, "seed": seed, "messages": [{"role": "user", "content": text}], **form}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wording_of_every_form_gets_an_answer_in_it(root: Path, stand_in: StandIn, language: Language) -> None:
    quote, comma = ('"{}"', ", ") if language == "en" else ("“{}”", "、")
    for path in sorted((root / "prompts").glob("*/formats.yaml")):
        for form in yaml_files.load(path, Formats).formats:
            fields = comma.join(map(quote.format, FIELDS[language]))
            asked = Ask(
                kind=form.kind,
                fields=FIELDS[language] if form.kind in NAMED else (),
                labels=LABELS[language] if form.kind == "label" else (),
            )
            wording = render(form.text[language], form.id, fields=fields, labels=comma.join(LABELS[language]))
            texts = [f"{wording}\n\nNo {n}.\n{TALK[language]}" for n in range(5)]
            answers = [stand_in.answer(ask(text)) for text in texts]
            assert all(parse(answer, asked) is not None for answer in answers), (path, form.id, answers)
            assert len(set(answers)) > 1 or form.kind == "label", (path, form.id)
            if form.kind != "label":
                assert all(grounding(answer, TALK[language], wording) == 1 for answer in answers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_is_read_with_its_expectation(root: Path, stand_in: StandIn, language: Language) -> None:
    text = (root / f"prompts/judge/rubric.{language}.md").read_text(encoding="utf-8")
    scores = set()
    for n in range(30):
        answer = stand_in.answer(ask(f"{n} {text}", strict_schema(Opinion)))
        opinion = Opinion.model_validate_json(answer)
        scores.add(opinion.score)
        choices = [
            TokenChoice(token=token["token"], logprobs={one["token"]: one["logprob"] for one in token["top_logprobs"]})
            for token in told(answer) or ()
        ]
        assert abs((expectation(choices[1:], opinion.score) or 0) - opinion.score) <= 0.5
    assert len(scores) > 3
    assert PairVerdict.model_validate_json(stand_in.answer(ask(text, strict_schema(PairVerdict)))).better in {
        "A",
        "B",
        "tie",
    }


def test_a_schema_of_any_make_is_filled(stand_in: StandIn) -> None:
    schema: dict[str, object] = {
        "type": "object",
        "properties": {
            "instruction": {"type": "string"},
            "fields": {"type": "array", "items": {"type": "string"}},
            "labels": {"type": "array", "items": {"type": "string"}},
            "formats": {"type": "array", "items": {"$ref": "#/$defs/Form"}},
            "clear": {"type": "boolean"},
            "richer": {"anyOf": [{"type": "integer", "minimum": 2, "maximum": 3}, {"type": "null"}]},
        },
        "$defs": {"Form": {"enum": ["list", "table"]}},
    }
    made = json.loads(stand_in.answer(ask("Write one.", schema)))
    assert len(made["instruction"].split()) >= 8
    assert len(made["fields"]) >= 2
    assert made["labels"] == []
    assert set(made["formats"]) <= {"list", "table"}
    assert made["richer"] in {2, 3}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rewriting_keeps_what_it_was_shown(root: Path, stand_in: StandIn, language: Language) -> None:
    shown = {"en": "List each promise of the provider.", "zh": "列出服务者的每项承诺。"}[language]
    for wording in wordings.requests(root / "prompts"):
        if wording.kind == "evolve" and wording.language == language:
            names = dict.fromkeys(wording.pattern.groupindex, "-") | {"instruction": shown}
            text = render(
                wording.body, wording.landmark, **{name: names.get(name, "-") for name in declared(wording.body)}
            )
            found = wordings.find(text, stand_in.requests)
            assert found, wording.landmark
            assert found.fields["instruction"] == shown
            assert shown in stand_in.answer(ask(text))


def declared(body: str) -> set[str]:
    from stages.library.meta_prompts import names

    return names(body, "a test")


async def served(app: object, model: str) -> tuple[int, dict[str, object]]:
    async with TestClient(TestServer(app)) as client:  # type: ignore[arg-type]
        got = await client.post("/v1/chat/completions", json=ask("Say it.") | {"model": model})
        return got.status, await got.json()


def test_it_answers_for_no_other_model(stand_in: StandIn) -> None:
    import asyncio

    status, said = asyncio.run(served(application(stand_in), MODEL))
    assert (status, said["model"]) == (200, "stand-in")
    assert asyncio.run(served(application(stand_in), "gpt-4"))[0] == 404
