"""`dial-insight noise`: noisy versions of conversations, to be put beside them in data/raw (docs/noise.md)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from stages.core import jsonl, params, yaml_files
from stages.core.dropped import Dropped
from stages.core.errors import InputError
from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw, ReadResult
from stages.dialogues.formats.field_map import read_forms
from stages.dialogues.ingest import Ingest, ingest
from stages.dialogues.noise import rates as noise_rates
from stages.dialogues.noise.versions import NoiseSettings, NoisyVersion, is_noisy, version
from stages.library.domain_pack import Domain
from stages.reporting.counted import counted
from stages.rows.dialogue import Dialogue

RAW = Path("data/raw")


def noise(
    sources: Sequence[Path], target: Path, preset: str, changes: Sequence[str], seed: int, versions: int
) -> Iterator[str]:
    """Write noisy versions of all conversations that ingest would keep to `target`; yield lines that say how many, and what is not."""
    settings = NoiseSettings(preset, noise_rates.chosen(preset, changes), seed, versions)
    domain = params.value("domain", str)
    records = list(_records(_files(sources, target), domain))
    clean = [(name, item) for name, item in records if not (isinstance(item, Raw) and item.key and is_noisy(item.key))]
    again = len(records) - len(clean)
    read = list(_ingested(clean, domain))
    kept = [(row, raw) for row, raw in read if isinstance(row, Dialogue)]
    dropped = Counter(f"{row.reason}" for row, _ in read if isinstance(row, Dropped))
    if not kept:
        left = [*dropped.most_common(), *([("noisy versions", again)] if again else [])]
        why = ", ".join(f"{reason} {count}" for reason, count in left)
        raise InputError(
            f"--source: ingest would keep no conversation ({why}); dial-insight look says why, file by file"
        )
    count = jsonl.write(target, _versions(kept, settings))
    over = f"; {counted(again, 'noisy version')} among the sources passed over" if again else ""
    yield f"{target}: {counted(count, 'noisy version')} of {counted(len(kept), 'conversation')}, preset {preset}, seed {seed}{over}"
    for reason, number in dropped.most_common():
        yield f"  left out, as ingest would: {reason} {number}"


def _versions(kept: Iterable[tuple[Dialogue, Raw]], settings: NoiseSettings) -> Iterator[NoisyVersion]:
    for row, raw in kept:
        for number in range(1, settings.versions + 1):
            yield version(row, raw.group.strip(), number, settings)


def _files(sources: Sequence[Path], target: Path) -> list[Path]:
    """Return the files, those of folders one by one but for the target; one named that is not there, or the target, is an InputError."""
    files = list[Path]()
    for path in sources:
        if path.is_dir():
            files += [file for file in detect.files(path) if file.resolve() != target.resolve()]
        else:
            files.append(_named(path, target))
    return files


def _named(file: Path, target: Path) -> Path:
    if not file.is_file():
        raise InputError(f"{file}: not there; name a file of conversations, or a folder of them")
    if file.resolve() == target.resolve():
        raise InputError(f"--target {target}: is one of the sources; write the noisy versions to another file")
    return file


def _records(files: Iterable[Path], domain: str) -> Iterator[tuple[str, ReadResult]]:
    """Yield what the files hold, behind the file's name as stage ingest tells it."""
    forms = read_forms(Path("prompts", domain))
    for file in files:
        for item in detect.read(file, forms).results:
            yield _name(file, domain), item


def _ingested(records: Sequence[tuple[str, ReadResult]], domain: str) -> Iterator[tuple[Dialogue | Dropped, Raw]]:
    """Yield what ingest would make of each record, and the record; in the place of one that cannot be read an empty one."""
    pack = yaml_files.load(Path("prompts", domain, "domain.yaml"), Domain)
    settings = Ingest.load().model_copy(update={"max_bad_rows": len(records)})
    for outcome, (_, item) in zip(ingest(records, settings, pack), records, strict=True):
        yield outcome, item if isinstance(item, Raw) else Raw(line=0, turns=())


def _name(file: Path, domain: str) -> str:
    """Return the file's name as stage ingest tells it, for the ids of conversations that have none of their own."""
    folder = (RAW / domain).resolve()
    path = file.resolve()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else file.name
