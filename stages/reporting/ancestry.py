"""Where a row comes from: its label, the decisions about it, its prompt, its pair, its instruction back to the seed, its conversation.

Every line is read from the files of the graph as they are, streamed, and only lines in which the id stands are parsed: a row of an
older version, with other fields, is traced as well as one of today.
"""

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from ruamel.yaml import YAML

from stages.core.errors import InputError
from stages.core.row import Record, content_id

TRAINING, LABELS, TESTED = "data/train/train.jsonl", "data/labels/train.jsonl", "data/labels/test.jsonl"
ENHANCED, ASSEMBLED, PAIRS = "data/prompts/enhanced.jsonl", "data/prompts/assembled.jsonl", "data/samples/pairs.jsonl"
REPLIES, QUALITIES = "data/samples/replies.jsonl", "data/quality/labels.jsonl"
COMMUNITIES = "data/quality/communities.jsonl"
INSTRUCTIONS = tuple(f"data/instructions/{name}.jsonl" for name in ("library", "evolved", "curated", "seeds"))
DIALOGUES = {"train": "data/dialogues/train.jsonl", "test": "data/dialogues/test.jsonl"}
INGESTED, MADE = "data/dialogues/ingested.jsonl", "data/dialogues/anonymized.jsonl"  # what was dropped later is in them
MISSED = "data/dialogues/missed.jsonl"
REVIEWS = "data/review"
PREDICTED = "data/predictions"
DROPPED = {  # by the stage that dropped it
    "ingest": "data/dialogues/ingested.dropped.jsonl",
    "split": "data/dialogues/train.dropped.jsonl",
    "seed": "data/instructions/seeds.dropped.jsonl",
    "curate": "data/instructions/curated.dropped.jsonl",
    "evolve": "data/instructions/evolved.dropped.jsonl",
    "screen": "data/instructions/library.dropped.jsonl",
    "sample": "data/samples/pairs.dropped.jsonl",
    "label": "data/labels/train.dropped.jsonl",
    "testset": "data/labels/test.dropped.jsonl",
    "select": "data/train/train.dropped.jsonl",
}
ID = re.compile(r'"id": ?"([^"]*)"')  # a row's own id is its first
PLACEHOLDER = re.compile(r"\[([A-Z_]+)_\d+\]")
FEWEST, SHOWN = 4, 5  # digits of an abbreviated id; ids named where several begin so

Json = dict[str, Any]


