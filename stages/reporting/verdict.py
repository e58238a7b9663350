"""The run in a sentence: what training made of the test rows, and whether anything else was lost."""

from collections.abc import Iterable, Mapping
from typing import Any

from stages.reporting.counted import counted
from stages.reporting.forest import forest
from stages.reporting.wording import measure, number, of, percent, words

SKILLS = {  # what is measured, by the labels of the forest plot
    "references, nats a character": "the references' words",
    "answers in the asked form": "the asked form",
    "right labels": "labels",
    "fact F1": "facts",
}
KINDS = {
    "accuracy": "accuracy",
    "right_answer": "likelihood of right answers",
    "text": "perplexity of general text",
    "kl": "KL on general text",
    "disagreement": "preferred tokens of general text",
    "conduct": "conduct",
}


def sentence(results: Mapping[str, Any]) -> str:
    """Return the verdict in one sentence."""
    return f"{_gain(results)}; {_loss(results['retention'])}."


def _gain(results: Mapping[str, Any]) -> str:
    comparison = results["comparison"]["tuned"]
    lines = [one.line for one in forest(comparison, results["retention"]).domain]
    found = {
        word: [SKILLS[line.label] for line in lines if line.verdict == word]
        for word in ("better", "worse", "cannot tell")
    }
    if not lines:
        return "What training did on the test rows cannot be told: no measure has an interval"
    open_ones = found.pop("cannot tell")
    said = [f"{word} at {_list(names)}" for word, names in found.items() if names]
    if not said:
        return f"On {counted(comparison['rows'], 'test row')} no change can be told from chance in {counted(len(lines), 'measure')}"
    rest = f" (of {_list(open_ones)} it cannot be told)" if open_ones else ""
    return f"On {counted(comparison['rows'], 'test row')} training made the model {' and '.join(said)}{rest}"


def _loss(retention: Mapping[str, Any]) -> str:
    names = {
        word: [
            f"{kind}, {words(name).replace(' shot', ' shots')}"
            for group, kind in KINDS.items()
            for name, row in retention.get(group, {}).items()  # figures of an earlier revision have no conduct
            if row["verdict"] == word
        ]
        for word in ("collapsed", "inconclusive")
    }
    match retention["verdict"]:
        case "retained":
            return f"its general ability is retained: {_kept(retention['measures'])} than its margin"
        case "collapsed":
            return f"its general ability collapsed: {_list(names['collapsed'])}"
        case "inconclusive" if retention["measures"] == 1:
            return f"whether its general ability is kept the one measure cannot tell ({_list(names['inconclusive'])})"
        case "inconclusive":
            return (
                f"no measure of general ability collapsed, but {len(names['inconclusive'])} of {retention['measures']} cannot tell "
                f"({_list(names['inconclusive'])})"
            )
    return "its general ability could not be measured"


def _kept(measures: int) -> str:
    return "the one measure lost no more" if measures == 1 else f"none of {counted(measures, 'measure')} lost more"


def _list(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def headline(results: Mapping[str, Any]) -> str:
    """Return the run in two sentences."""
    quality, domain, retention = results["quality"], results["retention"]["domain"], results["retention"]
    score = (
        "no test row has an answer of both models"
        if not domain["n"]
        else (
            f"the domain score ({measure(domain['measure'])}, {of(domain['n'], domain['rows'])} rows) went "
            f"from {number(domain['base'], 2)} to {number(domain['tuned'], 2)} of 10 ({domain['verdict']})"
        )
    )
    return (
        f"{counted(quality['n'], 'labelled row')} with a richness of {percent(quality['richness'])}; "
        f"{results['training']['rows']} of them trained the model. After training {score}; general ability: **{retention['verdict']}**."
    )
