"""Answers in the asked form, drawn by the hash of the question: the same question gets the same answer, another one another."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from math import log
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from benchmarks.stand_in import phrases, wordings
from benchmarks.stand_in.wordings import Found
from stages.core.row import Language

TURN = re.compile(r"^(?:Provider|Customer|Other|服务者|客户|其他人)[^\n:：]{0,40}[:：][ \t]*(\S[^\n]*)$", re.MULTILINE)
SENTENCE = re.compile(r"[^.!?。！？|\n]{5,}")
QUOTED = re.compile(r"[\"“]([^\"”\n]{1,60})[\"”]")
HAN = re.compile(r"[\u4e00-\u9fff]")
KEY = re.compile(r"\"(\w+)\"\s*:")
WORDS, CHARACTERS = 24, 48  # of a sentence taken from the conversation: English, Chinese
PARTS = ("narrative", "format", "guidelines", "examples")  # of a prompt, that a directive is made of
INTERRUPTIONS: dict[Language, tuple[str, tuple[str, ...]]] = {
    "en": (" ", ("please ", "also ", "again ", "likewise ")),
    "zh": ("[，。：；、]", ("请注意，", "此外，", "同样，", "需要说明的是，")),
}
SURE = 0.7  # probability told of a verdict's score
STRINGS = {"instruction", "reason", "better"}
FORMS = ("list", "paragraph", "json", "table", "key_values", "multipart")
LISTED = re.compile(r"^- (\w+)[:：]", re.MULTILINE)  # forms of the answer that a question offers
GRADES = (0.4, 0.6, 0.7, 0.7, 0.8, 0.9, 1.0)  # of the way from the lowest to the highest


class Question(NamedTuple):
    """What is asked, by which template if one is known, and the draws of its answer."""

    text: str
    language: Language
    draw: Random
    found: Found | None

    def field(self, name: str) -> str:
        """Return what stands in a field of the template, in one line."""
        return " ".join(self.found.fields.get(name, "").split()) if self.found else ""

    def pick(self, options: Mapping[Language, Sequence[str]]) -> str:
        """Draw one of the phrases in the question's language."""
        return self.draw.choice(options[self.language])

    def join(self, parts: Iterable[str]) -> str:
        """Return sentences as one text."""
        return ("" if self.language == "zh" else " ").join(parts)


class StandIn:
    """Composes the answers; `prompts` is the folder whose wordings tell what is asked."""

    def __init__(self, prompts: Path) -> None:
        """Read all wordings."""
        self.requests, self.forms = wordings.requests(prompts), wordings.forms(prompts)

    def answer(self, body: Mapping[str, Any]) -> str:
        """Return the answer to a request of the chat API."""
        text = body["messages"][-1]["content"]
        found = wordings.find(text, self.requests)
        asked = Question(text, spoken(text), Random(f"{body.get('seed')}/{text}"), found)
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        if schema is None and found and (keys := KEY.findall(found.wording.body)):
            schema = {"type": "object", "properties": {key: {"type": _kind(key)} for key in keys}}
        if schema:
            return json.dumps(filled(schema, schema, "", asked), ensure_ascii=False)
        if found and "narrative" in found.fields:
            return directive(asked)
        if found:
            label, comma = ("Fields: ", ", ") if asked.language == "en" else ("字段：", "、")
            return f"{instruction(asked)}\n{label}{comma.join(names(asked))}"
        return label_of(asked._replace(found=wordings.find(text, self.forms)))


def spoken(text: str) -> Language:
    """Return the language that a question is asked in: a twentieth of Chinese characters makes it Chinese."""
    ends = text[-1500:] + text[:1500]
    return "zh" if len(HAN.findall(ends)) * 20 > len(ends) else "en"


def _kind(key: str) -> str:
    return "array" if key in {"fields", "labels", "formats"} else "string" if key in STRINGS else "number"


def filled(schema: Mapping[str, Any], whole: Mapping[str, Any], name: str, asked: Question) -> Any:  # noqa: ANN401 - JSON
    """Return a value that a JSON schema allows; known names get what stages look for."""
    schema, draw = _resolved(schema, whole), asked.draw
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return filled(options[0], whole, name, asked)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {key: filled(part, whole, key, asked) for key, part in schema.get("properties", {}).items()}
    if kind == "array":
        return _items(schema, whole, name, asked)
    if kind in ("number", "integer"):
        low, high = schema.get("minimum", 1), schema.get("maximum", 10)
        return min(high, low + int((high - low) * draw.choice(GRADES) + 0.5))
    if kind == "boolean":
        return draw.random() < 0.9
    if name == "better":
        return draw.choice(("A", "B", "tie"))
    return instruction(asked) if name == "instruction" else rule(asked)