class Files(Protocol):
    """The files of a revision, by their paths from the repository's root."""

    def lines(self, path: str) -> Iterator[str]:
        """Yield the lines of a file; none where it is not there."""
        ...

    def names(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder."""
        ...

    def digest(self, path: str) -> str:
        """Return the hash by which dvc.lock knows a file, or ""."""
        ...


class Ancestor(Record):
    """A row of the ancestry: what it is, where it stands, what is known of it, and the rows it was made of."""

    kind: str
    id: str
    place: str = ""  # file:line
    md5: str = ""  # of the file, as dvc.lock has it
    facts: dict[str, Any]
    parents: tuple["Ancestor", ...] = ()


class Found(NamedTuple):
    """A line of a file with the row in it."""

    path: str
    number: int
    row: Json


def ancestry(files: Files, name: str, domain: str) -> Ancestor:
    """Return the row that `name` calls with all that it comes from; what it was found as is the root's kind.

    `name` is an id, the beginning of one, or the number from 1 of a training row; `domain` names the pack and the folder of raw
    conversations. InputError where there is none, or more than one.
    """
    return Tracer(files, domain).trace(identified(files, name))


def identified(files: Files, name: str) -> str:
    """Return the id that is meant: of a training row by its number, of any row whole or by its beginning."""
    if name.isdecimal() and len(name) < FEWEST * 2:
        numbered = [row for row, _ in zip(files.lines(TRAINING), range(int(name)), strict=False)]
        if 0 < len(numbered) == int(name):
            return str(json.loads(numbered[-1])["id"])
    if len(name) < FEWEST:
        raise InputError(
            f"row {name}: {TRAINING} has no such number; give a number from 1, an id, or {FEWEST} digits of one"
        )
    ids = set[str]()
    for path in _places(files):
        for line in files.lines(path):
            if name in line and (match := ID.search(line)) and match[1].startswith(name):
                ids.add(match[1])
    if name in ids or len(ids) == 1:
        return name if name in ids else ids.pop()
    if not ids:
        raise InputError(f"row {name}: in no file of the graph; give an id of a training row, label, prompt or other")
    shown = ", ".join(sorted(ids)[:SHOWN])
    raise InputError(
        f"row {name}: {len(ids)} ids begin so ({shown}{' …' if len(ids) > SHOWN else ''}); give more of it"
    )


def _places(files: Files) -> list[str]:
    """Return the files that a row is looked for in, the last stage's first."""
    fixed = (TRAINING, LABELS, TESTED, ENHANCED, ASSEMBLED, PAIRS, *INSTRUCTIONS, *DIALOGUES.values(), INGESTED)
    stored = [path for path in files.names("data/test") if path.endswith(("/instructions.jsonl", "/prompts.jsonl"))]
    return [*fixed, *stored, *DROPPED.values()]


class Tracer:
    """Follows rows through the files of one revision."""

    def __init__(self, files: Files, domain: str) -> None:
        """Trace in `files`."""
        self.files, self.domain = files, domain

    def trace(self, ident: str) -> Ancestor:
        """Return the row with this id, wherever the furthest stage has it, with its ancestors."""
        made = (
            self.training(ident) or self.label(ident) or self.prompt(ident) or self.pair(ident)
            or self.instruction(ident) or self.dialogue(ident) or self.nothing(ident)
        )  # fmt: skip
        dropped = self.dropped(ident)
        return made.model_copy(update={"facts": {**made.facts, "dropped": dropped}}) if dropped else made

    def training(self, ident: str) -> Ancestor | None:
        """Return a row that trains."""
        if not (found := self._find(TRAINING, ident)):
            return None
        row = found.row
        facts: Json = {key: row.get(key) for key in ("task", "format", "language", "quality", "origin", "author")}
        if place := self._find(COMMUNITIES, ident):
            facts["community"] = {key: place.row.get(key) for key in ("community", "center", "size")}
        return self._ancestor("training row", found, facts, self.label(ident))

    def label(self, ident: str) -> Ancestor | None:
        """Return a labelled row, of the training or of the test side, with who says what of its answer."""
        for path, kind in ((LABELS, "label"), (TESTED, "test row")):
            if found := self._find(path, ident):
                row = found.row
                facts: Json = {key: row.get(key) for key in ("task", "language", "origin", "author")}
                facts |= {"form": row["ask"]["kind"], "answer": content_id(row["answer"]), **self._quality(ident)}
                if predicted := self._predicted(ident):
                    facts["predicted"] = predicted
                given = self.provided(ident) if row.get("origin") == "provided" else []
                parents = (*self.decisions(ident), *given, self.prompt(row["prompt"], ident))
                return self._ancestor(kind, found, facts, *parents)
        return None

    def _quality(self, ident: str) -> Json:
        found = self._find(QUALITIES, ident)
        if not found:
            return {}
        row = found.row
        return {"quality": row["quality"], "by": row.get("reviewer") or row["layer"], "flags": row.get("flags", [])} | (
            {"score": row["score"]} if row.get("score") is not None else {}
        )

    def _predicted(self, ident: str) -> list[str]:
        paths = (path for path in self.files.names(PREDICTED) if path.endswith(".jsonl"))
        return [found.path for path in paths if (found := self._find(path, ident))]

    def provided(self, ident: str) -> list[Ancestor]:
        """Return where a provided answer was taken from: people's answers, or the conversation itself."""
        stored = [path for path in self.files.names(f"data/test/{self.domain}") if path.endswith("/references.jsonl")]
        for path in (REPLIES, f"{REVIEWS}/answers.jsonl", *stored):
            if found := self._find(path, ident, last=True):
                facts = {key: found.row.get(key) for key in ("author", "checked") if found.row.get(key)}
                return [self._ancestor("real reply" if path == REPLIES else "provided answer", found, facts)]
        return []

    def decisions(self, ident: str) -> list[Ancestor]:
        """Return what people decided about a row, the last one in a file, which holds."""
        paths = [path for path in self.files.names(REVIEWS) if path.endswith(".jsonl")]
        found = (self._find(path, ident, last=True) for path in paths)
        return [
            self._ancestor(
                "decision", each, {key: each.row.get(key) for key in ("action", "quality", "reviewer", "time")}
            )
            for each in found
            if each and "action" in each.row
        ]

    def prompt(self, ident: str, pair: str = "") -> Ancestor | None:
        """Return a prompt with its parts: which wording each is, and the hash of its text."""
        stored = [path for path in self.files.names("data/test") if path.endswith("/prompts.jsonl")]
        for path in (ENHANCED, ASSEMBLED, *stored):
            found = self._find(path, ident)
            if not found:
                continue
            row = found.row
            parts = [
                {"kind": part["kind"], "template": part["template"], "text": content_id(part["text"])}
                for part in row["parts"]
            ]
            facts = {key: row[key] for key in ("layout", "method", "note", "author") if row.get(key)} | {"parts": parts}
            before = [self._find(ASSEMBLED, parent) for parent in row.get("parents", ()) if path == ENHANCED]
            sources = [
                self._ancestor("assembled prompt", each, {"layout": each.row["layout"]})
                for each in before
                if each and each.row["id"] != ident
            ]
            whole = self.pair(pair or str(row["pair"])) or self._pair_of(found)
            return self._ancestor("prompt", found, facts, *sources, whole)
        return None

    def pair(self, ident: str) -> Ancestor | None:
        """Return a pair of conversation and instruction."""
        found = self._find(PAIRS, ident)
        return self._pair_of(found) if found else None

    def _pair_of(self, found: Found) -> Ancestor:
        """Return a pair, or what a row of the test set says of its own."""
        row = found.row
        facts: Json = {"scene": row["scene"], "source": row["source"], "role": row["role"], "form": row["ask"]["kind"]}
        facts |= {key: row[key] for key in ("reserve", "cut") if row.get(key)}
        parents = (self.instruction(row["instruction"]), self.dialogue(row["dialogue"]))
        return self._ancestor("pair", found, facts, *parents, ident=str(row.get("pair", row["id"])))

    def instruction(self, ident: str, seen: frozenset[str] = frozenset()) -> Ancestor | None:
        """Return an instruction with the ones it was rewritten from, back to the seed."""
        stored = [path for path in self.files.names("data/test") if path.endswith("/instructions.jsonl")]
        for path in (*INSTRUCTIONS, *stored):
            if found := self._find(path, ident):
                row = found.row
                older = [each for each in row.get("parents", ()) if each not in seen | {ident}]
                parents = [self.dialogue(each) or self.instruction(each, seen | {ident}) for each in older]
                return self._ancestor(
                    "instruction", found, _asked(row), *self.decisions(ident), *self._entry(row), *parents
                )
        return self._reply(ident)

    def _entry(self, row: Json) -> list[Ancestor]:
        """Return the line of the pack at which a hand-written instruction begins."""
        path, line = self._pack, f"- id: {row['author']}"
        numbers = (number for number, each in enumerate(self.files.lines(path), 1) if each.strip() == line)
        if row.get("origin") != "pack" or not (number := next(numbers, 0)):
            return []
        return [
            Ancestor(kind="pack", id=row["author"], place=f"{path}:{number}", md5=self.files.digest(path), facts={})
        ]

    def _reply(self, ident: str) -> Ancestor | None:
        """Return what is asked for real replies, which is in no library, only in the pack."""
        pack = YAML(typ="safe").load("".join(self.files.lines(self._pack))) or {}
        for item in pack.get("replies", ()):
            if content_id(item["language"], item["task"], item["text"]) == ident:
                row = {**item, "author": item["id"], "origin": "pack"}
                entries = self._entry(row)
                return Ancestor(kind="instruction", id=ident, facts=_asked(row), parents=tuple(entries))
        return None

    @property
    def _pack(self) -> str:
        return f"prompts/{self.domain}/instructions.yaml"

    def dialogue(self, ident: str) -> Ancestor | None:
        """Return a conversation: on which side it is, how much of it was replaced, and its line among the raw ones."""
        for side, path in (*DIALOGUES.items(), ("dropped at the split", MADE)):
            if found := self._find(path, ident):
                row = found.row
                said = [row.get("context", ""), *(f"{turn['speaker']}\n{turn['text']}" for turn in row["turns"])]
                replaced = Counter(match[1].lower() for text in said for match in PLACEHOLDER.finditer(text))
                facts: Json = {"side": side, "turns": len(row["turns"])}
                facts |= {key: row[key] for key in ("language", "scene", "source", "role")}
                facts |= {"placeholders": dict(sorted(replaced.items()))}
                if missed := self._find(MISSED, ident):
                    facts["marked_but_missed"] = len(missed.row["texts"])
                return self._ancestor("conversation", found, facts, *self._raw(ident))
        return None

    def _raw(self, ident: str) -> list[Ancestor]:
        """Return the line of the file that a conversation was read from; the id that it had there may be a person's, and is not told."""
        if not (found := self._find(INGESTED, ident)):
            return []
        place = f"data/raw/{self.domain}/{found.row['origin']}"
        return [Ancestor(kind="raw", id=ident, place=place, md5=self.files.digest(place.partition(":")[0]), facts={})]

    def nothing(self, ident: str) -> Ancestor:
        """Return a row that no stage kept: what it was of is in what the stage says of it."""
        for path in DROPPED.values():
            if found := self._find(path, ident):
                parents = [
                    self.dialogue(each) or self.instruction(each) or self.prompt(each)
                    for each in found.row.get("parents", ())
                ]
                return self._ancestor("dropped row", found, {}, *parents)
        raise InputError(f"row {ident}: only named by others; its file is not there, so run `dvc repro` or `dvc pull`")

    def dropped(self, ident: str) -> list[Json]:
        """Return at which stages the row was dropped, and why; how often, where a row of theirs has the id of what it is of."""
        drops = []
        for stage, path in DROPPED.items():
            rows = [each.row for each in self._all(path, ident)]
            for (reason, detail), times in Counter((row["reason"], row.get("detail", "")) for row in rows).items():
                told = {"stage": stage, "reason": reason} | ({"detail": detail} if detail else {})
                drops.append(told | ({"times": times} if times > 1 else {}))
        return drops

    def _find(self, path: str, ident: str, *, last: bool = False) -> Found | None:
        """Return the first row with this id, or the last one, which holds where people write."""
        rows = self._all(path, ident)
        return next(iter(deque(rows, maxlen=1)), None) if last else next(rows, None)

    def _all(self, path: str, ident: str) -> Iterator[Found]:
        for number, line in enumerate(self.files.lines(path), 1):
            if ident in line and (row := json.loads(line)).get("id") == ident:
                yield Found(path, number, row)

    def _ancestor(self, kind: str, found: Found, facts: Json, *parents: Ancestor | None, ident: str = "") -> Ancestor:
        return Ancestor(
            kind=kind,
            id=ident or found.row["id"],
            place=f"{found.path}:{found.number}",
            md5=self.files.digest(found.path),
            facts=facts,
            parents=tuple(parent for parent in parents if parent),
        )


def _asked(row: Json) -> Json:
    """Return what is told of an instruction."""
    told = {key: row[key] for key in ("task", "requirement", "origin", "operator", "author") if row.get(key)}
    return told | {"generation": row.get("generation", 0), "text": row["text"]}
