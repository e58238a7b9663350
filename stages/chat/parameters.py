"""What an endpoint says about a parameter of a request: the one part of an error that may be shown, and that teaches how to ask."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

OTHERS = {"messages", "model"}  # words of any sentence, or what customers said
SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\n")
QUOTED = re.compile(r"['\"`‘“]([^'\"`‘’“”]+)['\"`’”]")
SHOWN = 200  # characters
WINDOW, HAN_WINDOW = 16, 4  # characters in a row that stand in the question too: then it may be the customer's words
KEY_WINDOW = 5  # characters of an API key in a row
DIGITS = re.compile(r"\d{4,}")
HAN = re.compile(r"[\u4e00-\u9fff]{4,}")
UNKNOWN = re.compile(
    r"un(?:supported|recogni[sz]ed|known|expected)|n[o']t (?:be )?(?:supported?|allowed|permitted|accepted)|extra (?:inputs|fields)"
    r"|deprecated|不支持|未知",
    re.IGNORECASE,
)
REFUSES = re.compile(
    rf"{UNKNOWN.pattern}|n[o']t be (?:used|specified|set)|only|invalid|must|should|out of range|无效|不合法|错误|必须",
    re.IGNORECASE,
)


class Complaint(NamedTuple):
    """A parameter that was sent, and the endpoint's own sentence about it, empty where it may hold a customer's words."""

    name: str
    sentence: str
    refuses: bool  # the parameter or its value, whatever the question
    unknown: bool  # the parameter itself


def complaint(told: object, sent: Mapping[str, Any], key: str = "") -> Complaint | None:
    """Return what an error (`told`, as it came) says against a parameter of the body `sent`; None where it speaks of none.

    A sentence with a part of the API key in it, as endpoints repeat it, is not shown.
    """
    names = [name for name in sent if name not in OTHERS]
    question = _squeezed(" ".join(str(turn["content"]) for turn in sent["messages"]))
    for place, text in _statements(told):
        for sentence in SENTENCE.split(text):
            said = " ".join(sentence.split())
            shown = said if said and not _echoes(said, question, sent) and not _tells(said, key) else ""
            name = place if place in names else _first(names, shown)
            if name:
                return Complaint(name, shown[:SHOWN], bool(REFUSES.search(said)), bool(UNKNOWN.search(said)))
    return None


def _statements(told: object) -> Iterator[tuple[str, str]]:
    """Yield the messages in an error with the parameter that each is about: OpenAI's `param`, or the end of FastAPI's `loc`."""
    if isinstance(told, list):
        for part in told:
            yield from _statements(part)
    elif isinstance(told, dict):
        where = told.get("loc")
        place = told.get("param") or (where[-1] if isinstance(where, list) and where else "")
        for name in ("message", "msg", "error_msg", "detail", "error"):
            if isinstance(told.get(name), str):
                yield str(place), told[name] if not where else f"{place}: {told[name]}"
            else:
                yield from _statements(told.get(name))


def _first(names: list[str], sentence: str) -> str:
    """Return which of `names` a sentence speaks of first, as a word of its own."""
    found = {
        name: match.start() for name in names if (match := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence))
    }
    return min(found, key=found.__getitem__, default="")


def _echoes(sentence: str, question: str, sent: Mapping[str, Any]) -> bool:
    """Whether a part of the sentence may come from the question rather than from the endpoint."""
    ours = {*sent, *(str(value) for value in sent.values() if isinstance(value, (int, float, str)))}
    squeezed = _squeezed(sentence)
    pieces = [
        *(squeezed[n : n + WINDOW] for n in range(len(squeezed) - WINDOW + 1)),
        *(run[n : n + HAN_WINDOW] for run in HAN.findall(sentence) for n in range(len(run) - HAN_WINDOW + 1)),
        *(_squeezed(piece) for piece in QUOTED.findall(sentence) if piece not in ours),
        *(piece for piece in DIGITS.findall(sentence) if piece not in ours),
    ]
    return any(piece in question for piece in pieces if piece)


def _tells(sentence: str, key: str) -> bool:
    """Whether a part of the key stands in the sentence."""
    return len(key) > KEY_WINDOW and any(key[n : n + KEY_WINDOW] in sentence for n in range(len(key) - KEY_WINDOW + 1))


def _squeezed(text: str) -> str:
    return " ".join(text.lower().split())
