"""English people by kind of mention, and what looks like one and is nobody's name. Every sentence is invented."""

import pytest

from stages.pii.evidence.suggestion import SuggestedKind, Suggestion
from stages.pii.ordinary_words import ordinary
from stages.pii.people import english_names, world_names
from stages.pii.people.given_names import plain
from stages.pii.values.spans import Mask

WORDS = ordinary(2.5)


def found(*turns: str, suggested: tuple[Suggestion, ...] = ()) -> list[str]:
    """Return who is mentioned; `suggested` is what a model takes for what in the first turn."""
    texts = list(turns)
    evidence = [list(suggested), *([] for _ in texts[1:])]
    mentions = english_names.find(texts, [], WORDS, [Mask() for _ in texts], evidence)
    return [texts[m.turn][m.start : m.end] for m in mentions]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("We'll need Tom, Ana and Priya at the viewing.", "Tom|Ana|Priya"),
        ("Attendees: Bogdan Ionescu, Farida Karimova, Kwame Mensah and Xiu Lan.", "Bogdan Ionescu|Farida Karimova|Kwame Mensah|Xiu Lan"),
        ("Could you loop in Fatima, Sven, Ciaran & Olu please?", "Fatima|Sven|Ciaran|Olu"),
        ("Occupants: tom, ana and priya", "tom|ana|priya"),
        ("Mark and Bill are my flatmates.", "Mark|Bill"),
    ],
)  # fmt: skip
def test_in_lists(text: str, names: str) -> None:
    assert found(text) == names.split("|")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Best regards,\nJ. Okafor", "J. Okafor"),
        ("Kind regards,\nMarieke van den Berg\nLettings Manager", "Marieke van den Berg"),
        ("Yours faithfully,\nM.T. Oyelaran", "M.T. Oyelaran"),
        ("Sincerely,\n\nH. Lindqvist\nHead of Sales", "H. Lindqvist"),
        ("Thanks again!\n- Bex", "Bex"),
        ("regards, stefan", "stefan"),
    ],
)
def test_in_signatures(text: str, names: str) -> None:
    assert found(text) == names.split("|")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("I am J. R. Smith and I want to complain.", "J. R. Smith"),
        ("George W. Tanner owes two months.", "George W. Tanner"),
        ("Talk to Mary K. about the lease.", "Mary K."),
        ("Talk to Mary K about the lease.", "Mary K"),
        ("The tenant is P. Venkataraman.", "P. Venkataraman"),
    ],
)
def test_with_initials(text: str, names: str) -> None:
    assert found(text) == names.split("|")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("my name is sarah connor", "sarah connor"),
        ("my name is zdenka horakova and i rent in block b", "zdenka horakova"),
        ("hi this is tom, calling about the flat", "tom"),
        ("i'm abdul, the guy from yesterday", "abdul"),
        ("can you ask maria lopez to ring me", "maria lopez"),
        ("this is mrs delacroix", "mrs delacroix"),
        ("MY NAME IS PETER HOLLOWAY", "PETER HOLLOWAY"),
        ("please tell SARAH that the keys are here", "SARAH"),
    ],
)
def test_without_the_usual_capitals(text: str, names: str) -> None:
    assert found(text) == names.split("|")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Anne-Marie O'Donoghue signed it.", "Anne-Marie O'Donoghue"),
        ("It's Siobhán's flat.", "Siobhán"),
        ("Łukasz Wójcik and Zoë Müller moved in.", "Łukasz Wójcik|Zoë Müller"),
        ("Þóra Guðmundsdóttir will view it", "Þóra Guðmundsdóttir"),
        ("Muhammad bin Rashid will collect the keys.", "Muhammad bin Rashid"),
        ("Ms. García-Márquez and Captain Ferreira came by.", "Ms. García-Márquez|Captain Ferreira"),
        ("Ask the Lindqvists next door.", "Lindqvists"),
    ],
)
def test_of_every_origin(text: str, names: str) -> None:
    assert found(text) == names.split("|")


