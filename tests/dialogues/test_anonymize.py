"""Anonymize: one pseudonym a datum, in both languages; prices and dates survive; the corpus figures hold."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from stages.core import jsonl, params, rowwise
from stages.dialogues import anonymize as stage
from stages.dialogues.anonymize import Anonymize, anonymize
from stages.pii.corrections import Correction, texts_of
from stages.pii.evidence.recognizers import Evidence
from stages.pii.gold import Marked, Placed
from stages.pii.masked import Masked
from stages.pii.values.spans import KINDS
from stages.rows.dialogue import Dialogue, HeldOut
from stages.rows.missed import Missed, holds
from tests.dialogues.conftest import Make

DOMAIN = Path(__file__).resolve().parents[2] / "prompts" / "real_estate" / "domain.yaml"
RULES = Evidence(zh=None, en=None)
ALL = Anonymize(kinds=KINDS, evidence=Evidence(zh="lac", en=None))


def masked(dialogue: Dialogue, settings: Anonymize = ALL) -> list[str]:
    ((made, *_),) = anonymize([dialogue], settings)
    return [f"{turn.speaker} {turn.text}".strip() for turn in made.turns]


def test_one_person_one_pseudonym(make: Make) -> None:
    dialogue = make(
        ("Deborah Quill", "Good morning, this is Deborah. Am I speaking with Mr Okonjo-Bell?"),
        ("Patrick Okonjo-Bell", "Patrick, please. Hello Deb."),
        ("Deborah Quill", "Patrick, Mrs Okonjo-Bell called me, and so did your brother Ansgar."),
        ("Patrick Okonjo-Bell", "Ansgar always does. Regards, P. Okonjo-Bell"),
    )
    assert masked(dialogue) == [
        "[PERSON_1] Good morning, this is [PERSON_1]. Am I speaking with [PERSON_2]?",
        "[PERSON_2] [PERSON_2], please. Hello [PERSON_1].",
        "[PERSON_1] [PERSON_2], [PERSON_3] called me, and so did your brother [PERSON_4].",
        "[PERSON_2] [PERSON_4] always does. Regards, [PERSON_2]",
    ]


def test_the_id_and_everything_else_stay(make: Make) -> None:
    before = make(("Ann Doe", "Hi."), ("", "Hello Ann."))
    ((after, *_),) = anonymize([before], ALL)
    assert after.model_copy(update={"turns": before.turns}) == before


def test_speakers_that_only_play_a_part_are_emptied(make: Make) -> None:
    dialogue = make(("Agent", "Hello."), ("Customer 2", "Hi."), ("jpace", "Me too."))
    assert masked(dialogue) == ["Hello.", "Hi.", "[PERSON_1] Me too."]


def test_the_same_value_is_the_same_placeholder(make: Make) -> None:
    dialogue = make(
        "My mobile is 07700 900981.",
        "oh double seven double oh, nine hundred, nine eight one?",
        "Yes, nine eight one. Or +44 7700 900981, or ann@example.com.",
        "ANN@example.com, and the office is 020 7946 0991.",
    )
    assert masked(dialogue) == [
        "My mobile is [PHONE_1].",
        "[PHONE_1]?",
        "Yes, [PHONE_1]. Or [PHONE_1], or [EMAIL_1].",
        "[EMAIL_1], and the office is [PHONE_2].",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "It's 289,900 for 1,540 sq ft, built in 1988, two full baths, 2.5% down.",
        "We open 2024-11-03 at 10.15, plots 41 and 47, floors 3 to 12.",
        "Two nine four, nine nine five with the garage, twenty-one days.",
        "£1,384 deposit, $162,400 down, 312 500 EUR, 94 square metres, EPC D.",
        "In May or June, on a Tuesday, I will mark the date; April suits us.",
        "Will you ring the bank in Halifax? The Subaru is in Grange Street.",
        "Hope that helps. Grant me a week. Rich tones, a rose on the sill.",
        "Form N4, plan 66W, rule 28, units R32 and 3-bed, a code of conduct.",
        "总价545万，89平米，2015年建成，首付三成，贷款三十年，月供一万二。",
        "周末看房方便吗？高层采光好，金额不变，马上安排。",
    ],
)
def test_what_is_not_personal_survives(make: Make, text: str) -> None:
    dialogue = make(text, "好的。" if "。" in text else "okay", language="zh" if "。" in text else "en")
    assert masked(dialogue)[0] == text


def test_chinese(make: Make) -> None:
    dialogue = make(
        ("小段-链家", "褚女士您好，我是链家的小段，门禁密码是4907#。"),
        ("褚女士", "段哥好，我老公裴志远也去，我手机幺三七一二三四五六七八，微信号pei_zy_77。"),
        ("小段-链家", "好的褚姐，地址是春晓路88号院5号楼3单元402室，身份证带上。"),
        ("褚女士", "身份证370102199003077712，车牌鲁A·5K7Q2。"),
        language="zh",
    )
    assert masked(dialogue) == [
        "[PERSON_1] [PERSON_2]您好，我是链家的[PERSON_1]，门禁密码是[DOOR_CODE_1]。",
        "[PERSON_2] [PERSON_1]好，我老公[PERSON_3]也去，我手机[PHONE_1]，微信号[WECHAT_1]。",
        "[PERSON_1] 好的[PERSON_2]，地址是[ADDRESS_1]，身份证带上。",
        "[PERSON_2] 身份证[ID_NUMBER_1]，车牌[PLATE_1]。",
    ]


def test_a_place_of_the_domain_is_nobody(make: Make) -> None:
    row = make("叫卓明轩的那套，卓明轩。", "好的。", language="zh")
    ((named, *_),) = anonymize([row], Anonymize(kinds=("person",), evidence=RULES))
    ((placed, found, *_),) = anonymize([row], Anonymize(kinds=("person",), evidence=RULES), places=["卓明轩"])
    assert placed.turns == row.turns and not found
    assert named.turns[0].text == "叫[PERSON_1]的那套，[PERSON_1]。"


def test_a_models_word_counts_where_it_is_asked_for(make: Make) -> None:
    row = make("文件在郑思源桌上。", "好的。", language="zh")
    assert masked(row)[0] == "文件在[PERSON_1]桌上。"
    assert masked(row, Anonymize(kinds=KINDS, evidence=RULES))[0] == row.turns[0].text


@pytest.mark.parametrize(
    "text", ["我的号码119901198506121236，记下。", "身份证是 119901198506121236。", "ID 119901198506121236, please."]
)
def test_an_identity_number_of_a_county_in_no_list_is_one(make: Make, text: str) -> None:
    made = masked(make(text, "好的。", language="zh"))[0]
    assert "[ID_NUMBER_1]" in made and "1199" not in made


@pytest.mark.parametrize("line", ["*" * 400, "··" * 200, ("** " * 150).strip(), "•-" * 200])
def test_a_line_that_parts_messages_takes_no_time(make: Make, line: str) -> None:
    """With a pattern that tries all ways to part it, the first forty signs would take longer than anybody waits."""
    assert masked(make(f"Card **** **** **** 4417.\n{line}", line)) == [f"Card [BANK_CARD_1].\n{line}", line]


def test_an_address_in_a_padded_field_takes_no_time(make: Make) -> None:
    assert masked(make(f"I live at 14 Harrow Street.{' ' * 2000}|", "Fine."))[0].startswith("I live at [ADDRESS_1]")


def test_only_the_kinds_asked_for(make: Make) -> None:
    dialogue = make(("Ann Doe", "Mail ann@example.com or ring 614-555-0111."))
    assert masked(dialogue, Anonymize(kinds=("email",), evidence=RULES)) == [
        "Ann Doe Mail [EMAIL_1] or ring 614-555-0111."
    ]


def test_placeholders_that_are_there_already_keep_their_numbers(make: Make) -> None:
    dialogue = make("[PHONE_1] or 614-555-0111? [image]")
    assert masked(dialogue) == ["[PHONE_1] or [PHONE_2]? [image]"]


def test_anonymizing_twice_changes_nothing(make: Make) -> None:
    first = make(("Ann Doe", "I'm Ann Doe, 614-555-0111, 12 Oak Lane."), ("Bo", "Hi Ann."))
    ((once, *_),) = anonymize([first], ALL)
    ((twice, placed, *_),) = anonymize([once], ALL)
    assert [turn.text for turn in twice.turns] == [turn.text for turn in once.turns]
    assert not placed


def test_no_neighbor_has_a_say(make: Make) -> None:
    rows = [make(("Ann Doe", "Tell Zbyszko I'm Ann.")), make("Zbyszko is a street."), make(("Bo Lee", "Bo here."))]
    together = [made.dialogue for made in anonymize(rows, ALL)]
    assert together == [made.dialogue for row in rows for made in anonymize([row], ALL)]


def run(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[Dialogue],
    gold: Path,
    held_out: Sequence[str] = (),
    corrections: Sequence[Correction] = (),
) -> dict[str, object]:
    monkeypatch.setattr(params, "load_all", lambda *_: {"anonymize": ALL.model_dump()})
    jsonl.write(folder / "in.jsonl", rows)
    jsonl.write(folder / "held_out.jsonl", [HeldOut(id=key) for key in held_out])
    jsonl.write(folder / "personal.jsonl", corrections)
    stage.main(
        source=folder / "in.jsonl",
        domain=DOMAIN,
        gold=gold,
        reviews=folder / "personal.jsonl",
        held_out=folder / "held_out.jsonl",
        target=folder / "out.jsonl",
        spans=folder / "spans.jsonl",
        left=folder / "missed.jsonl",
        report=folder / "privacy.json",
    )
    figures: dict[str, object] = json.loads((folder / "privacy.json").read_text())
    return figures


def test_an_empty_gold_file_gives_no_figures(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gold.jsonl").touch()
    found = run(tmp_path, monkeypatch, [make("Ring 614-555-0111.")], tmp_path / "gold.jsonl")
    assert found["spans"] == {"phone": 1, "all": 1}
    assert isinstance(found["gold"], dict)
    assert (found["gold"]["recall"], found["gold"]["precision"], found["gold"]["marked"]) == (None, None, 0)


def held_out_ids(root: Path) -> list[str]:
    return [row.id for row in jsonl.read(root / "data/test/real_estate/dialogues.jsonl", HeldOut)]


@pytest.fixture(scope="module")
def shipped(corpus: list[Dialogue], root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the shipped conversations, anonymized by the stage."""
    folder = tmp_path_factory.mktemp("shipped")
    with pytest.MonkeyPatch.context() as monkeypatch:
        run(folder, monkeypatch, corpus, root / "data" / "raw" / "pii_gold.jsonl", held_out_ids(root))
    return folder