def _resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    held: Mapping[str, Any] = whole["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return held


def _items(schema: Mapping[str, Any], whole: Mapping[str, Any], name: str, asked: Question) -> list[Any]:
    item = _resolved(schema.get("items", {"type": "string"}), whole)
    held = [part.strip(' "“”') for part in re.split("[,，、;；]", asked.field(name)) if part.strip(' "“”')]
    if name == "labels" or held:
        return held
    if name == "formats":
        listed = [form for form in LISTED.findall(asked.text) if form != "label"]
        return listed or asked.draw.sample(item.get("enum", FORMS), 2)
    if item.get("type") == "string" and "enum" not in item:
        return names(asked)
    several = [filled(item, whole, name, asked) for _ in range(asked.draw.randint(1, 3))]
    return list(dict.fromkeys(several)) if all(isinstance(one, str) for one in several) else several


def instruction(asked: Question) -> str:
    """Return a new instruction, or the one shown with a requirement more."""
    if shown := asked.field("instruction"):
        return asked.join([shown, rule(asked)])
    verb, thing, other, scope, about = map(
        asked.pick, (phrases.VERBS, phrases.OBJECTS, phrases.OBJECTS, phrases.SCOPES, phrases.ABOUT)
    )
    if asked.language == "zh":
        return f"{about}，{scope}{verb}{thing}和{other}。{rule(asked)}"
    return f"{about}, {verb.lower()} {thing} and {other} {scope}. {rule(asked)}"


def rule(asked: Question) -> str:
    """Return a requirement, often with two more of them."""
    return asked.join(asked.draw.sample(phrases.RULES[asked.language], asked.draw.randint(1, 3)))


def names(asked: Question) -> list[str]:
    """Return two to four names of fields."""
    return asked.draw.sample(phrases.NAMES[asked.language], asked.draw.randint(2, 4))


def directive(asked: Question) -> str:
    """Return the parts in another order, all but the format with a word put in, so that no more than one stays as it was."""
    parts = asked.found.fields if asked.found else {}
    texts = {name: parts[name].strip() for name in PARTS if parts.get(name, "").strip()}
    order = asked.draw.sample([*texts], len(texts))
    return asked.join(texts[name] if name == "format" else _interrupted(texts[name], asked) for name in order)


def _interrupted(text: str, asked: Question) -> str:
    """Return the text with a word put in where no quotation is open."""
    pattern, words = INTERRUPTIONS[asked.language]
    places = [match.end() for match in re.finditer(pattern, text[:-1]) if not _quoting(text[: match.end()])] or [0]
    place = asked.draw.choice(places)
    return text[:place] + asked.draw.choice(words) + text[place:]


def _quoting(text: str) -> bool:
    return text.count('"') % 2 > 0 or text.count("“") > text.count("”")


def label_of(asked: Question) -> str:
    """Return an answer to a prompt around a conversation, in its form, made of what is said in the conversation."""
    form = asked.found
    fields = QUOTED.findall(asked.field("fields")) or names(asked)
    labels = [name.strip(' "“”') for name in re.split("[,，、;；]", asked.field("labels"))]
    numbered = form is not None and "1." in form.wording.body
    return composed(form.wording.kind if form else "paragraph", fields, labels, asked, numbered=numbered)


def composed(kind: str, fields: Sequence[str], labels: Sequence[str], asked: Question, *, numbered: bool) -> str:
    """Return sentences of the conversation in the text of `asked` as an answer of this form."""
    said, draw = Said(asked), asked.draw
    match kind:
        case "label":
            return draw.choice([name for name in labels if name] or ["not stated"])
        case "json":
            return json.dumps({name: said.one() for name in fields}, ensure_ascii=False)
        case "table":
            rows = [fields, ["---"] * len(fields), *([said.one() for _ in fields] for _ in range(draw.randint(1, 4)))]
            return "\n".join(f"| {' | '.join(row)} |" for row in rows)
        case "key_values":
            return "\n".join(f"{name}{': ' if asked.language == 'en' else '：'}{said.one()}" for name in fields)
        case "multipart":
            return "\n".join(f"## {name}\n{said.sentence()}" for name in fields)
        case "list":
            return "\n".join(f"{f'{n}.' if numbered else '-'} {said.sentence()}" for n in range(1, draw.randint(3, 7)))
        case _:
            return asked.join(said.sentence() for _ in range(draw.randint(3, 5)))


class Said:
    """Sentences of a conversation, in a drawn order, again from the start when there are no more."""

    def __init__(self, asked: Question) -> None:
        """Take the sentences out of the turns of the text."""
        pieces = [piece.strip() for turn in TURN.findall(asked.text) for piece in SENTENCE.findall(turn)]
        self.language, self.place = asked.language, 0
        self.pieces = asked.draw.sample(pieces, len(pieces)) or ["not stated" if self.language == "en" else "未提及"]

    def one(self) -> str:
        """Return the next one, without a full stop."""
        piece = self.pieces[self.place % len(self.pieces)]
        self.place += 1
        return (
            piece[:CHARACTERS].rstrip("，、：；")
            if self.language == "zh"
            else " ".join(piece.split()[:WORDS]).rstrip(",;:")
        )

    def sentence(self) -> str:
        """Return the next one as a sentence."""
        return self.one() + ("。" if self.language == "zh" else ".")


def told(text: str) -> list[dict[str, Any]] | None:
    """Return the tokens of a verdict with their log-probabilities, as endpoints tell them; None without a score."""
    match = re.search(r'"score":\s*(\d+)', text)
    if not match:
        return None
    number = int(match[1])
    near = [other for other in (number - 1, number + 1) if 1 <= other <= 10]
    chances = {str(number): SURE} | {str(other): (1 - SURE) / len(near) for other in near}
    pieces = [text[: match.start(1)], match[1], text[match.end(1) :]]
    return [_token(piece, chances if piece is pieces[1] else {piece: 1.0}) for piece in pieces]


def _token(piece: str, chances: Mapping[str, float]) -> dict[str, Any]:
    top = [{"token": name, "logprob": log(chance), "bytes": None} for name, chance in chances.items()]
    return {"token": piece, "logprob": log(chances[piece]), "bytes": None, "top_logprobs": top}
