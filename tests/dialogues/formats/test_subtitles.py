"""WebVTT and SRT without our NOTE: who speaks by voice tags and by names before the text."""

from pathlib import Path

import pytest

from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw, Unreadable
from stages.dialogues.formats.field_map import Conversations, Forms
from stages.dialogues.formats.parties import Names

CAST = Forms(Conversations(parties=Names(provider=("Wade Hollis",), customer=("Linh Tran",))))
UNKNOWN = "(speakers in no table: 2); name them under parties in the pack's conversations.yaml"


def cues(*texts: str, comma: bool = False) -> str:
    times = [f"00:00:{n:02}.000 --> 00:00:{n + 1:02}.000" for n in range(len(texts))]
    body = "\n".join(f"{n}\n{time}\n{text}\n" for n, (time, text) in enumerate(zip(times, texts, strict=True), 1))
    return body.replace(".000", ",000") if comma else f"WEBVTT\n\n{body}"


def read(folder: Path, text: str, forms: Forms | None = None) -> Raw | Unreadable:
    (folder / "call.txt").write_text(text, encoding="utf-8")
    (made,) = detect.read(folder / "call.txt", forms or Forms()).results
    return made


@pytest.mark.parametrize("comma", [False, True], ids=["vtt", "srt"])
@pytest.mark.parametrize(
    "texts",
    [
        ("<v Agent>Good day.</v>", "<v Customer>Hi.</v>"),
        ("<v.loud Agent>Good <i>day</i>.", "<v Customer>Hi."),
        ("Agent: Good day.", "Customer: Hi."),
        ("[Agent] Good day.", "[User] Hi."),
        (">> AGENT: Good day.", "(Caller) Hi."),
        ("坐席：Good day.", "顾客：Hi."),
        ("- Agent: Good day.", "- Client: Hi."),
        ("Agent 1: Good day.", "Caller: Hi."),
        ("Agent: Good\nday.", "Customer: Hi."),
    ],
)
def test_speakers_by_words_of_the_table(tmp_path: Path, texts: tuple[str, str], comma: bool) -> None:
    made = read(tmp_path, cues(*texts, comma=comma))
    assert isinstance(made, Raw), made
    assert [(turn.party, turn.text) for turn in made.turns] == [("provider", "Good day."), ("customer", "Hi.")]
    assert made.spoken is True


@pytest.mark.parametrize("style", ["<v {}>{}</v>", "{}: {}", "[{}] {}"])
def test_people_s_names_need_the_pack(tmp_path: Path, style: str) -> None:
    text = cues(style.format("Wade Hollis", "Good day."), style.format("Linh Tran", "Hi."))
    fault = read(tmp_path, text)
    assert isinstance(fault, Unreadable)
    assert fault.detail == f"nobody is provider or customer {UNKNOWN}"
    made = read(tmp_path, text, CAST)
    assert isinstance(made, Raw)
    assert [(turn.party, turn.speaker) for turn in made.turns] == [
        ("provider", "Wade Hollis"),
        ("customer", "Linh Tran"),
    ]


def test_a_note_names_people_too(tmp_path: Path) -> None:
    text = cues("<v Wade Hollis>Good day.", "<v Linh Tran>Hi.", "<v Dee>Who is it?")
    named = text.replace("WEBVTT\n", "WEBVTT\n\nNOTE\nprovider: Wade Hollis\ncustomer: Linh Tran\n")
    made = read(tmp_path, named)
    assert isinstance(made, Raw)
    assert [turn.party for turn in made.turns] == ["provider", "customer", "other"]
    half = read(tmp_path, text.replace("WEBVTT\n", "WEBVTT\n\nNOTE\nprovider: Wade Hollis\n"))
    assert isinstance(half, Unreadable)
    assert half.detail == f"nobody is customer {UNKNOWN}"


def test_a_cue_in_which_nobody_speaks_is_passed_over(tmp_path: Path) -> None:
    made = read(tmp_path, cues("Agent: Good day.", "", "Customer: Hi.", "<v Agent></v>", "[ ]"))
    assert isinstance(made, Raw) or "nobody" in made.detail
    made = read(tmp_path, cues("Agent: Good day.", "", "Customer: Hi.", "Agent: \u200b"))
    assert isinstance(made, Raw)
    assert (len(made.turns), made.silent) == (2, 2)


def test_a_colon_inside_the_words_names_nobody(tmp_path: Path) -> None:
    texts = (
        "Agent: Good day.",
        "Customer: Hi.",
        "I can be there at 5:30.",
        "see https://example.com",
        "one thing: the rent",
        "and so on",
        "bye",
    )
    made = read(tmp_path, cues(*texts))
    assert isinstance(made, Raw)
    assert [turn.speaker for turn in made.turns] == ["Agent", "Customer", "", "", "", "", ""]
    assert made.turns[4].text == "one thing: the rent"


def test_two_voices_in_one_cue_are_two_turns(tmp_path: Path) -> None:
    made = read(tmp_path, cues("<v Agent>Can I help?</v>\n<v Customer>Yes, the flat.</v>", "<v Agent>Good.</v>"))
    assert isinstance(made, Raw)
    assert [(turn.party, turn.text) for turn in made.turns] == [
        ("provider", "Can I help?"),
        ("customer", "Yes, the flat."),
        ("provider", "Good."),
    ]


@pytest.mark.parametrize("comma", [False, True], ids=["vtt", "srt"])
@pytest.mark.parametrize("numbered", [False, True])
def test_cues_without_a_blank_line_between_them_are_turns_of_their_own(
    tmp_path: Path, comma: bool, numbered: bool
) -> None:
    text = cues("Agent: Good day.", "Customer: The number is\n42", "Agent: Noted.", comma=comma)
    if comma or numbered:
        text = text.replace("\n\n", "\n")
    else:
        text = "\n".join(line for line in text.split("\n") if line and line not in "123")
    made = read(tmp_path, text)
    assert isinstance(made, Raw), made
    assert [(turn.party, turn.text) for turn in made.turns] == [
        ("provider", "Good day."),
        ("customer", "The number is 42"),
        ("provider", "Noted."),
    ]
    assert [turn.time for turn in made.turns] == [f"00:00:0{second}{',' if comma else '.'}000" for second in range(3)]


def test_a_fault_in_cues_without_blank_lines_is_told_by_its_line(tmp_path: Path) -> None:
    fault = read(tmp_path, cues("Agent: Good day.", "Customer: Hi.").replace("\n\n", "\n") + "\nno time\nnone\n")
    assert isinstance(fault, Unreadable)
    assert (fault.line, fault.detail) == (10, "cue 3: expected a line HH:MM:SS.mmm --> HH:MM:SS.mmm")