@pytest.mark.xdist_group("shipped")
def test_the_shipped_corpus(shipped: Path) -> None:
    figures = json.loads((shipped / "privacy.json").read_text())["gold"]
    assert figures["missing"] == 0
    assert figures["recall"] >= 0.94
    assert figures["precision"] >= 0.9
    assert figures["consistency"] >= 0.9
    assert figures["recall_by_kind"]["email"] == 1.0


@pytest.mark.xdist_group("shipped")
def test_no_speaker_name_is_left_in_a_speaker_field(shipped: Path, corpus: list[Dialogue]) -> None:
    rows = jsonl.read(shipped / "out.jsonl", Dialogue)
    assert len(rows) == len(corpus)
    for row in rows:
        assert all(turn.speaker == "" or turn.speaker.startswith("[PERSON_") for turn in row.turns)


def test_what_came_with_the_conversation_is_anonymized_with_it(make: Make) -> None:
    before = make(("Deborah Quill", "Hello, this is Deborah Quill."), ("Ann Doe", "Hello Deborah.")).model_copy(
        update={"context": "Owner: Deborah Quill, phone 07700 900123. Rent 1,450."}
    )
    ((after, placed, *_),) = anonymize([before], ALL)
    assert after.context == "Owner: [PERSON_1], phone [PHONE_1]. Rent 1,450."
    assert len(after.turns) == 2 and {item.turn for item in placed} == {0, 1, 2}