@pytest.mark.parametrize("asked", ["Could I take your name please?", "What's your surname?", "Your full name please"])
@pytest.mark.parametrize("answer", ["Nkechi Umeh", "achterberg", "MARTA KLIMOVA"])
def test_the_answer_to_a_question_for_a_name(asked: str, answer: str) -> None:
    assert found(asked, answer) == [answer]
    assert found("What is the weather like?", "achterberg") == []


@pytest.mark.parametrize(
    "text",
    [
        "I booked a visit to Sutton Gardens Apartments for Monday.",
        "There's a nice complex called Larkspur on 22 Hill Street.",
        "How about Windsor Arms? It's a good property located at 12 Oak Lane.",
        "Is Parkview Manor pet friendly? And Cypress Glen?",
        "The building named Solaria has 2 lifts.",
        "I flew into Heathrow Airport and then to John F. Kennedy Airport.",
        "We stayed at the Lakeside Inn near Logan International Airport.",
        "I rented a Toyota Corolla and then a Hyundai Sonata, not the Kia Rio.",
        "Foster & Lyle Solicitors sent the contract; ring Harding Plumbing Services.",
        "Contact Thames Water, British Gas or Octopus Energy. I use Revolut and Monzo.",
        "Yes, That works. No, This is fine. Sure, Please do. Thank you, Can you send it?",
        "Yup, Sounds good. Alrighty, See you. Congratulation, your visit is booked.",
        "Ticket INC-2231: Boiler Alarm High. Status Pending. Priority Critical.",
        "Smoke Detector Low Battery. Motion Detected in Hallway. Reset Panel.",
        "In May we go to Paris, in April to Adelaide, in June to Lisbon.",
        "I am Spanish but speak Catalan, Basque and Galician.",
        "i live in san diego near jackson street",
        "he moved to charlotte last year",
        "my name is on the lease. my name is not spelled right",
        "i'm in a hurry, call me back please",
        "Dear Customer, Dear Sir, Dear Team, Hi All,",
    ],
)
def test_nobody(text: str) -> None:
    assert found(text) == []


def said(text: str, word: str, kind: SuggestedKind) -> Suggestion:
    return Suggestion(text.index(word), text.index(word) + len(word), kind)


def test_a_models_word_is_evidence_and_no_verdict() -> None:
    unsure, street = "The letter went to Vrelka on Monday.", "The letter went to Vrelka Street on Monday."
    assert found(unsure) == []
    assert found(unsure, suggested=(said(unsure, "Vrelka", "person"),)) == ["Vrelka"]
    assert found(street, suggested=(said(street, "Vrelka", "person"),)) == []
    assert found("The letter went to Monday.", suggested=(Suggestion(19, 25, "person"),)) == []
    weak, strong = "It stays between Vrelka.", "Tell Vrelka."
    assert found(weak) == found(strong) == ["Vrelka"]
    assert found(weak, suggested=(said(weak, "Vrelka", "place"),)) == []
    assert found(strong, suggested=(said(strong, "Vrelka", "place"),)) == ["Vrelka"]


def test_the_lists_are_of_many_countries() -> None:
    assert len(world_names.given()) > 10_000 and len(world_names.surnames()) > 15_000
    assert [world_names.weight(plain(name)) for name in ("Łukasz", "Nkechi", "Hans-Peter")] == [1.0, 1.0, 1.0]
    assert [world_names.weight(plain(name)) for name in ("Wójcikowski", "Okafor", "Guðmundsdóttir")] == [0.5] * 3
    assert world_names.weight("o'shaughnessy") == 1.5
    assert world_names.weight("drainage") == world_names.weight("wi-fi") == 0.0


def test_of_two_suggestions_the_one_that_covers_most_of_a_word_counts() -> None:
    text = "We saw Ostrava Quellin there."
    start = text.index("Quellin")
    touching = Suggestion(text.index("saw"), start + 1, "place"), Suggestion(start, start + len("Quellin"), "person")
    assert "Quellin" in " ".join(found(text, suggested=touching))


def test_a_suggestion_that_is_only_a_word_says_nothing() -> None:
    text = "We need Thrandle tomorrow."
    assert found(text, suggested=(Suggestion(8, 16, "word"),)) == found(text)
