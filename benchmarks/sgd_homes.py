"""Schema-Guided Dialogue's Homes service as a domain of a user's own: pack, conversations, marks, labels and test rows, from the published files.

    python -m benchmarks.sgd_homes pack FOLDER      # prompts/sgd_homes, data/raw/sgd_homes, marks in data/raw/pii_gold.jsonl
    dvc repro anonymize                             # of params.yaml with domain: sgd_homes
    python -m benchmarks.sgd_homes hold             # the published dev half is held out: data/test/sgd_homes/dialogues.jsonl
    dvc repro sample
    python -m benchmarks.sgd_homes rows rows.jsonl  # what `dial-insight testset rows` takes
    python -m benchmarks.sgd_homes answers          # labels of all pairs that were drawn, data/review/answers.jsonl
    dvc repro judge
    python -m benchmarks.sgd_homes alarms           # what the rules say of these labels

Run in the root of a clone, which it writes into; docs/second-data-set.md has every command in order, and what came of it. FOLDER
holds train/ and dev/ with their dialogues_*.json as published, or train.json and dev.json, the same in one list. Labels and
references are the slots: of a value that was masked, its placeholder in the conversation as it is shown.
"""

import json
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import cycle
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import cyclopts
from ruamel.yaml import YAML

from stages.cli.test_rows import WrittenRow
from stages.core import jsonl
from stages.dialogues.formats.places import kept
from stages.evaluation.similarity.statements import states, states_at_once
from stages.pii.gold import Marked
from stages.pii.values.spans import PiiKind
from stages.rows.dialogue import Dialogue, HeldOut
from stages.rows.instruction import Instruction
from stages.rows.pair import Pair
from stages.rows.sample import Answer, LabeledSample
from stages.rows.statement import Statement
from stages.samples.rules.rules import flags
from stages.samples.verdicts import Judge

NAME, AUTHOR, SERVICE = "sgd_homes", "Schema-Guided Dialogue", "Homes_1"
PACK = Path(__file__).with_name("sgd_homes.yaml")
RAW, TEST, DIALOGUES = Path("data/raw", NAME), Path("data/test", NAME), Path("data/dialogues")
LIBRARY, PAIRS = Path("data/instructions/library.jsonl"), Path("data/samples/pairs.jsonl")
LABELS = Path("data/labels/train.jsonl")
MARKS, ANSWERS = Path("data/raw/pii_gold.jsonl"), Path("data/review/answers.jsonl")
HALVES, STORED = ("train", "dev"), ("instructions", "prompts", "references")
KINDS: Mapping[str, PiiKind] = {
    "phone_number": "phone",
    "address": "address",
    "destination": "address",  # of a ride to a visit
    "event_location": "address",  # of a visit in the calendar
}
PLACEHOLDER = re.compile(r"\[[A-Z_]+_\d+\]")
SILENT = "not stated"
ASKED = {
    "wishes": ("area", "number_of_beds", "number_of_baths", "pets_allowed", "furnished"),
    "visit": ("property_name", "visit_date"),
    "place": ("property_name", "address", "rent", "number_of_beds", "number_of_baths", "phone_number"),
}
COUNTED = {
    "number_of_beds": ("bed", "beds", "bedroom", "bedrooms"),
    "number_of_baths": ("bath", "baths", "bathroom", "bathrooms"),
}
YES = {"pets_allowed": "pets allowed", "furnished": "furnished"}

Published = Mapping[str, Any]
Values = dict[str, tuple[str, ...]]  # by slot: how the value was said, in each of its wordings
app = cyclopts.App(help=__doc__)


class Slots(NamedTuple):
    """What the annotation says of a dialogue's apartment search: its last state, and each property that was offered, by name."""

    wishes: Values
    offers: Mapping[str, Values]

    @property
    def place(self) -> Values:
        """What was said of the property that was chosen, its name among it; empty where none was."""
        name = self.wishes.get("property_name", ())
        return {**self.offers.get(name[0], {}), "property_name": name} if name else {}

    def asked(self, what: str) -> Values:
        """Return the slots that an instruction asks for."""
        given = self.place if what == "place" else self.wishes
        return {slot: given[slot] for slot in ASKED[what] if slot in given}


def slots(dialogue: Published) -> Slots:
    """Read the annotation of one dialogue."""
    wishes, offers, spoken_of = Values(), dict[str, Values](), ""
    for turn in dialogue["turns"]:
        for frame in turn["frames"]:
            if frame["service"] != SERVICE:
                continue
            wishes |= {slot: tuple(said) for slot, said in frame.get("state", {}).get("slot_values", {}).items()}
            said = {act["slot"]: tuple(act["values"]) for act in frame["actions"] if act["values"]}
            if turn["speaker"] == "SYSTEM":
                spoken_of = said.get("property_name", (spoken_of,))[0]
                offers.setdefault(spoken_of, {}).update(said)
    return Slots(wishes, offers)


