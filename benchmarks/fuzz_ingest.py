"""Ingest under damaged files: `python -m benchmarks.fuzz_ingest 100000 --seed 1 --minutes 15`.

Every sample of docs/formats.md is damaged in one to five ways and read through both doors, ingest and look. Whatever the bytes,
reading ends in records or in one line; each record is kept or dropped; no message holds a word of what was said; and nothing takes
longer than a few seconds. An input is made of the seed and its number alone: `--only NUMBER` makes it again.
"""

import argparse
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from benchmarks.damage import damaged
from stages.core import yaml_files
from stages.core.dropped import Dropped
from stages.core.errors import InputError
from stages.dialogues.formats import detect, proposal
from stages.dialogues.formats.field_map import Forms
from stages.dialogues.ingest import Ingest, ingest
from stages.library.domain_pack import Domain
from tests.dialogues.formats.samples import SAMPLES, Sample

ROOT = Path(__file__).parents[1]
PATIENCE_S = 5.0  # for one file
# Put into all that is said, with how many characters of it in a row are an echo in a message.
SAID = {"Kumquat": 5, "Marzipan": 5, "4155550199": 7, "隐私金桔": 3}
PARAMS: dict[str, Any] = {
    "min_turns": 2,
    "max_chars": 100_000,
    "max_bad_rows": 10**9,
    "max_dropped": 1,
    "defaults": {"scene": "renting", "source": "im_messages", "role": "real_estate_agent", "language": "en"},
}


class BrokenPromiseError(Exception):
    """Reading a file did what it never should."""


class Door:
    """Ingest and look as a person's file meets them."""

    def __init__(self) -> None:
        """Take the real-estate pack and the shipped formats."""
        self.forms, self.params = Forms(), Ingest.model_validate(PARAMS)
        self.domain = yaml_files.load(ROOT / "prompts/real_estate/domain.yaml", Domain)

    def read(self, path: Path) -> str:
        """Return how reading the file ended: in records, as unknown, or refused."""
        try:
            with patience():
                return self._ended(path)
        except InputError as error:
            quiet(str(error), path)
        try:
            with patience():
                proposal.propose(detect.source_of(path))
        except InputError as error:
            quiet(str(error), path)
            return "refused"
        return "unknown"

    def _ended(self, path: Path) -> str:
        found = [(path.name, item) for item in detect.read(path, self.forms).results]
        outcomes = list(ingest(found, self.params, self.domain))
        dropped = [outcome for outcome in outcomes if isinstance(outcome, Dropped)]
        if len(outcomes) != len(found):
            raise BrokenPromiseError(f"{len(found)} records came, {len(outcomes)} were kept or dropped")
        for outcome in outcomes:
            outcome.model_dump_json()
        for outcome in dropped:
            quiet(f"{outcome.id} {outcome.detail}", path)
        return "all dropped" if len(dropped) == len(outcomes) else "some dropped" if dropped else "read"


def quiet(message: str, path: Path) -> None:
    """Refuse a message of several lines, or with a word of what was said in it."""
    if "\n" in message:
        raise BrokenPromiseError("a message of several lines")
    rest = message.replace(str(path), "").casefold()
    if any(said[n : n + size].casefold() in rest for said, size in SAID.items() for n in range(len(said) - size + 1)):
        raise BrokenPromiseError("a message echoes the text")


@contextmanager
def patience(seconds: float = PATIENCE_S) -> Iterator[None]:
    """Interrupt what takes longer; in the main thread only."""

    def late(_: int, __: FrameType | None) -> None:
        raise BrokenPromiseError(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def planted(sample: Sample) -> bytes:
    """Return the sample with more in each utterance: what no message may hold."""
    text = sample.text
    for said in dict.fromkeys(line for _, _, words in sample.said for line in words.split("\n")):
        text = text.replace(said, f"{said} {' '.join(SAID)}")
    return text.encode()


PLANTED = [(sample.file, planted(sample)) for sample in SAMPLES]


def made(seed: int, number: int) -> tuple[str, bytes]:
    """Return name and bytes of the damaged file with this number."""
    draw = random.Random(f"{seed}/{number}")
    name, raw = draw.choice(PLANTED)
    return name, damaged(raw, draw, [other for _, other in PLANTED])


class Fault(NamedTuple):
    """An input on which a promise was broken."""

    number: int
    name: str
    what: str


class Campaign(NamedTuple):
    """How many files were read, how that ended, and on which ones a promise was broken."""

    files: int
    ends: Counter[str]
    faults: list[Fault]
    slowest_s: float


def campaign(numbers: Sequence[int], seed: int, until: Callable[[], bool] = lambda: False) -> Campaign:
    """Read the files with these numbers, as many as there is time for."""
    door, ends, faults, slowest, files = Door(), Counter[str](), list[Fault](), 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            if until():
                break
            name, raw = made(seed, number)
            (path := Path(folder) / name).write_bytes(raw)
            started = time.monotonic()
            try:
                ends[door.read(path)] += 1
            except Exception as error:
                faults.append(Fault(number, name, f"{type(error).__name__} {_place(error)}"))
            slowest, files = max(slowest, time.monotonic() - started), files + 1
    return Campaign(files, ends, faults, slowest)


def _place(error: BaseException) -> str:
    """Return the innermost place in the code where it came from, and the words of a broken promise."""
    trace, place = error.__traceback__, ""
    while trace:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "stages" in file.parts:
            place = f"{file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{place} {error}" if isinstance(error, BrokenPromiseError) else place


def main() -> None:
    """Damage and read files, and print one JSON object: how it ended, and the numbers of those on which a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument(
        "--only", type=int, help="write the file with this number to standard output, and read it alone"
    )
    asked = parser.parse_args()
    if asked.only is not None:
        sys.stdout.buffer.write(made(asked.seed, asked.only)[1] + b"\n")
        sys.stdout.flush()
    end = time.monotonic() + 60 * asked.minutes
    numbers = range(asked.count) if asked.only is None else [asked.only]
    found = campaign(numbers, asked.seed, lambda: time.monotonic() > end)
    shown = {**found._asdict(), "faults": [fault._asdict() for fault in found.faults[:50]]}
    sys.stdout.write(json.dumps({"seed": asked.seed, **shown, "broken": len(found.faults)}, ensure_ascii=False) + "\n")
    sys.exit(bool(found.faults))


if __name__ == "__main__":
    main()
