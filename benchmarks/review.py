"""How quick the review page is: opening many rows, a decision, a search.

    python -m benchmarks.review --rows 10000 --decided 10000

Makes instructions out of the real-estate pack's, each with words of its own, in a temporary folder, decides the last `--decided` of
them by an invented colleague, opens `dial-insight review seeds` as a process of its own and asks it as a browser does, one
connection a request. Prints one JSON object, times in milliseconds: `opens` from the start of the process to the whole first page,
each with the processor time that the server used, which other work on the machine does not lengthen: `decision` from a form sent to the reply that it is on disk, `next` the page that follows, `search` a search through all rows
and the page of its first hit; of the last three the median and the slowest of `--times`.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import psutil

from stages.core import jsonl
from stages.library.domain_pack import Instructions
from stages.reviews.decisions import Decision
from stages.rows.instruction import Instruction

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(r":(\d+)/ ")
WAIT = 10  # seconds, until all rows have been compared with each other
TOKEN = re.compile(r'name="token" value="([^"]+)"')


def instructions(count: int) -> list[Instruction]:
    """Return so many different instructions, as a generator would have written them."""
    pack = Instructions.read(ROOT / "prompts/real_estate").instructions
    words = ("please", "in order", "with names", "briefly", "for the file", "from the start", "with the reason")
    made = []
    for n in range(count):
        row = pack[n % len(pack)]
        own = f"{row.text} ({words[n % 7]}, {words[n // 7 % 7]}, {n // len(pack)} {n * 7919 % 9973})"
        made.append(Instruction.new(**{**row.model_dump(exclude={"id"}), "text": own, "origin": "generated"}))
    return made


def workplace(folder: Path, rows: Sequence[Instruction], decided: int) -> None:
    """Write a repository with these rows, the last of which are decided."""
    shutil.copy(ROOT / "params.yaml", folder)
    (folder / "prompts").symlink_to(ROOT / "prompts")
    jsonl.write(folder / "data/instructions/seeds.jsonl", rows)
    time_of = datetime(2025, 1, 1, tzinfo=UTC)
    last = [*rows, *rows][len(rows) * 2 - decided :] if decided else []
    lines = (
        Decision(id=row.id, action="keep", reviewer=f"colleague {n % 2}", time=time_of) for n, row in enumerate(last)
    )
    jsonl.write(folder / "data/review/curate.jsonl", lines)


def asked(port: int, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Return status, place and text of a reply."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = urlencode(fields) if fields else None
    headers = (
        {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{port}"} if fields else {}
    )
    connection.request("POST" if fields else "GET", path, body, headers)
    reply = connection.getresponse()
    found = reply.status, reply.getheader("location") or "", reply.read().decode()
    connection.close()
    return found


class Clock:
    """Times of one kind of request, and the processor time of the process that answers, in seconds."""

    def __init__(self, process: psutil.Process) -> None:
        """Time what `process` answers."""
        self.process, self.times, self.used = process, list[float](), list[float]()

    def __enter__(self) -> None:
        self.began, self.before = time.perf_counter(), self._cpu()

    def __exit__(self, *_: object) -> None:
        self.times.append(time.perf_counter() - self.began)
        self.used.append(self._cpu() - self.before)

    def _cpu(self) -> float:
        found = self.process.cpu_times()
        return float(found.user + found.system)

    @property
    def figures(self) -> dict[str, float]:
        """Median and slowest time, and the mean processor time, whose steps of 10 ms are too coarse for a median."""
        found = {"median": statistics.median(self.times), "slowest": max(self.times), "cpu": statistics.mean(self.used)}
        return {name: round(1000 * value, 1) for name, value in found.items()}


def measured(folder: Path, times: int) -> dict[str, object]:
    """Open the page in `folder`, decide so many rows and search as often; return what it took, in milliseconds."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "stages.cli.main", "review", "seeds", "--no-browser", "--reviewer", "benchmark"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        port = int(NUMBER.findall(process.stdout.readline())[0])
        _, place, _ = asked(port, "/?state=all")
        _, _, text = asked(port, place)
        opened, server = time.perf_counter() - began, psutil.Process(process.pid)
        used = sum(server.cpu_times()[:2])
        token = TOKEN.findall(text)[0]
        time.sleep(WAIT)
        decision, page, search = Clock(server), Clock(server), Clock(server)
        for n in range(times):
            with decision:
                status, place, _ = asked(
                    port, f"{place.partition('?')[0]}/decision?state=all", {"token": token, "action": "keep"}
                )
            assert status == 303
            with page:
                asked(port, place)
            with search:
                _, hit, _ = asked(port, f"/?state=all&q=budget+{n}")
                asked(port, hit or "/?state=all")
        process.terminate()
    opens = {"median": round(1000 * opened, 1), "cpu": round(1000 * used, 1)}
    return {"opens": opens, "decision": decision.figures, "next": page.figures, "search": search.figures}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--decided", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=50)
    options = parser.parse_args()
    with TemporaryDirectory() as made:
        workplace(Path(made), instructions(options.rows), options.decided)
        found = measured(Path(made), options.times)
        print(json.dumps({"rows": options.rows, "decided": options.decided, **found}, indent=2))  # noqa: T201 - the result