def marks(dialogue: Published) -> Iterator[Marked]:
    """Yield the phone numbers and addresses of all services, wherever the annotation has their stretch."""
    for n, turn in enumerate(dialogue["turns"]):
        for span in sorted(_spans(turn), key=itemgetter("start")):
            if kind := KINDS.get(span["slot"]):
                text = turn["utterance"][span["start"] : span["exclusive_end"]]
                yield Marked(dialogue=dialogue["dialogue_id"], turn=n, text=text, kind=kind, entity=text.casefold())


def _spans(turn: Published) -> list[Mapping[str, Any]]:
    return [span for frame in turn["frames"] for span in frame["slots"]]


def shown(dialogue: Published, row: Dialogue) -> dict[str, str]:
    """Return every annotated value that is no longer shown as it was said, with what the anonymized conversation has in its place."""
    found = dict[str, str]()
    for said, turn in zip(dialogue["turns"], row.turns, strict=True):
        for span in _spans(said):
            start, end = span["start"], span["exclusive_end"]
            value, instead = said["utterance"][start:end], _slice(said["utterance"], turn.text, start, end)
            if instead != value:
                found.setdefault(value, instead)
    return found


def _slice(text: str, after: str, start: int, end: int) -> str:
    """Return what stands in `after`, which is `text` with placeholders, at these characters; a placeholder that they touch is there whole."""
    between = [re.escape(piece) for piece in PLACEHOLDER.split(after)]
    match = re.fullmatch("(.+?)".join(between), text, re.DOTALL)
    if match is None:
        return text[start:end]
    pieces, at = list[str](), start
    for n, found in enumerate(PLACEHOLDER.findall(after), 1):
        if match.start(n) < end and match.end(n) > start:
            pieces += [text[at : max(at, match.start(n))], found]
            at = match.end(n)
    return "".join([*pieces, text[at : max(at, end)]])


def answer(values: Values, what: str, masked: Mapping[str, str], conversation: str) -> str:
    """Return the JSON object that an instruction asks for; of several wordings the first that the conversation has."""
    filled = dict.fromkeys(ASKED[what], SILENT)
    for slot, said in values.items():
        wordings = [masked.get(each, each) for each in said]
        filled[slot] = next((each for each in wordings if each in conversation), wordings[0])
        if slot in YES:
            filled[slot] = "yes" if said[0] == "True" else "no"
    return json.dumps(filled, ensure_ascii=False)


def facts(values: Values, masked: Mapping[str, str], conversation: str) -> Iterator[Statement]:
    """Yield a statement for each slot that has a value: a count is one with its field or its noun beside it."""
    for slot, said in values.items():
        wordings = tuple(dict.fromkeys(masked.get(each, each) for each in said))
        if slot in COUNTED:
            wordings = (f"{slot} {said[0]}", *(f"{said[0]} {noun}" for noun in COUNTED[slot]))
        elif slot in YES:
            wordings = tuple(
                f"{YES[slot]} {word}" for word in (("yes", "true") if said[0] == "True" else ("no", "false"))
            )
        fact = Statement(says=f"{slot} is {masked.get(said[0], said[0])}", keys=(wordings,))
        yield fact.model_copy(update={"derived": not states(conversation, fact)})


def turned_down(own: Slots, masked: Mapping[str, str], reference: str) -> Iterator[Statement]:
    """Yield the name, the address and the rent of each property that was not chosen, where the reference has them for no other reason."""
    chosen, seen = own.place.get("property_name", ("",))[0], set[str]()
    for name, offer in own.offers.items():
        for slot in ("property_name", "address", "rent"):
            value = masked.get(offer[slot][0], offer[slot][0]) if slot in offer else ""
            wrong = Statement(says=f"{slot} is {value}", keys=((value,),)) if value else None
            if wrong and name != chosen and wrong.says not in seen and not states_at_once(reference, wrong):
                seen.add(wrong.says)
                yield wrong


@app.command
def pack(folder: Path, /) -> None:
    """Write the pack, copy the conversations, add the marks, and begin the test set."""
    target, version = Path("prompts", NAME), TEST / "current"
    for place in (target, RAW, version):
        place.mkdir(parents=True, exist_ok=True)
    yaml = YAML()
    parts = yaml.load(PACK.read_text(encoding="utf-8"))
    asked = "".join(json.dumps(row) + "\n" for row in parts.pop("test_instructions"))
    (TEST / "instructions.jsonl").write_text(asked, encoding="utf-8")
    for name, content in parts.items():
        yaml.dump(content, target / name)
    shutil.copy("prompts/bank_service/formats.yaml", target)
    for half in HALVES:
        text = json.dumps(_homes(folder, half), ensure_ascii=False)
        (RAW / f"{half}.json").write_text(text, encoding="utf-8")
    for empty in (TEST / "dialogues.jsonl", *(version / f"{name}.jsonl" for name in STORED)):
        empty.touch()
    published = _published(*HALVES)
    others = [row for row in jsonl.read(MARKS, Marked) if row.dialogue not in published]
    jsonl.write(MARKS, [*others, *(mark for row in published.values() for mark in marks(row))])


