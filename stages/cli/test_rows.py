"""Writing rows of a test set by hand: who writes says which conversation is asked what, in which form, and the answer with its facts.

A file of instructions, then files of rows; ids, marks and the words of the prompts are made here. Nothing is stored while anything
in a file is wrong. docs/test-set.md describes both files.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from stages.cli import cards, test_set_check
from stages.cli import pack_check as agreement
from stages.cli.test_version import INSTRUCTIONS, PROMPTS, REFERENCES, TEST, StoredVersion
from stages.core import jsonl, yaml_files
from stages.core.errors import InputError
from stages.core.row import Language, Record
from stages.library.domain_pack import Formats
from stages.prompting.assemble import Assemble, assemble
from stages.prompting.splicing import PromptParts
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import FormatKind, Instruction, KnowledgeKind
from stages.rows.pair import Pair
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample, Reference
from stages.rows.statement import Statement
from stages.samples.provided import provided
from stages.samples.sample import SamplingPack, fitting, pair
from stages.samples.spliced import spliced
from stages.text import tokenizers

MAX_TOKENS = 1600  # of a drawn conversation with its instruction, and of a prompt without its conversation
LONGEST = 4500  # tokens of a conversation that a written row may be about: all shipped ones
WORDINGS = Assemble(brief=1.0, templates=0, max_tokens=MAX_TOKENS, seed=7)


class WrittenInstruction(Record):
    """An instruction as somebody writes it; rows call it by its `key`."""

    key: str = Field(min_length=1, max_length=64)
    language: Language
    task: str
    requirement: str
    text: str
    scenes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    formats: tuple[FormatKind, ...] = Field(min_length=1)
    knowledge: tuple[KnowledgeKind, ...] = ()
    author: str = "dial-insight"


class WrittenRow(Record):
    """A row as somebody writes it: a held-out conversation by its key, an instruction by its key, or both by their ids."""

    dialogue: str
    instruction: str
    form: FormatKind
    answer: str
    author: str
    checked: str = ""
    facts: tuple[Statement, ...] = ()
    wrong: tuple[Statement, ...] = ()


class Taken(NamedTuple):
    """What has become of a file: the file that has it now, how many were added, replaced and are there, or what is wrong with it."""

    path: Path
    added: int
    replaced: int
    there: int
    faults: list[str]


def take_instructions(source: Path, folder: Path, pack: Path) -> Taken:
    """Store the instructions of `source` in a version's `folder`, with ids and the marks of requirements that `pack` holds out.

    One that has the key of a stored one, or its language, task and text, takes its place, unless rows are stored that ask it.
    """
    before, target = StoredVersion.read(folder), folder / INSTRUCTIONS
    parts, formats = SamplingPack.read(pack), yaml_files.load(pack / "formats.yaml", Formats)
    new = [_instruction(row, parts) for row in jsonl.read(source, WrittenInstruction)]
    keys, ids = [row.key for row in new], {row.id: row.key for row in new}
    asked = {row.instruction for row in before.prompts}
    faults = [f"key {key} is there twice; give each its own" for key in sorted({k for k in keys if keys.count(k) > 1})]
    faults += agreement.unknown_references(new, parts.domain, parts.tasks, formats)
    gone = [row for row in before.instructions.values() if (row.key in keys or row.id in ids) and row not in new]
    faults += [_still_asked(row, ids) for row in gone if row.id in asked]
    kept = {row.id: row for row in before.instructions.values() if row not in gone}
    whole = kept | {row.id: row for row in new}
    if not faults:
        jsonl.write(target, whole.values())
    instead = {row.id for row in new if row.key in {old.key for old in gone}}
    added = len(ids.keys() - before.instructions.keys() - instead)
    return Taken(target, added, len(gone), len(whole), [f"{source}: {line}" for line in faults])


def _still_asked(row: Instruction, ids: Mapping[str, str]) -> str:
    """Return why a stored instruction cannot go; `ids` are those of the new ones, with their keys."""
    if row.id not in ids:
        return f"{row.key} is stored with another text, and rows ask it; take another key"
    return (
        f"{ids[row.id]} has the language, task and text of the stored {row.key or row.id}, which rows ask, and differs from it; "
        "take it out, or give it another text and key"
    )


def _instruction(row: WrittenInstruction, pack: SamplingPack) -> Instruction:
    unseen = (row.task, row.requirement) in pack.tasks.held_out
    return Instruction.new(**row.model_dump(), origin="reviewer", unseen=unseen)


def take_rows(
    source: Path, folder: Path, pack: Path, held_out: Sequence[Dialogue], *, check_only: bool = False
) -> Taken:
    """Store the rows of `source` in a version's `folder`: a prompt for each, and its reference.

    A row that is there keeps its prompt, and gets this reference.
    """
    before, parts = StoredVersion.read(folder), SamplingPack.read(pack)
    talks = {name: row for row in held_out for name in (row.id, row.key)}
    named = {name: row for row in before.instructions.values() for name in (row.id, row.key) if name}
    written = {line.number: line.checked(WrittenRow) for line in jsonl.lines(source, WrittenRow)}
    pairs, faults = dict[str, tuple[int, Pair]](), list[str]()
    for number, row in written.items():
        found = _paired(row, talks, named, parts)
        if isinstance(found, Pair) and found.id in pairs:
            found = f"is line {pairs[found.id][0]} once more; take one out"
        if isinstance(found, str):
            faults.append(f"{_place(source, number, row)} {found}")
        else:
            pairs[found.id] = number, found
    prompts = _prompts([found for _, found in pairs.values()], before, pack, held_out)
    references = {key: _reference(key, written[number]) for key, (number, _) in pairs.items()}
    for key, (number, _) in pairs.items():
        sample = provided(spliced(prompts[key], talks[prompts[key].dialogue]), references[key])
        lines = ["has no answer; write one"]
        if isinstance(sample, LabeledSample):
            lines = [*_length(sample), *test_set_check.row_faults(sample, references[key])]
        faults += [f"{_place(source, number, written[number])} {line}" for line in lines]
    old = {row.pair for row in before.prompts}
    if not faults and not check_only:
        jsonl.write(folder / PROMPTS, chain(before.prompts, (prompts[key] for key in pairs if key not in old)))
        jsonl.write(folder / REFERENCES, (dict(before.references) | references).values())
    added = len(pairs.keys() - old)
    return Taken(folder / PROMPTS, added, len(pairs) - added, len(old) + added, faults)


def _place(source: Path, number: int, row: WrittenRow) -> str:
    return f"{source}:{number}: {row.dialogue} × {row.instruction}"


def _paired(
    row: WrittenRow, talks: Mapping[str, Dialogue], named: Mapping[str, Instruction], pack: SamplingPack
) -> Pair | str:
    """Return the pair that a row means, or why it is none."""
    talk, asked = talks.get(row.dialogue), named.get(row.instruction)
    if talk is None:
        return "names no held-out conversation; `dial-insight testset talks` lists them"
    if asked is None:
        return "names no stored instruction; store it with `dial-insight testset instructions`"
    if row.form not in asked.formats:
        return f"wants the form {row.form}; the instruction allows {', '.join(asked.formats)}"
    for each in fitting([talk], [asked], pack):
        if each.ask.kind == row.form:
            return pair(talk, each)
    return (
        f"does not fit: the instruction is for {asked.language}, scenes {', '.join(asked.scenes) or 'any'}, roles "
        f"{', '.join(asked.roles) or 'any'}, knowledge {', '.join(asked.knowledge) or 'none'}; the conversation is "
        f"{talk.language}, {talk.scene}, {talk.role}"
    )


def _prompts(
    pairs: Sequence[Pair], before: StoredVersion, pack: Path, held_out: Sequence[Dialogue]
) -> Mapping[str, Prompt]:
    stored = {row.pair: row for row in before.prompts}
    contexts = {row.id: row.context for row in held_out if row.context}
    new = [row for row in pairs if row.id not in stored]
    made = assemble(new, before.instructions.values(), PromptParts.read(pack), WORDINGS, contexts)
    return stored | {row.pair: row for row in made}


def _reference(key: str, row: WrittenRow) -> Reference:
    shared = row.model_dump(include={"author", "checked", "facts", "wrong"})
    return Reference(id=key, answer=row.answer.strip(), **shared)


def _length(row: LabeledSample) -> Iterator[str]:
    (count,) = tokenizers.lengths([row.conversation], tokenizers.QWEN)
    if count > LONGEST:
        yield f"has a conversation of {count} tokens; take one of at most {LONGEST}"


def talks(domain: str, names: Sequence[str], language: Language | None) -> Iterator[str]:
    """Yield the held-out conversations as they are asked about, each behind its key; of those `names`, or all of a language.

    InputError for a name that none of them has.
    """
    rows = [row for row in cards.held_out(domain) if language in (None, row.language)]
    known = {name for row in rows for name in (row.key, row.id)}
    if unknown := [name for name in names if name not in known]:
        here = f"{TEST / domain / 'dialogues.jsonl'}: " + (f"in {language}, " if language else "")
        raise InputError(
            f"{here}no held-out conversation has the key or id {', '.join(unknown)}; dial-insight testset talks lists them all"
        )
    for row in sorted(rows, key=lambda row: row.key):
        if not names or row.key in names or row.id in names:
            head = f"=== {row.key} ({row.language}, {row.scene}, {row.source}, {row.role}, {len(row.turns)} turns)"
            yield "\n".join([head, *([row.context] if row.context else []), row.render(), ""])
