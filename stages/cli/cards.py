"""The data cards: their tables are counted from the data, and compared or written, never kept by hand."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from stages.cli import composition, test_set_tables
from stages.cli.composition import CountTable
from stages.cli.marked_sections import MarkedFile
from stages.cli.test_version import TEST, StoredVersion, versions
from stages.core import jsonl, yaml_files
from stages.dialogues.anonymize import Anonymize, anonymize
from stages.dialogues.formats import detect
from stages.dialogues.formats.field_map import Forms, read_forms
from stages.dialogues.ingest import Ingest, ingest
from stages.library.domain_pack import Domain, Tasks
from stages.pii.corrections import Correction
from stages.pii.gold import Marked, by_dialogue
from stages.reporting.counted import counted
from stages.reviews import journal
from stages.reviews.settlement import grouped
from stages.rows.dialogue import Dialogue, HeldOut
from stages.rows.sample import LabeledSample
from stages.samples.selection.data_card import table
from stages.samples.testset import testset

RAW, PROMPTS, CORRECTIONS = Path("data/raw"), Path("prompts"), Path("data/review/personal.jsonl")
CARD = "README.md"
FIX = "run `dial-insight cards --fix`"


class TestRows(NamedTuple):
    """A version of the test set: what is stored, and its rows that have a reference answer."""

    stored: StoredVersion
    rows: list[LabeledSample]


class Holdings(NamedTuple):
    """What the repository holds of a domain, with every version of its test set."""

    domain: Domain
    tasks: Tasks
    dialogues: list[Dialogue]
    marks: list[Marked]
    held_out: list[Dialogue]
    tests: list[TestRows]


def holdings(name: str) -> Holdings:
    """Read a domain's conversations, and make its test rows as the graph does; no model takes part."""
    pack = PROMPTS / name
    domain, tasks = yaml_files.load(pack / "domain.yaml", Domain), yaml_files.load(pack / "tasks.yaml", Tasks)
    dialogues, marks = _recorded(name, domain)
    planted = [mark for mark in marks if mark.field == "text"]
    tested = _test_dialogues(name, domain, dialogues, marks)
    tests = [test_rows(StoredVersion.read(folder), tested) for folder in versions(name)]
    return Holdings(domain, tasks, dialogues, planted, tested, tests)


def _dialogues(folder: Path, domain: Domain, forms: Forms, named: Mapping[str, HeldOut]) -> Iterator[Dialogue]:
    records = (
        (path.relative_to(folder).as_posix(), item)
        for path in detect.files(folder)
        for item in detect.read(path, forms).results
    )
    tested = {row.id: row.key for row in named.values()}
    return (row for row in ingest(records, Ingest.load(), domain, tested) if isinstance(row, Dialogue))


def held_out(name: str) -> list[Dialogue]:
    """Return a domain's held-out conversations, anonymized, as the graph has them."""
    domain = yaml_files.load(PROMPTS / name / "domain.yaml", Domain)
    return _test_dialogues(name, domain, *_recorded(name, domain))


def _recorded(name: str, domain: Domain) -> tuple[list[Dialogue], list[Marked]]:
    """Return a domain's conversations as they are in data/raw, and the marks of their personal data."""
    dialogues = list(_dialogues(RAW / name, domain, read_forms(PROMPTS / name), _named(name)))
    keys = {row.key for row in dialogues}
    return dialogues, [mark for mark in jsonl.read(RAW / "pii_gold.jsonl", Marked) if mark.dialogue in keys]


def _named(name: str) -> dict[str, HeldOut]:
    return jsonl.by_id(TEST / name / "dialogues.jsonl", HeldOut)


def _test_dialogues(
    name: str, domain: Domain, dialogues: Sequence[Dialogue], marks: Sequence[Marked]
) -> list[Dialogue]:
    ids, corrections = _named(name), grouped(journal.history(CORRECTIONS, Correction))
    tested, places = [row for row in dialogues if row.id in ids], domain.places.get("zh", ())
    masked = anonymize(tested, Anonymize.load(), ids, by_dialogue(marks), places, corrections)
    return [row.dialogue for row in masked]


