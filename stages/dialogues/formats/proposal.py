"""A field map for a JSON or CSV file that no map fits: guessed from its keys, to be looked at by a person."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

from stages.dialogues.formats import json_records, table
from stages.dialogues.formats.conversation import SourceFile
from stages.dialogues.formats.field_map import FieldMap
from stages.dialogues.formats.parties import shipped

DEEP = 4  # levels that are looked into
MOST = 200  # records that are looked at
FEW = 12  # different words at most name parties
SHORT = 40  # characters of a word or name
TALK = re.compile(
    r"session|ticket|thread|conversation|dialog|chat|call(?!er|ee|ed|back)|会话|^(?:对话|通话|工单)", re.IGNORECASE
)
NUMBERED = re.compile(r"(?:^|[_. ])(?:id|key|uuid|no|number|sid)$|(?:Id|ID)$|(?<!手机)号$", re.IGNORECASE)
OWN = re.compile(r"id|key|uuid", re.IGNORECASE)
TEXT = re.compile(
    r"text|content|message|msg|body|utterance|value|said|transcript|words|内容|消息|文本|(?<![会通电])话", re.IGNORECASE
)
WORDS = re.compile(
    f"(?:{TEXT.pattern})$", re.IGNORECASE
)  # what was said in a talk, 对话内容, and not which talk it was
TIME = re.compile(r"^when$|time|date|created|timestamp|sent|offset|begin|start|时间|日期", re.IGNORECASE)
SPEAKER = re.compile(
    r"speaker|role|party|sender|from|author|who|type|participant|direction|user|name|角色|发送|身份|说话|发言|昵称|姓名",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"(?:^|_)(?:index|idx|seq|sequence|turn|order|utterance_no|turn_id|line)(?:_?no|_?id)?$|^(?:序号|轮次)$",
    re.IGNORECASE,
)


def propose(source: SourceFile) -> FieldMap | None:
    """Return a map that may fit the file; None where nothing in it looks like a list of turns."""
    if not json_records.looks(source.text):
        return _of_rows([dict(entry.value) for entry in table.Table(source).rows()][:MOST], source.path.stem)
    values = json_records.values(source)
    rows = [value for value in values if isinstance(value, dict)]
    found = max(_lists(values if json_records.is_jsonl(source) else values[0]), key=lambda item: item[0], default=None)
    if found is None:
        return _of_rows(rows[:MOST], source.path.stem)
    _, records, path = found
    return _of_records(records, path, source.path.stem) if path else _of_rows(records, source.path.stem)


def _lists(value: Any, deep: int = 0) -> Iterator[tuple[int, list[dict[str, Any]], str]]:  # noqa: ANN401 - JSON
    """Yield (how many turns, the records, the path of their turns) for each list that may be one of records or, with path "", of rows."""
    if deep > DEEP:
        return
    members = [
        m
        for m in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else [])
        if isinstance(m, (dict, list))
    ]
    objects = [member for member in members if isinstance(member, dict)][:MOST]
    for records in ([objects] if objects else []) + ([[value]] if isinstance(value, dict) else []):
        for path in dict.fromkeys(path for record in records for path in _turn_paths(record)):
            turns = [turn for record in records for turn in _turns(record, path)]
            if (fields := _fields(turns)) and fields.get("text") and _who(fields):
                yield len(turns), records, path
    if (
        len(objects) > 1
        and isinstance(value, list)
        and (fields := _fields(objects))
        and fields.get("text")
        and _who(fields)
        and fields.get("conversation")
    ):
        yield len(objects), objects, ""
    for member in members[:MOST]:
        yield from _lists(member, deep + 1)


def _turn_paths(record: dict[str, Any], above: str = "") -> Iterator[str]:
    for key, value in record.items():
        path = f"{above}{key}"
        if isinstance(value, list) and sum(isinstance(item, dict) for item in value) > 1:
            yield path
        elif isinstance(value, dict) and above.count(".") < 2:
            yield from _turn_paths(value, f"{path}.")


def _turns(record: dict[str, Any], path: str) -> list[dict[str, Any]]:
    value: Any = record
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _fields(turns: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the key of the text, the party, the speaker, the time, the number and the conversation, as far as any looks like it."""
    columns = dict[str, list[str]]()
    for turn in turns[:MOST]:
        for key, value in _flat(turn):
            columns.setdefault(key, []).append(str(value))
    found = dict[str, str]()
    known = shipped()
    parties = {key: sum(value.strip().casefold() in known for value in values) for key, values in columns.items()}
    texts = {key: fmean(map(len, values)) * (4 if TEXT.search(key) else 1) for key, values in columns.items()}
    if parties and (best := max(parties, key=lambda key: parties[key])) and parties[best]:
        found["party"] = best
    free = [
        key for key in texts if key not in found.values() and not TIME.search(key) and not _is_id(key, columns[key])
    ]
    if free:
        found["text"] = max(free, key=lambda key: texts[key])
    rest = [key for key in columns if key not in found.values()]
    names = [
        key
        for key in rest
        if SPEAKER.search(key) and len(set(columns[key])) <= FEW and max(map(len, columns[key])) <= SHORT
    ]
    if names and "party" not in found:
        found["speaker"] = min(names, key=lambda key: len(set(columns[key])) if len(set(columns[key])) > 1 else FEW + 1)
    for field, pattern in (("time", TIME), ("number", NUMBER)):
        if keys := [key for key in rest if pattern.search(key) and key not in found.values()]:
            found[field] = keys[0]
    groups = [key for key in rest if key not in found.values() and _repeats(columns[key])]
    if group := _key(groups):
        found["conversation"] = group
    return found