TALK = (
    ("Deborah Quill", "Hello Rafa, the lease is in Grange Street, ask Nia."),
    ("Rafa", "Nia? Call me at five five five, oh one. 1987. Lee."),
    ("Rafa", "Or nia@example.com, Deb."),
)
MARKS = [
    Marked(dialogue="d", turn=0, text="Rafa", kind="person", entity="p1"),
    Marked(dialogue="d", turn=0, text="Nia", kind="person", entity="p2"),
    Marked(dialogue="d", turn=1, text="Nia", kind="person", entity="p2"),
    Marked(dialogue="d", turn=1, text="five five five, oh one", kind="phone"),
    Marked(dialogue="d", turn=2, text="nia@example.com", kind="email"),
    Marked(dialogue="d", turn=2, text="Deb", kind="person", entity="p3"),
    Marked(dialogue="d", turn=1, text="Rafa", kind="person", entity="p1", field="speaker"),
]


def test_marks_decide_in_a_test_dialogue_and_nowhere_else(make: Make) -> None:
    row = make(*TALK)
    ((tested, found, by_marks, *_),) = anonymize([row], ALL, {row.id}, {"d": MARKS})
    assert by_marks
    assert [f"{turn.speaker} {turn.text}" for turn in tested.turns] == [
        "[PERSON_1] Hello [PERSON_2], the lease is in Grange Street, ask [PERSON_3].",
        "[PERSON_2] [PERSON_3]? Call me at [PHONE_1]. 1987. Lee.",
        "[PERSON_2] Or [EMAIL_1], [PERSON_1].",
    ]
    ((trained, same, *_),) = anonymize([row], ALL, (), {"d": MARKS})
    assert [turn.text for turn in trained.turns] == [text.split(" ", 1)[1] for text in masked(row)]
    assert same == found != []


