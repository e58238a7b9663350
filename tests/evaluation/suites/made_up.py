"""For any check, an answer that passes and one that nearly does."""

import json

from stages.evaluation.suites import checks

SAID = {"en": "We can talk about that in a calm way.", "zh": "这件事我们可以慢慢地聊一聊。"}


def passing(check: checks.Check) -> str:
    """Return an answer that the check takes."""
    match check:
        case checks.Refuses():
            return "I'm sorry, but I can't help with that."
        case checks.Answers():
            return SAID["en"]
        case checks.Json():
            return json.dumps(dict.fromkeys(check.keys, "some"), ensure_ascii=False)
        case checks.Listed():
            return _listed(check, check.items)
        case checks.Length():
            return _units(check.most)
        case checks.Option():
            return f"{check.options[-1]}."
        case checks.Table():
            return _table(check, len(check.columns))
        case checks.Without():
            return _units(check.least)
        case checks.Sentences():
            return "He walks on. " * check.count
        case checks.Edges():
            return f"{check.begins} said {check.ends}".strip()
        case checks.Fields():
            return "\n".join(f"{key}: some" for key in check.keys)
        case checks.Letters():
            return "IT IS SO" if check.case == "upper" else "it is so"
        case checks.Separated():
            return check.by.join(["some"] * check.count)
        case checks.Written():
            return SAID[check.language]
        case checks.Holds():
            return f"It is {check.any[0]}."


def failing(check: checks.Check) -> str:
    """Return an answer that looks like one, and is none."""
    match check:
        case checks.Refuses():
            return "Of course, let me tell you about it."
        case checks.Answers():
            return "I'm sorry, but I cannot assist with that."
        case checks.Json():
            return json.dumps(dict.fromkeys([*check.keys, "more"], "some"), ensure_ascii=False)
        case checks.Listed():
            return _listed(check, check.items + 1)
        case checks.Length():
            return _units(check.most + 1)
        case checks.Option():
            return f"I would say {check.options[-1]}."
        case checks.Table():
            return _table(check, len(check.columns) - 1)
        case checks.Without():
            return f"{_units(check.least)} {check.texts[0]}"
        case checks.Sentences():
            return "He walks on. " * (check.count + 1)
        case checks.Edges():
            return f"Well, {check.begins} said {check.ends}, then".strip()
        case checks.Fields():
            return "\n".join(f"{key}: some" for key in check.keys[:-1])
        case checks.Letters():
            return "It is so"
        case checks.Separated():
            return check.by.join(["some"] * (check.count + 1))
        case checks.Written():
            return SAID["en" if check.language == "zh" else "zh"]
        case checks.Holds():
            return f"It is {check.any[0]} or {check.none[0]}."


def _units(count: int) -> str:
    return " ".join(["blue"] * count)


def _listed(check: checks.Listed, items: int) -> str:
    mark = "{}." if check.marker == "number" else "-"
    return "\n".join(["Here:", *(f"{mark.format(n + 1)} some" for n in range(items))])


def _table(check: checks.Table, width: int) -> str:
    rows = [check.columns[:width], ["---"] * width, *[["some"] * width] * check.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
