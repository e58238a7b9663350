"""Where a row comes from: its label, the decisions about it, its prompt, its pair, its instruction back to the seed, its conversation."""

from collections import Counter

from stages.cli.lineage.ids import identified
from stages.cli.lineage.rows import (
    ASSEMBLED,
    COMMUNITIES,
    DROPPED,
    ENHANCED,
    LABELS,
    PAIRS,
    PREDICTED,
    QUALITIES,
    REPLIES,
    TESTED,
    TRAINING,
    Ancestor,
    Files,
    Found,
    Json,
)
from stages.cli.lineage.sources import Sources
from stages.core.errors import InputError
from stages.core.row import content_id


def ancestry(files: Files, name: str, domain: str) -> Ancestor:
    """Return the row that `name` calls with all that it comes from; what it was found as is the root's kind.

    `name` is an id, the beginning of one, or the number from 1 of a training row; `domain` names the pack and the folder of raw
    conversations. InputError where there is none, or more than one.
    """
    return Tracer(files, domain).trace(identified(files, name))


class Tracer(Sources):
    """Follows rows through the files of one revision."""

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
        if not (found := self.find(TRAINING, ident)):
            return None
        row = found.row
        facts: Json = {key: row.get(key) for key in ("task", "format", "language", "quality", "origin", "author")}
        if place := self.find(COMMUNITIES, ident):
            facts["community"] = {key: place.row.get(key) for key in ("community", "center", "size")}
        return self.ancestor("training row", found, facts, self.label(ident))

    def label(self, ident: str) -> Ancestor | None:
        """Return a labelled row, of the training or of the test side, with who says what of its answer."""
        for path, kind in ((LABELS, "label"), (TESTED, "test row")):
            if found := self.find(path, ident):
                row = found.row
                facts: Json = {key: row.get(key) for key in ("task", "language", "origin", "author")}
                facts |= {"form": row["ask"]["kind"], "answer": content_id(row["answer"]), **self._quality(ident)}
                if predicted := self._predicted(ident):
                    facts["predicted"] = predicted
                given = self.provided(ident) if row.get("origin") == "provided" else []
                parents = (*self.decisions(ident, content_id(row["answer"])), *given, self.prompt(row["prompt"], ident))
                return self.ancestor(kind, found, facts, *parents)
        return None

    def _quality(self, ident: str) -> Json:
        found = self.find(QUALITIES, ident)
        if not found:
            return {}
        row = found.row
        return {"quality": row["quality"], "by": row.get("reviewer") or row["layer"], "flags": row.get("flags", [])} | (
            {"score": row["score"]} if row.get("score") is not None else {}
        )

    def _predicted(self, ident: str) -> list[str]:
        paths = (path for path in self.files.names(PREDICTED) if path.endswith(".jsonl"))
        return [found.path for path in paths if (found := self.find(path, ident))]

    def provided(self, ident: str) -> list[Ancestor]:
        """Return where a provided answer was taken from, by stage label's rule: what people wrote, or else the conversation itself."""
        stored = [path for path in self.files.names(f"data/test/{self.domain}") if path.endswith("/references.jsonl")]
        replies = [self.ancestor("real reply", each, _by(each.row)) for each in self.all(REPLIES, ident)]
        own = self.written(ident) or replies[:1]
        kept = (self.find(path, ident) for path in stored)
        return own or [self.ancestor("provided answer", each, _by(each.row)) for each in kept if each][:1]

    def prompt(self, ident: str, pair: str = "") -> Ancestor | None:
        """Return a prompt with its parts: which wording each is, and the hash of its text."""
        stored = [path for path in self.files.names("data/test") if path.endswith("/prompts.jsonl")]
        for path in (ENHANCED, ASSEMBLED, *stored):
            found = self.find(path, ident)
            if not found:
                continue
            row = found.row
            parts = [
                {"kind": part["kind"], "template": part["template"], "text": content_id(part["text"])}
                for part in row["parts"]
            ]
            facts = {key: row[key] for key in ("layout", "method", "note", "author") if row.get(key)} | {"parts": parts}
            before = [self.find(ASSEMBLED, parent) for parent in row.get("parents", ()) if path == ENHANCED]
            sources = [
                self.ancestor("assembled prompt", each, {"layout": each.row["layout"]})
                for each in before
                if each and each.row["id"] != ident
            ]
            whole = self.pair(pair or str(row["pair"])) or self._pair_of(found)
            return self.ancestor("prompt", found, facts, *sources, whole)
        return None

    def pair(self, ident: str) -> Ancestor | None:
        """Return a pair of conversation and instruction."""
        found = self.find(PAIRS, ident)
        return self._pair_of(found) if found else None

    def _pair_of(self, found: Found) -> Ancestor:
        """Return a pair, or what a row of the test set says of its own."""
        row = found.row
        facts: Json = {"scene": row["scene"], "source": row["source"], "role": row["role"], "form": row["ask"]["kind"]}
        facts |= {key: row[key] for key in ("reserve", "cut") if row.get(key)}
        parents = (self.instruction(row["instruction"]), self.dialogue(row["dialogue"]))
        return self.ancestor("pair", found, facts, *parents, ident=str(row.get("pair", row["id"])))

    def nothing(self, ident: str) -> Ancestor:
        """Return a row that no stage kept: what it was of is in what the stage says of it."""
        for path in DROPPED.values():
            if found := self.find(path, ident):
                parents = [
                    self.dialogue(each) or self.instruction(each) or self.prompt(each)
                    for each in found.row.get("parents", ())
                ]
                return self.ancestor("dropped row", found, {}, *parents)
        raise InputError(f"row {ident}: only named by others; its file is not there, so run `dvc repro` or `dvc pull`")

    def dropped(self, ident: str) -> list[Json]:
        """Return at which stages the row was dropped, and why; how often, where a row of theirs has the id of what it is of."""
        drops = []
        for stage, path in DROPPED.items():
            rows = [each.row for each in self.all(path, ident)]
            for (reason, detail), times in Counter((row["reason"], row.get("detail", "")) for row in rows).items():
                told = {"stage": stage, "reason": reason} | ({"detail": detail} if detail else {})
                drops.append(told | ({"times": times} if times > 1 else {}))
        return drops


def _by(row: Json) -> Json:
    return {key: row.get(key) for key in ("author", "checked") if row.get(key)}
