"""Read the raw conversations of a domain, whatever their format, into one data set of dialogues (§3.1)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from pydantic import Field

from stages.core import jsonl, yaml_files
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.core.params import Section, Settings
from stages.core.progress import track
from stages.core.row import Language, content_id
from stages.core.rowwise import mapped
from stages.core.stage import run
from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Found, Raw, ReadResult, Unreadable, made
from stages.dialogues.formats.field_map import Conversations, Forms
from stages.dialogues.formats.places import kept, shown, told
from stages.dialogues.language import OTHER, named, spoken_between
from stages.library.domain_pack import Domain
from stages.rows.dialogue import Dialogue, HeldOut

LANGUAGES: tuple[Language, ...] = ("en", "zh")
UNKNOWN = {
    "language": Reason.UNKNOWN_LANGUAGE,
    "scene": Reason.UNKNOWN_SCENE,
    "source": Reason.UNKNOWN_SOURCE,
    "role": Reason.UNKNOWN_ROLE,
}
BAD = {Reason.MALFORMED, Reason.DUPLICATE_ID, *UNKNOWN.values()}  # somebody should look at the file
SHOWN = 5  # places named when there are too many bad records


class Defaults(Settings):
    """What is taken for granted of conversations in a format that does not say it."""

    scene: str
    """A scene of the domain pack."""
    source: str
    """A source of the domain pack; of a recording, if this is none, the pack's first one that is spoken."""
    role: str
    """The provider's role, one of the domain pack."""
    language: Language
    """Of a text without letters, `en` or `zh`; any other text tells."""


class Ingest(Section):
    """Which raw conversations become dialogues."""

    section: ClassVar[str] = "ingest"
    min_turns: int = Field(ge=1)
    """Conversations with fewer turns are dropped: `too_few_turns`."""
    max_chars: int = Field(ge=1)
    """Conversations with more characters are dropped: `too_long`."""
    max_bad_rows: int = Field(ge=0)
    """More malformed or unknown records than this fail the stage."""
    max_dropped: float = Field(ge=0, le=1)
    """A greater share of conversations dropped, for whatever reason but duplicate, fails the stage; 1: any."""
    defaults: Defaults
    """What conversations are taken for whose format does not say it."""


def ingest(
    records: Iterable[tuple[str, Found]],
    params: Ingest,
    domain: Domain,
    held_out: Mapping[str, str] = MappingProxyType({}),
    mended: Counter[str] | None = None,
) -> Iterator[Dialogue | Dropped]:
    """Yield one outcome for each pair (file name, record), in order; too many bad records end in an InputError.

    Of records with one key or one content the first is kept, but before all others those that the test set names: `held_out`,
    from dialogue id to key. So no file that joins them takes a test dialogue's place. Records are made on all cores; what
    was mended on the way is counted in `mended`.
    """
    keys: dict[str, str] = {}
    ids: dict[str, str] = {}
    outcomes = list[Dropped | bytes]()
    for read in mapped(partial(_read, params, domain), _placed(records), named=itemgetter(0)):
        if isinstance(read.outcome, bytes) and read.id in held_out and held_out[read.id] in (read.key, kept(read.key)):
            _unless_known(_dialogue(read.outcome), keys, ids)
        outcomes.append(read.outcome)
        if mended is not None:
            mended.update(read.mended)
    bad: list[str] = []
    for each in outcomes:
        outcome = each if isinstance(each, Dropped) else _unless_known(_dialogue(each), keys, ids)
        if isinstance(outcome, Dropped) and outcome.reason in BAD:
            bad.append(f"{outcome.id} {outcome.reason}" + (f" ({outcome.detail})" if outcome.detail else ""))
        yield outcome
    if len(bad) > params.max_bad_rows:
        more = f" and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        raise InputError(
            f"{len(bad)} bad records, more than ingest.max_bad_rows ({params.max_bad_rows}): {'; '.join(bad[:SHOWN])}{more}; mend them or raise the limit"
        )


def _placed(records: Iterable[tuple[str, Found]]) -> Iterator[tuple[str, Found]]:
    """Yield the records with their places: file, line and, from the second there, number."""
    places = Counter[str]()
    for name, found in records:
        place = f"{told(name)}:{found.line}"
        places[place] += 1
        yield place if places[place] == 1 else f"{place}/{places[place]}", found


class Read(NamedTuple):
    """What became of a record, small enough to be held and sent: a dialogue as JSON takes a fifth of its room."""

    outcome: Dropped | bytes
    id: str
    """The dialogue's id and key; empty where there is none."""
    key: str
    mended: dict[str, int]


def _read(params: Ingest, domain: Domain, placed: tuple[str, Found]) -> Read:
    place, found = placed
    item = made(found)
    outcome = _outcome(place, item, params, domain)
    if isinstance(outcome, Dropped):
        return Read(outcome, "", "", _mended(item))
    return Read(outcome.model_dump_json().encode(), outcome.id, outcome.key, _mended(item))


def _mended(item: ReadResult) -> dict[str, int]:
    """Return what was mended on the way, to be counted in the ledger."""
    read = item if isinstance(item, Raw) else Raw(line=0, turns=())
    return {"silent_turns": read.silent, "special_tokens": read.tokens, "reordered": int(read.reordered)}


def _dialogue(text: bytes) -> Dialogue:
    return Dialogue.model_validate_json(text)


