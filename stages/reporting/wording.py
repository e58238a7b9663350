"""How the report says numbers, and what it says of a run that shows little."""

from collections.abc import Callable, Mapping
from typing import Any

from stages.reporting import memorization
from stages.reporting.counted import counted

MISSING = "–"
UNMOVED = "no conversation differs"
PROJECT = "project"  # the author of answers drafted for this repository
FEW = 100  # rows below which a figure is called small
SURVIVES = 0.9  # of what training changed; below, stage finetune warns too (docs/training.md)


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with `digits` decimals."""
    return MISSING if value is None else f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 2) -> str:
    """Return a share as a percentage."""
    return MISSING if value is None else f"{100 * value:.{digits}f} %"


def points(value: float | None) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    return MISSING if value is None else f"{100 * value:+.1f} pp"


def noise(value: float | None, unit: str = "", factor: float = 1.0) -> str:
    """Return what the base makes against itself, in its first digit: it is often far below what a change is told in."""
    return "not measured" if value is None else f"{float(f'{factor * value:.1g}'):g}{unit}"


def _are(n: int, one: str = "", several: str = "") -> str:
    return f"{'is' if n == 1 else 'are'} {one if n == 1 else several}".rstrip()


def reasons(counts: Mapping[str, int]) -> str:
    """Return what there is of each kind, most first."""
    ranked = sorted(((name, count) for name, count in counts.items() if count), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in ranked) or MISSING


def shares(found: Mapping[str, float | None]) -> str:
    """Return the shares of `n` rows, in their order, with n; of no rows there are none."""
    if not found["n"]:
        return f"{MISSING} (no row)"
    values = " / ".join(f"{100 * (share or 0):.2f}" for name, share in found.items() if name != "n")
    return f"{values} % (of {found['n']})"


def low_share(quality: Mapping[str, Any]) -> float:
    """Return which share of the labels is low, as judged, or faulty, by the rules."""
    judged, by_rules = quality["label_quality"]["judged"], quality["label_quality"]["by_rules"]
    rows = judged["n"] * (judged["low"] or 0) + by_rules["n"] * (by_rules["faulty"] or 0)
    return float(rows / quality["n"])


def measure(name: str) -> str:
    """Return what the domain score is."""
    return {"grade": "the judge's grade", "reference_similarity": "reference similarity"}[name]


def share(name: str) -> str:
    """Return what a model's share is of."""
    named = {"format": "asked form", "label": "right label", "atomic": "fact F1"}
    return named.get(name) or name.replace("atomic", "fact").replace("_", " ")


def of(n: int, rows: int) -> str:
    """Return how many rows a figure is of, and of how many it could be where these are more."""
    return str(n) if n == rows else f"{n} of {rows}"


def words(name: str) -> str:
    """Return the name of a task, form or quality as it is read."""
    return name.replace("_", " ")


def interval(found: Mapping[str, Any], digits: int = 3, widest: float | None = None) -> str:
    """Return an interval, or nothing where it means nothing: of a single row, or beyond the change that the scale allows (`widest`).

    Where no conversation differs, that is said instead: drawing what is alike makes 0 … 0, as if other rows had been ruled out.
    """
    if unmoved(found):
        return UNMOVED
    if not meant(found, widest):
        return MISSING
    return f"{number(found['low'], digits)} … {number(found['high'], digits)}"


def unmoved(found: Mapping[str, Any]) -> bool:
    """Whether a change is 0 in each of several conversations; rows of one may differ, and cancel out."""
    return bool(found["n"] > 1 and found.get("delta") == found["low"] == found["high"] == 0)


def meant(found: Mapping[str, Any], widest: float | None = None) -> bool:
    """Whether an interval means something."""
    low, high = found["low"], found["high"]
    return found["n"] > 1 and low is not None and (widest is None or (low >= -widest and high <= widest))


def at_chance(retention: Mapping[str, Any]) -> str:
    """Return, where the base only guesses in the one formulation that was asked, which other one is to be tried; else nothing."""
    guessed = [
        (words(name), row["formulation"])
        for name, row in retention["accuracy"].items()
        if row["verdict"] == "not measurable" and name not in retention["other_formulation"]
    ]
    others = {"cloze": "letter", "letter": "cloze"}
    lines = [
        f"By {kind} the base cannot be told from guessing in {', '.join(name for name, by in guessed if by == kind)}, so nothing could be lost there "
        f"by {kind}. It may know the answers by {other}: ask both, `bench.formulations: [letter, cloze]`, and the better one counts (docs/benchmarks-bench.md)."
        for kind, other in others.items()
        if any(by == kind for _, by in guessed)
    ]
    return "\n\n".join(lines)