def _homes(folder: Path, half: str) -> list[Published]:
    """Return the dialogues of a half that the service takes part in."""
    paths = sorted((folder / half).glob("dialogues_*.json")) or [folder / f"{half}.json"]
    read = (json.loads(path.read_text(encoding="utf-8")) for path in paths)
    return [row for rows in read for row in rows if SERVICE in row["services"]]


@app.command
def hold() -> None:
    """Hold out the published dev half."""
    dev = _published("dev")
    rows = jsonl.stream(DIALOGUES / "ingested.jsonl", Dialogue)
    held_out = (HeldOut(id=row.id, key=kept(row.key)) for row in rows if row.key in dev)
    jsonl.write(TEST / "dialogues.jsonl", sorted(held_out, key=attrgetter("id")))


@app.command
def rows(target: Path, /) -> None:
    """Write a test row for each held-out dialogue about apartments alone, the three instructions in turns."""
    published = _by_id()
    talks = [
        row for row in jsonl.read(DIALOGUES / "test.jsonl", Dialogue) if published[row.id]["services"] == [SERVICE]
    ]
    jsonl.write(
        target, (written_row(row, published[row.id], what) for row, what in zip(talks, cycle(ASKED), strict=False))
    )


def written_row(row: Dialogue, published: Published, what: str) -> WrittenRow:
    """Return the test row that asks for `wishes`, `visit` or `place` of an anonymized dialogue."""
    said, masked, conversation = slots(published), shown(published, row), row.render()
    values = said.asked(what)
    reference = answer(values, what, masked, conversation)
    return WrittenRow(
        dialogue=row.id,
        instruction=what,
        form="json",
        answer=reference,
        author=AUTHOR,
        facts=tuple(facts(values, masked, conversation)),
        wrong=tuple(turned_down(said, masked, reference)) if "property_name" in values else (),
    )


@app.command
def answers() -> None:
    """Write the slots as the answer of every pair of data/samples/pairs.jsonl, beside the answers to other domains' pairs."""
    published, what = _by_id(), {row.id: row.requirement for row in jsonl.stream(LIBRARY, Instruction)}
    talks = jsonl.by_id(DIALOGUES / "train.jsonl", Dialogue)
    found = dict[str, Answer]()
    for pair in jsonl.stream(PAIRS, Pair):
        row = talks[pair.dialogue]
        raw, asked = published[row.id], what[pair.instruction]
        text = answer(slots(raw).asked(asked), asked, shown(raw, row), row.render())
        found[pair.id] = Answer(
            id=pair.id, answer=text, author=AUTHOR, dialogue=row.id, instruction=pair.instruction, form=pair.ask.kind
        )
    jsonl.write(ANSWERS, (jsonl.by_id(ANSWERS, Answer) | found).values())


@app.command
def alarms() -> None:
    """Print how many labels the rules of stage judge flag: the slots, and beside each conversation the slots of the next one."""
    rows, limits = jsonl.read(LABELS, LabeledSample), Judge.load()
    of = defaultdict[str, list[LabeledSample]](list)
    for row in rows:
        of[row.instruction].append(row)
    named = {row.id: row.requirement for row in jsonl.stream(LIBRARY, Instruction)}
    for key, group in of.items():
        others = [*group[1:], group[0]]
        swapped = [row.model_copy(update={"answer": other.answer}) for row, other in zip(group, others, strict=True)]
        for what, labels in (("its own slots", group), ("those of the next conversation", swapped)):
            raised = Counter(flag for row in labels for flag in flags(row, limits))
            flagged = sum(bool(flags(row, limits)) for row in labels)
            print(f"{named[key]}, {what}: {flagged} of {len(labels)} flagged", dict(raised))  # noqa: T201 - the result


def _published(*halves: str) -> dict[str, Published]:
    """Return the dialogues by the id that they were published with."""
    read = (json.loads((RAW / f"{half}.json").read_text(encoding="utf-8")) for half in halves)
    return {row["dialogue_id"]: row for rows in read for row in rows}


def _by_id() -> dict[str, Published]:
    """Return the dialogues by the id that they have here; once anonymized, nothing else tells which is which."""
    published = _published(*HALVES)
    return {row.id: published[row.key] for row in jsonl.stream(DIALOGUES / "ingested.jsonl", Dialogue)}


if __name__ == "__main__":
    app()