def _outcome(place: str, item: ReadResult, params: Ingest, domain: Domain) -> Dialogue | Dropped:
    """Return the dialogue a record holds, or why it holds none."""
    if isinstance(item, Unreadable):
        return Dropped(id=place, reason=Reason.MALFORMED, detail=item.detail)
    fields = _described(item, params.defaults, domain)
    if fields["language"] == OTHER:
        return Dropped(
            id=place, reason=Reason.UNKNOWN_LANGUAGE, detail="by its letters and words neither English nor Chinese"
        )
    known = {
        "language": LANGUAGES,
        "scene": [scene.id for scene in domain.scenes],
        "source": [source.id for source in domain.sources],
        "role": [role.id for role in domain.roles],
    }
    for field, allowed in known.items():
        if fields[field] not in allowed:
            of = f"ingest.defaults.{field}" if getattr(item, field) is None else field
            detail = f"{of} {shown(fields[field])} is not one of {', '.join(allowed)}"
            return Dropped(id=place, reason=UNKNOWN[field], detail=detail)
    if reason := _unfit(item, params):
        return Dropped(id=place, reason=reason[0], detail=reason[1])
    turns, context = [(turn.party, turn.speaker, turn.text) for turn in item.turns], item.context.strip()
    beside = [context] if context else []
    key = content_id(fields["language"], fields["scene"], fields["source"], fields["role"], turns, *beside)
    group = content_id(item.group.strip()) if item.group.strip() else ""  # a customer's number is nobody's to read
    beside_id = {"key": item.key or place, "context": context, "origin": place, "group": group}
    return Dialogue.model_validate({**fields, "id": key, "turns": item.turns, **beside_id})


def _described(item: Raw, defaults: Defaults, domain: Domain) -> dict[str, str]:
    """Return language, scene, source and role: as recorded, by the text, or by default."""
    fields = {name: getattr(item, name) for name in UNKNOWN}
    if fields["language"] is None:
        fields["language"] = spoken_between(_sides(item))
    else:
        fields["language"] = named(fields["language"])
    if fields["source"] is None:
        fields["source"] = _source(item, defaults, domain)
    return {name: getattr(defaults, name) if value is None else value for name, value in fields.items()}


def _sides(item: Raw) -> list[str]:
    """Return what each party says."""
    said: dict[str, list[str]] = {}
    for turn in item.turns:
        said.setdefault(turn.party, []).append(turn.text)
    return ["\n".join(texts) for texts in said.values()]


def _source(item: Raw, defaults: Defaults, domain: Domain) -> str | None:
    """Return the pack's first source that is spoken (or written) as the file is, unless the default one is so too."""
    spoken = {source.id: source.spoken for source in domain.sources}
    if item.spoken is None or spoken.get(defaults.source, item.spoken) == item.spoken:
        return None
    return next((source for source, talk in spoken.items() if talk == item.spoken), None)


def _unfit(item: Raw, params: Ingest) -> tuple[Reason, str] | None:
    """Return why a readable conversation is not worth keeping."""
    length = len(item.context) + sum(len(turn.text) for turn in item.turns)
    if not item.turns:
        return Reason.EMPTY, f"no turns; {item.silent} that say nothing"
    if len(item.turns) < params.min_turns:
        return Reason.TOO_FEW_TURNS, f"{len(item.turns)} of at least {params.min_turns}"
    if length > params.max_chars:
        return Reason.TOO_LONG, f"{length} characters, at most {params.max_chars}"
    return None


def _unless_known(dialogue: Dialogue, keys: dict[str, str], ids: dict[str, str]) -> Dialogue | Dropped:
    """Return the dialogue, or that its key or its content came earlier; `keys` and `ids` remember where."""
    for seen, key, reason in ((keys, dialogue.key, Reason.DUPLICATE_ID), (ids, dialogue.id, Reason.DUPLICATE)):
        if seen.get(key, dialogue.origin) != dialogue.origin:
            more = "; if it goes on here, join them" if reason is Reason.DUPLICATE_ID else ""
            return Dropped(id=dialogue.origin, reason=reason, detail=f"first in {seen[key]}{more}")
    keys[dialogue.key] = ids[dialogue.id] = dialogue.origin
    return dialogue


def main(
    *,
    source: Path,
    domain: Path,
    target: Path,
    ledger: Path,
    conversations: Path | None = None,
    held_out: Path | None = None,
) -> None:
    """Read the folder `source` as the pack's `conversations` says, check it against the domain, write dialogues, drops and ledger."""
    params, known = Ingest.load(), yaml_files.load(domain, Domain)
    forms = Forms(yaml_files.load(conversations, Conversations) if conversations else None)
    came, mended = Counter[str](), Counter[str]()

    def records() -> Iterator[tuple[str, Found]]:
        for path in track(detect.files(source), "ingest", "files"):
            name = path.relative_to(source).as_posix()
            for found in detect.read(path, forms).records:
                came[name] += 1
                yield name, found

    tested = {row.id: row.key for row in jsonl.stream(held_out, HeldOut)} if held_out else {}
    outcomes = ingest(records(), params, known, tested, mended)
    jsonl.write_outcomes(target, outcomes, ledger, came.total, mended, max_dropped=params.max_dropped)


if __name__ == "__main__":
    run(main)
