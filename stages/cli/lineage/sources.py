"""What a row is made of in the end: instructions back to their seeds, conversations back to their files."""

import re
from collections import Counter

from stages.cli.lineage.people import People
from stages.cli.lineage.rows import DIALOGUES, INGESTED, INSTRUCTIONS, MADE, MISSED, Ancestor, Json
from stages.core import yaml_text
from stages.core.errors import InputError
from stages.core.row import content_id

PLACEHOLDER = re.compile(r"\[([A-Z_]+)_\d+\]")


class Sources(People):
    """Follows instructions and conversations."""

    def instruction(self, ident: str, seen: frozenset[str] = frozenset()) -> Ancestor | None:
        """Return an instruction with the ones it was rewritten from, back to the seed."""
        stored = [path for path in self.files.names("data/test") if path.endswith("/instructions.jsonl")]
        for path in (*INSTRUCTIONS, *stored):
            if found := self.find(path, ident):
                row = found.row
                older = [each for each in row.get("parents", ()) if each not in seen | {ident}]
                parents = [self.dialogue(each) or self.instruction(each, seen | {ident}) for each in older]
                return self.ancestor(
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
        try:
            pack = yaml_text.load("".join(self.files.lines(self._pack))) or {}
        except yaml_text.NotYaml as error:
            raise InputError(f"{self._pack}:{error.line or 1}: not YAML; mend it") from None
        for item in pack.get("replies") or ():
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
            if found := self.find(path, ident):
                row = found.row
                said = [row.get("context", ""), *(f"{turn['speaker']}\n{turn['text']}" for turn in row["turns"])]
                replaced = Counter(match[1].lower() for text in said for match in PLACEHOLDER.finditer(text))
                facts: Json = {"side": side, "turns": len(row["turns"])}
                facts |= {key: row[key] for key in ("language", "scene", "source", "role")}
                facts |= {"placeholders": dict(sorted(replaced.items()))}
                if missed := self.find(MISSED, ident):
                    facts["marked_but_missed"] = len(missed.row["texts"])
                facts |= self.corrected(ident)
                return self.ancestor("conversation", found, facts, *self._raw(ident))
        return None

    def _raw(self, ident: str) -> list[Ancestor]:
        """Return the line of the file that a conversation was read from; the id that it had there may be a person's, and is not told."""
        if not (found := self.find(INGESTED, ident)):
            return []
        place = f"data/raw/{self.domain}/{found.row['origin']}"
        return [Ancestor(kind="raw", id=ident, place=place, md5=self.files.digest(place.partition(":")[0]), facts={})]


def _asked(row: Json) -> Json:
    """Return what is told of an instruction."""
    told = {key: row[key] for key in ("task", "requirement", "origin", "operator", "author") if row.get(key)}
    return told | {"generation": row.get("generation", 0), "text": row["text"]}
