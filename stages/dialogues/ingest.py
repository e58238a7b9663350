"""Read the raw conversations of a domain, whatever their format, into one data set of dialogues (§3.1)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.core import jsonl, yaml_files
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.core.params import Section, Settings
from stages.core.progress import track
from stages.core.row import Language, content_id
from stages.core.stage import run
from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw, ReadResult, Unreadable, shown
from stages.library.domain_pack import Domain
from stages.rows.dialogue import Dialogue
from stages.text.languages import language_of

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
    """A source of the domain pack."""
    role: str
    """The provider's role, one of the domain pack."""
    language: Language
    """Of a text without letters, `en` or `zh`; any other text's script tells."""


class Ingest(Section):
    """Which raw conversations become dialogues."""

    section: ClassVar[str] = "ingest"
    min_turns: int = Field(ge=1)
    """Conversations with fewer turns are dropped: `too_few_turns`."""
    max_chars: int = Field(ge=1)
    """Conversations with more characters are dropped: `too_long`."""
    max_bad_rows: int = Field(ge=0)
    """More malformed or unknown records than this fail the stage."""
    defaults: Defaults
    """What conversations are taken for whose format does not say it."""


def ingest(records: Iterable[tuple[str, ReadResult]], params: Ingest, domain: Domain) -> Iterator[Dialogue | Dropped]:
    """Yield one outcome for each pair (file name, record), in order; too many bad records end in an InputError."""
    keys: dict[str, str] = {}
    ids: dict[str, str] = {}
    bad: list[str] = []
    for name, item in records:
        outcome = _outcome(name, item, params, domain)
        if isinstance(outcome, Dialogue):
            outcome = _unless_known(outcome, keys, ids)
        if isinstance(outcome, Dropped) and outcome.reason in BAD:
            bad.append(f"{outcome.id} {outcome.reason}" + (f" ({outcome.detail})" if outcome.detail else ""))
        yield outcome
    if len(bad) > params.max_bad_rows:
        more = f" and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        raise InputError(
            f"{len(bad)} bad records, more than ingest.max_bad_rows ({params.max_bad_rows}): {'; '.join(bad[:SHOWN])}{more}; mend them or raise the limit"
        )


def _outcome(name: str, item: ReadResult, params: Ingest, domain: Domain) -> Dialogue | Dropped:
    """Return the dialogue a record holds, or why it holds none."""
    place = f"{name}:{item.line}"
    if isinstance(item, Unreadable):
        return Dropped(id=place, reason=Reason.MALFORMED, detail=item.detail)
    fields = _described(item, params.defaults)
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
    return Dialogue.model_validate(
        {**fields, "id": key, "key": item.key or place, "turns": item.turns, "context": context, "origin": place}
    )


def _described(item: Raw, defaults: Defaults) -> dict[str, str]:
    """Return language, scene, source and role: as recorded, by the script of the text, or by default."""
    fields = {name: getattr(item, name) for name in UNKNOWN}
    if fields["language"] is None:
        fields["language"] = language_of("\n".join(turn.text for turn in item.turns))
    return {name: getattr(defaults, name) if value is None else value for name, value in fields.items()}


def _unfit(item: Raw, params: Ingest) -> tuple[Reason, str] | None:
    """Return why a readable conversation is not worth keeping."""
    length = len(item.context) + sum(len(turn.text) for turn in item.turns)
    if not item.turns:
        return Reason.EMPTY, "no turns"
    if len(item.turns) < params.min_turns:
        return Reason.TOO_FEW_TURNS, f"{len(item.turns)} of at least {params.min_turns}"
    if length > params.max_chars:
        return Reason.TOO_LONG, f"{length} characters, at most {params.max_chars}"
    return None


def _unless_known(dialogue: Dialogue, keys: dict[str, str], ids: dict[str, str]) -> Dialogue | Dropped:
    """Return the dialogue, or that its key or its content came earlier; `keys` and `ids` remember where."""
    for seen, key, reason in ((keys, dialogue.key, Reason.DUPLICATE_ID), (ids, dialogue.id, Reason.DUPLICATE)):
        if key in seen:
            return Dropped(id=dialogue.origin, reason=reason, detail=f"first in {seen[key]}")
    keys[dialogue.key] = ids[dialogue.id] = dialogue.origin
    return dialogue


def main(*, source: Path, domain: Path, target: Path, ledger: Path) -> None:
    """Read the folder `source`, check it against the domain, write dialogues, drops and ledger."""
    params, known = Ingest.load(), yaml_files.load(domain, Domain)
    came = Counter[str]()

    def records() -> Iterator[tuple[str, ReadResult]]:
        for path in track(detect.files(source), "ingest", "files"):
            name = path.relative_to(source).as_posix()
            for item in detect.read(path):
                came[name] += 1
                yield name, item

    jsonl.write_outcomes(target, ingest(records(), params, known), ledger, came.total)


if __name__ == "__main__":
    run(main)