def widest(name: str) -> float | None:
    """Return the largest change that a measure's scale allows; None: there is none."""
    return {"grade": 9.0, "reference_similarity": 10.0, "nll_per_character": None}.get(name, 1.0)


FILTERS: dict[str, Callable[..., Any]] = {
    **{"number": number, "counted": counted, "percent": percent, "points": points, "noise": noise},
    **{"reasons": reasons, "shares": shares, "measure": measure, "of": of, "share": share},
    **{"groups": memorization.groups, "words": words, "interval": interval, "widest": widest},
    "at_chance": at_chance,
}


def cautions(results: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know before believing a figure of this run."""
    lines = list(memorization.warnings(results["memorization"]))
    quality, domain, judge = results["quality"], results["domain"]["base"], results["judge"]
    saved = results["training"].get("saved") or {}
    if (survives := saved.get("survives")) is not None and survives < SURVIVES:
        lines.append(
            f"Of what training changed {percent(survives, 0)} survived saving in {saved['dtype']}: the figures of `tuned` are not those of the "
            "model that was trained; set finetune.save_dtype to float32, or to base."
        )
    if quality["n"] < FEW:
        lines.append(
            f"Only {counted(quality['n'], 'labelled row')}: the quality figures describe this small set, not the method."
        )
    if domain["measure"] == "reference_similarity":
        lines.append("The domain score is reference similarity, not an LLM judge: " + str(domain["why_no_judge"]) + ".")
    elif missing := [
        f"{row['n'] - row['graded']} of {row['n']} ({model})"
        for model, row in results["domain"].items()
        if row["graded"] < row["n"]
    ]:
        lines.append(f"Answers to which the judge gave no grade, and which are in no mean: {', '.join(missing)}.")
    if failed := [f"{row['failed']} ({model})" for model, row in results["domain"].items() if row.get("failed")]:
        lines.append(
            f"Test rows to which no answer came (an endpoint's fault, a filter, a question too long for the model), and which are in no figure of answers: {', '.join(failed)}."
        )
    if 0 < domain["n"] < FEW:
        lines.append(
            f"Only {counted(domain['n'], 'test row')}: small differences of the domain score cannot be told from chance."
        )
    if judge["judge"] is None:
        lines.append(
            f"No judge model graded the labels ({judge['why_no_grades']}): rules looked at them (form, language, grounding, "
            "coverage), and finding no fault is not high quality."
        )
    if given := judge["answers"].get("provided", 0):
        lines.append(
            f"{given} of the {judge['rows']} labels {_are(given, 'a provided answer', 'provided answers')} (data/review/answers.jsonl, or real replies), not the generator's: "
            "label quality says little of the generator."
        )
    if answers := domain.get("recorded"):
        lines.append(
            f"{answers} of the base model's {domain['n']} answers to test rows {'was' if answers == 1 else 'were'} not written in this run but {_are(answers)} recorded, of the same "
            "weights; data/recorded/README.md says on which processor."
        )
    if kept := results["recorded"]:
        lines.append(
            f"{kept['log_likelihoods']} of the base model's {kept['of']} benchmark log-likelihoods were not computed in this run but on "
            f"{kept['date']}, by the same weights, on {kept['processor']} with {kept['threads']} threads (data/recorded/README.md)."
        )
    if by_hand := judge["answers"].get("project", 0):
        lines.append(
            f"{by_hand} of the {judge['rows']} labels {_are(by_hand, 'a recorded answer', 'recorded answers')}, drafted in the project as a capable model "
            "would answer: they show what the stages do with usable answers, not what any model writes."
        )
    if results["generator"] == PROJECT:
        lines.append(
            "New instructions, their rewritings and rewritten prompts are recorded answers of that kind: no model was asked."
        )
    low = low_share(quality)
    if low > 0.5:
        lines.append(
            f"{percent(low, 0)} of the labels are low or faulty: the generator is too weak for this task; use a stronger one before using this data."
        )
    for name, row in results["retention"]["accuracy"].items():
        if row["verdict"] == "not measurable":
            lines.append(
                f"{name.replace('_', ' ')}: the base model ({percent(row['base'], 1)}) cannot be told from guessing, so its accuracy can show no loss."
            )
    return lines