def test_rows(stored: StoredVersion, held_out: Sequence[Dialogue]) -> TestRows:
    """Return a version's rows with their references, as stage testset makes them; a row's instruction must be stored too."""
    outcomes = testset(stored.prompts, {row.id: row for row in held_out}, stored.references)
    rows = [row for row in outcomes if isinstance(row, LabeledSample)]
    stored.check_asked(rows)
    return TestRows(stored, rows)


def domains() -> list[str]:
    """Return the domains that have a pack, by name."""
    return sorted(path.parent.name for path in PROMPTS.glob("*/domain.yaml") if (RAW / path.parent.name).is_dir())


def tables(by_domain: dict[str, Holdings]) -> Iterator[tuple[Path, str, str]]:
    """Yield each marked stretch of the cards: the card, the stretch's name, and the tables that belong there."""
    for name, held in by_domain.items():
        yield RAW / CARD, name, shown(composition.corpus(held.dialogues, held.marks, held.domain))
        for test in held.tests:
            if test.rows:
                stood_on = {row.dialogue for row in test.rows}
                dialogues = [row for row in held.held_out if row.id in stood_on]
                made = composition.test_set(test.rows, dialogues, held.tasks, held.domain)
                further = test_set_tables.tables(test.rows, test.stored)
                yield TEST / CARD, f"{name} {test.stored.name}", shown([*made, *further])


def shown(count_tables: Sequence[CountTable]) -> str:
    """Return tables as Markdown, a blank line between them."""
    return "\n\n".join(table(each.header, each.rows) for each in count_tables)


def faults(by_domain: dict[str, Holdings]) -> Iterator[str]:
    """Yield the first line of each marked stretch that is not what the data holds."""
    for path, name, wanted in tables(by_domain):
        card = MarkedFile(path)
        have, want = card.stretch(name).splitlines(), wanted.splitlines()
        if have != want:
            same = next(
                (n for n, pair in enumerate(zip(have, want, strict=False)) if pair[0] != pair[1]),
                min(len(have), len(want)),
            )
            yield f"{path}:{card.line(name) + same}: the tables of {name} are not what the data holds; {FIX}"


def fix(by_domain: dict[str, Holdings]) -> list[Path]:
    """Write the tables; return the cards that changed."""
    changed = dict[Path, None]()
    for path, name, wanted in tables(by_domain):
        card = MarkedFile(path)
        if card.stretch(name) != wanted:
            card.put(name, wanted)
            card.write()
            changed[path] = None
    return list(changed)


def summary(by_domain: dict[str, Holdings]) -> Iterator[str]:
    """Yield the counts of each domain on one line, and those of its test set on another."""
    for name, held in by_domain.items():
        filled, possible = composition.cells(held.dialogues, held.domain)
        turns = [len(row.turns) for row in held.dialogues]
        kinds = composition.by_language("", ((mark.kind, "en") for mark in held.marks)).rows
        yield (
            f"{name}: {_languages(held.dialogues)}, {min(turns, default=0)} to {max(turns, default=0)} turns, {filled} of {possible} cells of "
            f"scene × source × role; {counted(len(held.marks), 'span')} of personal data ({', '.join(f'{row[0]} {row[-1]}' for row in kinds[:-1])})"
        )
        for stored, rows in held.tests:
            if rows:
                yield (
                    f"{name}, test set {stored.name}: {counted(len(rows), 'row')} over {_languages(held.held_out)} held out, "
                    f"{len({(row.dialogue, row.instruction) for row in rows})} distinct dialogues × asks, "
                    f"{counted(len({row.task for row in rows}), 'task')}, {counted(len({row.ask.kind for row in rows}), 'format')}"
                )
                yield from (f"warning: {name}, {line}" for line in test_set_tables.unbalanced(rows, stored))


def _languages(rows: Sequence[Dialogue]) -> str:
    each = (f"{sum(row.language == key for row in rows)} {name}" for key, name in composition.LANGUAGES.items())
    return f"{counted(len(rows), 'dialogue')} ({', '.join(each)})"
