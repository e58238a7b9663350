"""What a preview shows of each stage, and which stages have none and why."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Choice = Literal["cut", "requests", "rows", "outcomes"]


class View(NamedTuple):
    """How a stage is previewed.

    `cut`: it reads only the chosen rows of `source`, as each is made something of by itself. `requests`: it reads all, and the
    first requests are let through. `rows`: it reads all, and what became of the chosen rows of `source` is shown. `outcomes`:
    it reads all, and some of what comes out is shown.
    """

    choice: Choice
    target: str  # the rows it writes; {item}: of the stage's name
    outcome: tuple[str, ...]  # fields of such a row that are shown
    source: str = ""  # the rows it reads
    before: tuple[str, ...] = ()  # fields of such a row that are shown
    key: str = "id"  # of a row of `source`: by what its requests and its outcome are called
    place: str = ""  # whose requests are let through
    made: str = ""  # the origin of a row that a request brings about
    texts: Mapping[str, str] = MappingProxyType({})  # fields that name a row of another file, whose text is shown


NAMES = ("fields", "labels", "formats")
VIEWS = {
    "ingest": View(
        choice="outcomes",
        target="data/dialogues/ingested.jsonl",
        outcome=("origin", "language", "scene", "source", "role", "turns", "context"),
    ),
    "anonymize": View(
        choice="cut",
        source="data/dialogues/ingested.jsonl",
        before=("turns", "context"),
        target="data/dialogues/anonymized.jsonl",
        outcome=("turns", "context"),
    ),
    "seed": View(
        choice="requests",
        place="llm.generator",
        made="generated",
        target="data/instructions/seeds.jsonl",
        outcome=("language", "task", "requirement", "text", *NAMES),
    ),
    "curate": View(
        choice="rows",
        source="data/instructions/seeds.jsonl",
        before=("language", "task", "text", *NAMES),
        target="data/instructions/curated.jsonl",
        outcome=("text",),
    ),
    "evolve": View(
        choice="requests",
        place="llm.generator",
        made="evolved",
        target="data/instructions/evolved.jsonl",
        outcome=("language", "task", "operator", "generation", "text", *NAMES),
    ),
    "screen": View(
        choice="rows",
        source="data/instructions/evolved.jsonl",
        before=("language", "task", "operator", "text"),
        place="llm.judge",
        target="data/instructions/library.jsonl",
        outcome=("text",),
    ),
    "sample": View(
        choice="outcomes",
        target="data/samples/pairs.jsonl",
        outcome=("language", "scene", "source", "task", "dialogue", "cut", "instruction", "ask", "reserve"),
        texts={"instruction": "data/instructions/library.jsonl"},
    ),
    "assemble": View(
        choice="cut",
        source="data/samples/pairs.jsonl",
        before=("language", "scene", "task", "instruction", "ask"),
        target="data/prompts/assembled.jsonl",
        outcome=("layout", "parts"),
        texts={"instruction": "data/instructions/library.jsonl"},
    ),
    "enhance": View(
        choice="requests",
        place="llm.generator",
        target="data/prompts/enhanced.jsonl",
        outcome=("method", "note", "parts"),
    ),
    "label": View(
        choice="cut",
        source="data/prompts/enhanced.jsonl",
        key="pair",
        target="data/labels/train.jsonl",
        outcome=("origin", "author", "answer"),
    ),
    "judge": View(
        choice="cut",
        source="data/labels/train.jsonl",
        before=("before", "conversation", "after", "answer"),
        target="data/quality/labels.jsonl",
        outcome=("quality", "layer", "flags", "score", "reviewer"),
    ),
    "predict": View(
        choice="cut",
        source="data/labels/test.jsonl",
        before=("answer",),
        target="data/predictions/{item}.jsonl",
        outcome=("answer", "finish", "reference"),
    ),
}
VIEWS["predict_other"] = VIEWS["predict"]

WHOLE = "what it says is of all rows together, and of a few it would say something else"
MADE = "a model comes out of it, no rows"
ASKED = "its requests stand in data/conduct, and what was answered in data/outcomes, where both can be read"
WHY_NOT = {
    "split": WHOLE,
    "contrast": WHOLE,
    "calibrate": "its verdict rests on all answers of data/calibration; `preview judge` shows the judge's questions",
    "testset": "its rows are stored in data/test, where they can be read",
    "ifd": "its figures are shares of a model's loss over all rows",
    "measure": WHOLE,
    "select": WHOLE,
    "base": MADE,
    "finetune": f"{MADE}; `dial-insight mask` shows a row as it is trained on",
    "candidate": MADE,
    "grade": "it asks as stage judge does, beside a reference; `preview judge` shows the judge's questions",
    "grade_other": "it asks as stage judge does, beside a reference; `preview judge` shows the judge's questions",
    "pairwise": WHOLE,
    "plant": "it reads no rows: what it writes is invented",
    "conduct": ASKED,
    "conduct_other": ASKED,
}
