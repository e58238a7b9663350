"""One conversation more among many: what the model is asked again, by the real stages and a real endpoint that counts.

    python -m benchmarks.added [--conversations 10000] [--folder FOLDER]

In FOLDER (a temporary one, if none is given) the shipped, invented conversations are read by stage `ingest` and repeated with a line of
their own until there are as many as wanted; sample, assemble, enhance and label then make one row for each, asking an endpoint on
loopback. One more conversation is added, and the four run again. Printed as JSON: what was asked each time, how many of the rows
are new the second time, and the seconds of both. Ends with 1 if anything but what is new was asked.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any

import cyclopts
from cyclopts.validators import Number

from benchmarks import workspace
from stages.core import jsonl
from stages.rows.dialogue import Dialogue, Turn
from stages.rows.sample import LabeledSample

ASKING = ("sample", "assemble", "enhance", "label")
TRAIN = Path("data/dialogues/train.jsonl")
LABELS = Path("data/labels/train.jsonl")
ROOM = 4000  # tokens, so that no pair is left out for its length


class Counting(ThreadingHTTPServer):
    """An OpenAI-compatible endpoint on loopback that always says the same and keeps the questions."""

    request_queue_size = 512
    daemon_threads = True

    def __init__(self) -> None:
        """Take a free port and begin."""
        super().__init__(("127.0.0.1", 0), Answering)
        self.questions, self.lock = list[str](), threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def taken(self) -> list[str]:
        """Return the questions since this was called last."""
        with self.lock:
            questions, self.questions = self.questions, []
        return questions


class Answering(BaseHTTPRequestHandler):
    """Answers one connection's requests."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Counting

    def do_POST(self) -> None:
        """Keep the question, and answer."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.questions.append(json.dumps(body["messages"]))
        content = json.dumps(_completion("The customer waits for a call.")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _completion(text: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 300, "completion_tokens": 8, "total_tokens": 308}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}


def main(
    *,
    conversations: Annotated[int, cyclopts.Parameter(validator=Number(gte=2))] = 10_000,
    folder: Path | None = None,
) -> int:
    """Print the counts; 1 if more than what is new was asked."""
    with tempfile.TemporaryDirectory() as held:
        figures = measure(folder or Path(held), conversations)
    print(json.dumps(figures))  # noqa: T201 - the result
    return int(figures["asked_again"] > 0 or figures["asked_then"] > figures["new_questions"])


def measure(folder: Path, conversations: int) -> dict[str, float]:
    """Run the stages twice in `folder`, and return what was asked, what of it was asked before, and what is new."""
    server = Counting()
    os.environ.setdefault("OPENAI_API_KEY", "none")
    workspace.prepare(folder, _params(server.server_port, conversations + 1))
    workspace.run(folder, ["ingest"])
    rows = _repeated(jsonl.read(folder / "data/dialogues/ingested.jsonl", Dialogue), conversations + 1)
    for name in ("data/dialogues/missed.jsonl", "metrics/calibration.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("" if name.endswith("l") else "{}", encoding="utf-8")
    library = folder / "data/instructions/library.jsonl"
    library.parent.mkdir(parents=True, exist_ok=True)
    library.write_bytes((workspace.ROOT / "data/test/real_estate/v1/instructions.jsonl").read_bytes())
    (folder / "models/base").mkdir(parents=True, exist_ok=True)
    first, before, early = _asked(folder, rows[:-1], server)
    second, after, late = _asked(folder, rows, server)
    server.shutdown()
    return {
        "conversations": conversations,
        "asked_first": len(first),
        "asked_then": len(second),
        "asked_again": len(set(first).intersection(second)),
        "new_questions": len(set(second) - set(first)),
        "new_rows": len(after - before),
        "rows": len(after),
        "seconds_first": early,
        "seconds_then": late,
    }


def _params(port: int, count: int) -> dict[str, object]:
    return {
        "llm.generator": {
            "backend": "openai",
            "model": "m",
            "base_url": f"http://127.0.0.1:{port}/v1",
            "temperature": 0.0,
            "top_p": 1.0,
            "concurrency": 32,
        },
        "sample.count": count,
        "sample.reserve": 0.0,
        "sample.replies": 0.0,
        "sample.max_tokens": ROOM,
        "label.replace": "none",
    }


def _repeated(rows: Sequence[Dialogue], count: int) -> list[Dialogue]:
    """Return `count` conversations: the given ones in turn, each with a last line of its own."""
    made = []
    for number in range(count):
        row = rows[number % len(rows)]
        turns = (*row.turns, Turn(party="customer", text=f"({number:06d})"))
        changes = {"id": f"{number:016x}", "key": f"{number:06d}", "turns": turns}
        made.append(row.model_copy(update=changes))
    return made


def _asked(folder: Path, rows: Sequence[Dialogue], server: Counting) -> tuple[list[str], set[str], float]:
    """Run the stages on the conversations; return the questions, the ids of the labelled rows, and the seconds."""
    jsonl.write(folder / TRAIN, rows)
    began = time.perf_counter()
    workspace.run(folder, ASKING)
    seconds = round(time.perf_counter() - began, 1)
    return server.taken(), {row.id for row in jsonl.read(folder / LABELS, LabeledSample)}, seconds


if __name__ == "__main__":
    sys.exit(cyclopts.run(main))
