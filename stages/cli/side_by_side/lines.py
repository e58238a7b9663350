"""The figures of Tables 1 to 4: where each stands, how it is shown, and what the paper calls it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from stages.cli.revision import PARAMS
from stages.reporting.wording import MISSING, number, percent

QUALITY, JUDGED, TRAINING = "metrics/quality.json", "metrics/judge.json", "metrics/training.json"
COMPARED, RETAINED, PRIVACY = "metrics/comparison/tuned.json", "metrics/retention.json", "metrics/privacy.json"

Shown = Callable[[Any], str]


class Line(NamedTuple):
    """A figure: where it stands, how it is shown, and what the paper's table calls it."""

    label: str
    path: str
    key: str
    shown: Shown
    paper: str = ""


def count(value: float | None) -> str:
    """Return a number of things."""
    return number(value, 0)


def hundredths(value: float | None) -> str:
    """Return a number with two decimals."""
    return number(value, 2)


def thousandths(value: float | None) -> str:
    """Return a number with three decimals."""
    return number(value, 3)


def word(value: object) -> str:
    """Return a setting or a verdict."""
    return MISSING if value is None else str(value).replace("_", " ")


def already_percent(value: float | None) -> str:
    """Return a share that is in percent."""
    return MISSING if value is None else f"{value:.2f} %"


VERSIONS = (
    Line("how instructions are made", PARAMS, "instructions/method", word),
    Line("hand-written instructions of each language (0: all)", PARAMS, "seed/written", count),
    Line("wordings of each part of a prompt (0: all)", PARAMS, "assemble/templates", count),
    Line("conversations, anonymized", PRIVACY, "dialogues", count),
    Line("spans of personal data replaced", PRIVACY, "spans/all", count),
    Line("labelled rows", QUALITY, "n", count, "rows"),
    Line("of them by a model", JUDGED, "answers/model", count),
    Line("of them drafted in the project", JUDGED, "answers/project", count),
    Line("of them provided: people's, or real replies", JUDGED, "answers/provided", count),
    Line("rows trained on", TRAINING, "rows", count),
    Line("test rows answered", COMPARED, "rows", count),
)
SIZES = (
    Line("rows trained on", TRAINING, "rows", count, "rows"),
    Line("domain score of the base model", RETAINED, "domain/base", hundredths),
    Line("domain score", RETAINED, "domain/tuned", hundredths, "domain"),
    Line("the score is", RETAINED, "domain/measure", word),
    Line("nats a character of the references, change", COMPARED, "measures/nll_per_character/delta", thousandths),
)
INDICATORS = (
    Line("labelled rows", QUALITY, "n", count, "rows"),
    Line("richness", QUALITY, "richness", percent, "richness"),
    Line("redundancy", QUALITY, "redundancy", percent, "redundancy"),
    Line("richness of 40 rows drawn", QUALITY, "richness_at/40", percent),
    Line("prompt complexity, tokens", QUALITY, "prompt_complexity", number, "prompt_complexity"),
    Line("input complexity, tokens", QUALITY, "input_complexity", number, "input_complexity"),
    *(Line(f"labels judged {name}", QUALITY, f"label_quality/judged/{name}", percent, name) for name in ("high", "medium", "low")),
    *(
        Line(f"labels by rules: {name.replace('_', ' ')}", QUALITY, f"label_quality/by_rules/{name}", percent)
        for name in ("no_fault", "doubtful", "faulty")
    ),
    Line("balance of task × form", QUALITY, "balance", thousandths),
    Line("domain score", RETAINED, "domain/tuned", hundredths, "domain"),
)  # fmt: skip
ABILITIES = (
    Line("domain score of the base model", RETAINED, "domain/base", hundredths),
    Line("domain score", RETAINED, "domain/tuned", hundredths, "domain"),
    Line("answers in the asked form, tuned", COMPARED, "measures/format/model", percent),
    Line("right labels, tuned", COMPARED, "measures/label/model", percent),
    Line("fact F1, tuned", COMPARED, "measures/atomic/model", thousandths),
)
ENDING = (
    Line("KL(base‖tuned), English, nats a token", RETAINED, "kl/en/value", thousandths),
    Line("verdict", RETAINED, "verdict", word),
)
PUBLISHED = tuple(
    Line(f"{title}, {shots} shots", "", "", already_percent, f"{key}_{shots}")
    for key, title in (("ceval", "C-Eval"), ("mmlu", "MMLU"), ("cmmlu", "CMMLU"))
    for shots in (0, 5)
)
