"""Whatever bytes a file holds, reading it ends in conversations, places of bad ones, or one line: never in a traceback.

By hand, with a larger number and a seed: `python -m tests.dialogues.formats.test_fuzz 100000 --seed 1`.
"""

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stages.core import yaml_files
from stages.core.errors import InputError
from stages.dialogues.formats import detect, proposal
from stages.dialogues.formats.field_map import Forms
from stages.dialogues.ingest import Ingest, ingest
from stages.library.domain_pack import Domain
from tests.dialogues.formats.samples import SAMPLES

ROOT = Path(__file__).parents[3]
FORMS = Forms()
PARAMS = Ingest.model_validate(
    {
        "min_turns": 2,
        "max_chars": 100_000,
        "max_bad_rows": 10**9,
        "max_dropped": 1,
        "defaults": {"scene": "renting", "source": "im_messages", "role": "real_estate_agent", "language": "en"},
    }
)
DOMAIN = yaml_files.load(ROOT / "prompts/real_estate/domain.yaml", Domain)
ODD: list[Any] = [None, True, 0, -1, 1.5, 1e308, 10**400, "", " ", "\ud83d", "\u200b", "</s>", "NaN", "2.02501E+13", [], {}, [[]], [None], {"text": {"text": 1}}, "x" * 300]  # fmt: skip
BYTES = [b"\0", b"\xff", b"\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b'"', b",", b";", b"{", b"]", b"\\", b"\\ud800", b"-->", b"WEBVTT\n", b"sep=", b": ", b"[", b"\x1b", b"\xed\xa0\x80"]  # fmt: skip


def read(folder: Path, name: str, raw: bytes) -> str:
    """Read a file through both doors, ingest and look, and return how it ended; any other error than InputError comes through."""
    path = folder / name
    path.write_bytes(raw)
    try:
        found = [(name, item) for item in detect.read(path, FORMS).results]
        for outcome in ingest(found, PARAMS, DOMAIN):
            outcome.model_dump_json()
        return "read"
    except InputError as error:
        assert "\n" not in str(error)
    try:
        proposal.propose(detect.source_of(path))
        return "unknown"
    except InputError:
        return "refused"


def mutated(raw: bytes, draw: random.Random) -> bytes:
    """Return the bytes with some cut, doubled, exchanged or put in, or the JSON with values exchanged."""
    changes: tuple[Callable[[bytes, random.Random], bytes], ...] = (_values, _cut, _put, _double, _encode)
    for _ in range(draw.randint(1, 4)):
        raw = draw.choice(changes)(raw, draw)
    return raw


def _values(raw: bytes, draw: random.Random) -> bytes:
    try:
        value = json.loads(raw)
    except ValueError:
        return raw
    places: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        item = stack.pop()
        members = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
        for key, member in members:
            places.append((item, key))
            stack.append(member)
    for holder, key in draw.sample(places, min(len(places), draw.randint(1, 3))):
        holder[key] = draw.choice(ODD)
    try:
        return json.dumps(value, indent=draw.choice([None, 1])).encode()
    except ValueError:
        return raw


def _cut(raw: bytes, draw: random.Random) -> bytes:
    start = draw.randint(0, len(raw))
    return raw[:start] + raw[start + draw.randint(1, 12) :]


def _put(raw: bytes, draw: random.Random) -> bytes:
    start = draw.randint(0, len(raw))
    return raw[:start] + draw.choice(BYTES) * draw.randint(1, 3) + raw[start:]


def _double(raw: bytes, draw: random.Random) -> bytes:
    start = draw.randint(0, len(raw))
    part = raw[start : start + draw.randint(1, 60)]
    return raw[:start] + part * 2 + raw[start + len(part) :]


def _encode(raw: bytes, draw: random.Random) -> bytes:
    try:
        return raw.decode().encode(draw.choice(["utf-16", "utf-16-le", "gb18030", "utf-8-sig", "latin-1", "utf-32"]))
    except (UnicodeDecodeError, UnicodeEncodeError):
        return raw


@given(st.sampled_from(SAMPLES), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_file_ends_in_rows_or_a_line(sample: Any, draw: random.Random) -> None:  # noqa: ANN401
    with tempfile.TemporaryDirectory() as folder:
        read(Path(folder), sample.file, mutated(sample.text.encode(), draw))


@given(st.binary(max_size=200), st.sampled_from(["a.json", "a.jsonl", "a.csv", "a.vtt", "a.txt"]))
@settings(max_examples=100, deadline=None)
def test_any_bytes_end_in_rows_or_a_line(raw: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read(Path(folder), name, raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["user", "agent", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["id", "messages", "role", "content", "turns", "party", "text", "speaker", "utterance", "from", "value", "log", "name", "history"]), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(JSON, st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_ends_in_rows_or_a_line(value: object, lines: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read(Path(folder), "a.jsonl" if lines else "a.json", json.dumps(value).encode())


def main() -> None:
    """Damage samples as often as is asked and count how reading them ended; the first error that is none of ours comes through."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    ends = Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.count):
            draw = random.Random(f"{asked.seed}/{number}")
            sample = draw.choice(SAMPLES)
            raw = mutated(sample.text.encode(), draw)
            try:
                ends[read(Path(folder), sample.file, raw)] += 1
            except Exception:
                sys.stderr.write(f"number {number}, seed {asked.seed}: {sample.form}: {raw!r}\n")
                raise
    sys.stdout.write(f"{asked.count} files, seed {asked.seed}: {dict(ends)}\n")


if __name__ == "__main__":
    main()
