"""What the given files hold: conversations, how they are written, in which languages, and what they say of scenes, sources and roles."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

from stages.cli.new_domain.pack_draft import TODO
from stages.core.errors import InputError
from stages.core.row import Language
from stages.dialogues.formats import detect, proposal
from stages.dialogues.formats.conversation import Raw, ReadResult, Unreadable
from stages.dialogues.formats.field_map import Conversations, FieldMap, Forms
from stages.dialogues.ingest import Defaults, Ingest, ingest
from stages.library.domain_pack import Domain
from stages.rows.dialogue import Dialogue

MOST_NAMES, LONGEST_NAME = 20, 40  # speakers that are named, characters of one
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Material(NamedTuple):
    """The files, and what they hold; `said` are the values that records carry, by field and in how many of them."""

    files: tuple[Path, ...]
    formats: Counter[str]
    dialogues: tuple[Dialogue, ...]
    said: dict[str, Counter[str]]
    spoken: tuple[bool, ...]
    maps: tuple[FieldMap, ...]
    strangers: tuple[str, ...]
    """Who speaks and is in no table: people's names, for a terminal and for no file."""
    lost: Counter[str]
    groups: dict[str, str]
    """What conversations share with others, a customer or case, as the records say it; by origin. A dialogue has a hash of it."""
    heard: dict[str, bool]
    """Whether a conversation is a recording of talk, where that is all its file tells of its source; by origin."""

    @property
    def languages(self) -> tuple[Language, ...]:
        """Those of the conversations, English first."""
        found = {row.language for row in self.dialogues}
        return tuple(language for language in LANGUAGES if language in found)

    @property
    def main(self) -> Language:
        """The language of most conversations."""
        counts = Counter[Language](row.language for row in self.dialogues)
        return max(LANGUAGES, key=lambda language: counts[language])

    def ids(self, field: str) -> tuple[str, ...]:
        """Return the values of a field, the commonest first."""
        return tuple(name for name, _ in self.said.get(field, Counter()).most_common())


def files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files that `paths` name, those of a folder by name; a path that is not there is an InputError."""
    found = list[Path]()
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: not there; expected a file of conversations or a folder of them")
        found += detect.files(path) if path.is_dir() else [path]
    if twice := sorted(name for name, count in Counter(path.name for path in found).items() if count > 1):
        raise InputError(
            f"{', '.join(twice)}: there are two files of this name; rename one, as they are copied together"
        )
    return tuple(found)


def read(paths: Sequence[Path]) -> Material:
    """Read the files by the shipped maps, or by proposed ones where none fits; what no map fits is an InputError."""
    forms, maps, formats = Forms(), list[FieldMap](), Counter[str]()
    results = list[tuple[str, ReadResult]]()
    for path in paths:
        try:
            reading = detect.read(path, forms)
        except detect.UnknownFormatError:
            if (form := proposal.propose(detect.source_of(path))) is None:
                raise
            maps.append(form)
            forms = Forms(Conversations(maps=tuple(maps)))
            reading = detect.read(path, forms)
        formats[reading.form] += len(reading.results)
        results += [(path.name, result) for result in reading.results]
    said = _said(result for _, result in results if isinstance(result, Raw))
    rows = list(ingest(results, _settings(said, len(results)), _domain(said)))
    kept = tuple(row for row in rows if isinstance(row, Dialogue))
    raws = {
        row.origin: raw
        for row, (_, raw) in zip(rows, results, strict=True)
        if isinstance(row, Dialogue) and isinstance(raw, Raw)
    }
    return Material(
        files=tuple(paths),
        formats=formats,
        dialogues=kept,
        said=said,
        spoken=tuple(sorted({bool(raw.spoken) for _, raw in results if isinstance(raw, Raw) and raw.source is None})),
        maps=tuple(maps),
        strangers=tuple(_strangers(result for _, result in results)),
        groups={origin: raw.group for origin, raw in raws.items() if raw.group},
        heard={origin: raw.spoken for origin, raw in raws.items() if raw.source is None and raw.spoken is not None},
        lost=Counter(row.reason.value for row in rows if not isinstance(row, Dialogue)),
    )


def _said(raws: Iterable[Raw]) -> dict[str, Counter[str]]:
    said = {field: Counter[str]() for field in ("scene", "source", "role")}
    for raw in raws:
        for field, counts in said.items():
            if value := getattr(raw, field):
                counts[value] += 1
    return said


def _domain(said: dict[str, Counter[str]]) -> Domain:
    """Return a domain in which every value that a record carries is known, and TODO is."""
    ids = {field: [*counts, TODO] for field, counts in said.items()}
    text = {"en": TODO}
    return Domain.model_validate(
        {
            "name": TODO,
            "title": text,
            "scenes": [{"id": key, "weight": 1, "name": text, "description": text} for key in ids["scene"]],
            "sources": [{"id": key, "spoken": False, "name": text} for key in ids["source"]],
            "roles": [{"id": key, "scenes": ids["scene"], "name": text, "description": text} for key in ids["role"]],
        },
        strict=False,
    )


def _settings(said: dict[str, Counter[str]], records: int) -> Ingest:
    defaults = Defaults(scene=TODO, source=TODO, role=TODO, language=Ingest.load().defaults.language)
    return Ingest.load().model_copy(update={"defaults": defaults, "max_bad_rows": records})


def _strangers(results: Iterable[ReadResult]) -> Iterator[str]:
    """Yield who speaks and is in no table, by how many conversations they are in; what is too long for a name is left out."""
    found = Counter(name for item in results if isinstance(item, Unreadable) for name in item.names)
    names = (name for name, _ in found.most_common(MOST_NAMES))
    yield from (name for name in names if 0 < len(name) <= LONGEST_NAME)