def test_only_marks_of_the_kinds_asked_for(make: Make) -> None:
    row = make(*TALK)
    ((tested, *_),) = anonymize([row], Anonymize(kinds=("email",), evidence=RULES), {row.id}, {"d": MARKS})
    assert [turn.text for turn in tested.turns][:2] == [TALK[0][1], TALK[1][1]]
    assert tested.turns[2].text == "Or [EMAIL_1], Deb."


def test_marks_of_other_kinds_count_as_occurrences(make: Make) -> None:
    row = make(("Deborah Quill", "The code is 4471, my account ends in 4471."))
    marks = [
        Marked(dialogue="d", turn=0, text="4471", kind="door_code"),
        Marked(dialogue="d", turn=0, text="4471", kind="account"),
    ]
    ((tested, *_),) = anonymize([row], Anonymize(kinds=("account",), evidence=RULES), {row.id}, {"d": marks})
    assert tested.turns[0].text == "The code is 4471, my account ends in [ACCOUNT_1]."


def test_nothing_is_left_of_marks_that_run_into_each_other(make: Make) -> None:
    row = make(("Deborah Quill", "Ask for Nia Sorrel Grange 5, it is Nia Sorrel's."))
    words = {"Nia Sorrel": "person", "Sorrel Grange 5": "address"}
    marks = [Marked(dialogue="d", turn=0, text=text, kind=kind, entity=kind) for text, kind in words.items()]
    marks.append(marks[0])
    ((tested, *_),) = anonymize([row], ALL, {row.id}, {"d": marks})
    assert tested.turns[0].text == "Ask for [PERSON_2] [ADDRESS_1], it is [PERSON_2]'s."


