"""What ingest would make of a file, and a map for one that it cannot read; no words of a conversation are shown."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from stages.core import params, yaml_files
from stages.core.dropped import Dropped
from stages.core.errors import InputError
from stages.dialogues.formats import detect, proposal
from stages.dialogues.formats.conversation import Raw, ReadResult, Unreadable
from stages.dialogues.formats.field_map import Conversations, FieldMap, Forms, read_forms
from stages.dialogues.ingest import Ingest, ingest
from stages.library.domain_pack import Domain
from stages.reporting.counted import counted
from stages.rows.dialogue import Dialogue

SHOWN = 5  # reasons that are listed
MOST, LONGEST = 20, 40  # speakers that are listed, characters of one


def look(path: Path, root: Path = Path()) -> Iterator[str]:
    """Yield lines about a file, or each file of a folder, as the domain of params.yaml reads it; InputError where nothing is there."""
    if not path.exists():
        raise InputError(f"{path}: not there; give a file of conversations, or a folder of them")
    pack = root / "prompts" / params.value("domain", str)
    forms, domain = read_forms(pack), yaml_files.load(pack / "domain.yaml", Domain)
    for file in detect.files(path) if path.is_dir() else [path]:
        yield from _file(file, forms, domain)


def _file(path: Path, forms: Forms, domain: Domain) -> Iterator[str]:
    yield f"{path}"
    try:
        reading = detect.read(path, forms)
    except detect.UnknownFormatError:
        yield f"  format: none of those that are known ({detect.understood()})"
        yield from (f"  {line}" for line in _proposed(path, forms))
        return
    except InputError as error:
        yield f"  {str(error).removeprefix(f'{path}: ')}"
        return
    settings = Ingest.load().model_copy(update={"max_bad_rows": len(reading.results)})
    mended = Counter[str]()
    outcomes = list(ingest(((path.name, found) for found in reading.records), settings, domain, mended=mended))
    kept = [row for row in outcomes if isinstance(row, Dialogue)]
    yield f"  format: {reading.form}"
    yield f"  conversations: {len(reading.results)}, of which {len(kept)} are kept"
    yield from _described(kept)
    if +mended:
        yield f"  mended: {_counts(+mended)}"
    dropped = [row for row in outcomes if isinstance(row, Dropped)]
    if dropped:
        yield f"  dropped: {_counts(Counter(row.reason.value for row in dropped))}"
        for (reason, detail), rows in Counter((row.reason, row.detail) for row in dropped).most_common(SHOWN):
            place = next(row.id for row in dropped if (row.reason, row.detail) == (reason, detail))
            yield f"    {reason} {rows}: {place}" + (f" ({detail})" if detail else "")
    yield from (f"  {line}" for line in _strangers(reading.results))


def _described(rows: list[Dialogue]) -> Iterator[str]:
    turns = Counter[str](turn.party for row in rows for turn in row.turns)
    if rows:
        yield f"  turns: {turns.total()} ({_counts(turns)})"
        for field in ("language", "scene", "source", "role"):
            yield f"  {field}: {_counts(Counter(getattr(row, field) for row in rows))}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _proposed(path: Path, forms: Forms) -> Iterator[str]:
    """Yield a map for the file, as YAML to be put into conversations.yaml, and what it would read; or that none is found."""
    try:
        source = detect.source_of(path)
        form = proposal.propose(source)
    except InputError:
        return
    if form is None:
        yield "no turns with who speaks were found in it; convert it to one of these, or write a map of your own (docs/formats.md)"
        return
    made = Forms(Conversations(maps=(form,)))
    made.parties = forms.parties
    yield "proposed for `maps` in the pack's conversations.yaml; look whether each key is what it is taken for:"
    yield from ("  " + line for line in _yaml(form))
    try:
        results = detect.read(path, made).results
    except InputError as error:
        yield f"with it: {error}"
        return
    yield f"with it: {counted(len(results), 'conversation')}, {sum(isinstance(item, Raw) for item in results)} of them readable"
    for detail, count in Counter(item.detail for item in results if isinstance(item, Unreadable)).most_common(SHOWN):
        yield f"  {count}: {detail}"
    yield from _strangers(results)


def _strangers(results: Iterable[ReadResult]) -> Iterator[str]:
    """Yield who speaks and is in no table, by how many conversations they are in; what is too long for a name is not shown."""
    found = Counter(name for item in results if isinstance(item, Unreadable) for name in item.names)
    names = [name for name, _ in found.most_common(MOST) if 0 < len(name) <= LONGEST]
    if names:
        yield f"in no table: {', '.join(names)}"


def _yaml(form: FieldMap) -> list[str]:
    values = {
        key: value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value
        for key, value in form.model_dump(mode="json", exclude_defaults=True).items()
    }
    writer, text = YAML(), StringIO()
    writer.dump([values], text)
    return text.getvalue().rstrip().split("\n")