def _flat(turn: dict[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in turn.items():
        if isinstance(value, dict) and not above:
            yield from _flat(value, f"{key}.")
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            yield f"{above}{key}", value


def _is_id(key: str, values: Sequence[str]) -> bool:
    named = NUMBERED.search(key) or (TALK.search(key) and not WORDS.search(key))
    return bool(named) and not any(" " in value.strip() for value in values)


def _key(names: Sequence[str]) -> str | None:
    """Return the name that looks most like a conversation's id: its own, a ticket's, and only then a customer's, which stands beside them."""

    def rank(name: str) -> int:
        talk, numbered = TALK.search(name), NUMBERED.search(name)
        return 0 if OWN.fullmatch(name) else 1 if talk and (numbered or talk.group() == name) else 2 if numbered else 3

    return min((name for name in names if _names(name)), key=rank, default=None)


def _names(key: str) -> bool:
    return bool(TALK.search(key) or NUMBERED.search(key))


def _repeats(values: Sequence[str]) -> bool:
    counts = Counter(values)
    return len(counts) < len(values)


def _who(fields: dict[str, str]) -> str | None:
    return fields.get("party") or fields.get("speaker")


def _of_rows(rows: Sequence[dict[str, Any]], name: str) -> FieldMap | None:
    fields = _fields(rows)
    if not fields.get("text") or not _who(fields) or not fields.get("conversation"):
        return None
    needs = [fields["conversation"], fields["text"], str(_who(fields))]
    return FieldMap.model_validate({"name": _name(name), "needs": needs, **fields})


def _of_records(records: Sequence[dict[str, Any]], path: str, name: str) -> FieldMap | None:
    fields = _fields([turn for record in records for turn in _turns(record, path)])
    fields.pop("conversation", None)
    needs = [f"{path}.*.{fields['text']}", f"{path}.*.{_who(fields)}"]
    key = _key([key for key, value in records[0].items() if isinstance(value, (str, int))])
    return FieldMap.model_validate(
        {"name": _name(name), "needs": needs, **({"id": key} if key else {}), "turns": path, **fields}
    )


def _name(stem: str) -> str:
    return re.sub(r"\W+", "_", stem).strip("_").lower() or "export"