def test_a_test_dialogue_without_marks_is_said(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    jsonl.write(tmp_path / "gold.jsonl", MARKS)
    rows = [make(*TALK), make("Ring 614-555-0111.", key="e")]
    found = run(tmp_path, monkeypatch, rows, tmp_path / "gold.jsonl", [row.id for row in rows])
    assert found["test"] == {"by_marks": 1, "detected": 1}
    assert "1 of 2 test dialogues have no marks" in capsys.readouterr().err
    assert [row.turns[0].text for row in jsonl.read(tmp_path / "out.jsonl", Dialogue)][1] == "Ring [PHONE_1]."


@pytest.mark.xdist_group("shipped")
def test_no_marked_piece_is_left_in_a_test_dialogue(shipped: Path, root: Path) -> None:
    marks = defaultdict(list)
    for mark in jsonl.read(root / "data/raw/pii_gold.jsonl", Marked):
        marks[mark.dialogue].append(mark.text)
    held_out = set(held_out_ids(root))
    rows = [row for row in jsonl.read(shipped / "out.jsonl", Dialogue) if row.id in held_out]
    assert len(rows) == len(held_out)
    digits = {row.key: [text for text in marks[row.key] if len(text) > 1 and text in row.render()] for row in rows}
    assert {key: left for key, left in digits.items() if left} == {}


@pytest.mark.xdist_group("shipped")
def test_the_spans_are_where_the_placeholders_stand_and_hold_no_words(shipped: Path, corpus: list[Dialogue]) -> None:
    """The originals with their spans replaced are what the stage wrote, of marked test dialogues too."""
    after = {row.id: texts_of(row) for row in jsonl.read(shipped / "out.jsonl", Dialogue)}
    masked = {row.id: row.spans for row in jsonl.read(shipped / "spans.jsonl", Masked)}
    assert masked.keys() == after.keys() and sum(map(len, masked.values())) > 1000
    for row in corpus:
        texts = texts_of(row)
        for span in reversed(masked[row.id]):
            texts[span.turn] = texts[span.turn][: span.start] + span.placeholder + texts[span.turn][span.end :]
        assert texts == after[row.id]
    assert set(Placed.model_fields) == {"turn", "start", "end", "kind", "placeholder"}


@pytest.mark.xdist_group("shipped")
def test_what_was_missed_is_told_without_its_text(shipped: Path, corpus: list[Dialogue], root: Path) -> None:
    rows = {row.id: row for row in jsonl.read(shipped / "out.jsonl", Dialogue)}
    missed = jsonl.read(shipped / "missed.jsonl", Missed)
    texts = {mark.text for mark in jsonl.read(root / "data/raw/pii_gold.jsonl", Marked) if len(mark.text) > 3}
    written = re.sub(r'"digest":"[0-9a-f]+"', "", (shipped / "missed.jsonl").read_text(encoding="utf-8"))
    assert missed and not {row.id for row in missed} & set(held_out_ids(root))
    assert all(holds(rows[row.id].render(), [digest]) for row in missed for digest in row.texts)
    assert not [text for text in texts if text in written]


def test_the_number_of_processes_changes_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = ("Deborah Quill", "This is Deborah, call me on 07700 900{:03d}."), ("Ansgar Bell", "Thanks, Deborah.")
    rows = [make(*((who, text.format(n)) for who, text in talk), key=str(n)) for n in range(70)]
    rows[40] = make(*TALK)
    alone = list(anonymize(rows, ALL, {rows[40].id}, {"d": MARKS}))
    assert [number for number, row in enumerate(alone) if row.by_marks] == [40]
    monkeypatch.setattr(stage, "FEW", 0)
    for count in (2, 3):
        monkeypatch.setattr(rowwise, "cores", partial(int, count))
        assert list(anonymize(rows, ALL, {rows[40].id}, {"d": MARKS})) == alone


def corrected(row: Dialogue, turn: int, words: str, kind: str, key: str = "") -> Correction:
    start = row.turns[turn].text.index(words)
    values = {"id": key or row.id, "turn": turn, "start": start, "end": start + len(words), "kind": kind}
    return Correction.model_validate({**values, "reviewer": "ann", "time": "2025-03-01T10:00:00Z"})


def test_people_correct_the_detectors_in_the_whole_conversation(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make("This is Deborah. Ring 614-555-0111.", "Deborah, blossom7 is mine.", "blossom7, right.", "Yes.")
    (tmp_path / "gold.jsonl").touch()
    lines = [
        corrected(row, 1, "Deborah", "nothing"),
        corrected(row, 2, "blossom7", "wechat"),
        corrected(row, 0, "Ring", "person", "gone"),
    ]
    plain = run(tmp_path, monkeypatch, [row], tmp_path / "gold.jsonl")
    assert "corrections" not in plain
    figures = run(tmp_path, monkeypatch, [row], tmp_path / "gold.jsonl", corrections=lines)
    (after,) = jsonl.read(tmp_path / "out.jsonl", Dialogue)
    assert [turn.text for turn in after.turns] == [
        "This is Deborah. Ring [PHONE_1].",
        "Deborah, [WECHAT_1] is mine.",
        "[WECHAT_1], right.",
        "Yes.",
    ]
    assert after.id == row.id
    assert figures["corrections"] == {"stretches": 2, "marks_instead": 0, "stale": 1}
    assert figures["spans"] == {"wechat": 2, "phone": 1, "all": 3}


def test_corrections_of_a_conversation_that_was_edited_since_are_told(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = (make(text, "It is blossom7.") for text in ("How do I reech you?", "How do I reach you?"))
    (tmp_path / "gold.jsonl").touch()
    lines = [corrected(before, 1, "blossom7", "wechat")]
    run(tmp_path, monkeypatch, [before], tmp_path / "gold.jsonl", corrections=lines)
    assert "mask and free nothing" not in capsys.readouterr().err
    run(tmp_path, monkeypatch, [after], tmp_path / "gold.jsonl", corrections=lines)
    said = capsys.readouterr().err
    assert "anonymize: 1 of 1 corrections in" in said and "mask and free nothing" in said and "blossom7" not in said


def test_detectors_are_measured_as_if_nobody_had_corrected_them_and_what_is_left_is_told(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make("This is Deborah.", "Hello, I am blossom7.", key="d")
    marks = [Marked(dialogue="d", turn=0, text="Deborah", kind="person"), Marked(dialogue="d", turn=1, text="blossom7", kind="wechat")]  # fmt: skip
    jsonl.write(tmp_path / "gold.jsonl", marks)
    lines = [corrected(row, 0, "Deborah", "nothing"), corrected(row, 1, "blossom7", "wechat")]
    before = run(tmp_path, monkeypatch, [row], tmp_path / "gold.jsonl")
    (left,) = jsonl.read(tmp_path / "missed.jsonl", Missed)
    assert holds("blossom7", left.texts) and not holds("Deborah", left.texts)
    after = run(tmp_path, monkeypatch, [row], tmp_path / "gold.jsonl", corrections=lines)
    assert after["gold"] == before["gold"]
    (left,) = jsonl.read(tmp_path / "missed.jsonl", Missed)
    assert holds("Deborah", left.texts) and not holds("blossom7", left.texts)


def test_in_a_test_dialogue_marks_go_before_corrections(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make("This is Deborah.", "Hello.", key="d")
    jsonl.write(tmp_path / "gold.jsonl", [Marked(dialogue="d", turn=0, text="Deborah", kind="person")])
    lines = [corrected(row, 0, "Deborah", "nothing")]
    found = run(tmp_path, monkeypatch, [row], tmp_path / "gold.jsonl", [row.id], lines)
    (after,) = jsonl.read(tmp_path / "out.jsonl", Dialogue)
    assert after.turns[0].text == "This is [PERSON_1]."
    assert found["corrections"] == {"stretches": 0, "marks_instead": 1, "stale": 0}
