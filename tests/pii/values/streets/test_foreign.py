"""Streets of other countries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.pii.values import addresses
from stages.pii.values.streets import foreign
from tests.pii.values.streets.covered import is_covered


@pytest.mark.parametrize(
    "address",
    [
        "Lindenstraße 27, 10115 Berlin",
        "Mozartgasse 8/2/14, 1040 Wien",
        "Gartenweg 3a\n79100 Freiburg im Breisgau\nDeutschland",
        "14 bis rue des Lilas, 75002 Paris",
        "8 impasse des Cerisiers\n31000 Toulouse\nFrance",
        "Calle Luna, 8, 2ºA, 41004 Sevilla",
        "Via Garibaldi 18, 20121 Milano",
        "Rua das Flores, 88, apto 402, Curitiba - PR, 80020-120",
        "Avenida 25 de Abril 10",
        "Sveavägen 66, 4 tr, 113 59 Stockholm",
        "Kungsgatan 7 lgh 1102\n123 45 Täby",
        "Hämeenkatu 15 B 22, 33100 Tampere",
        "Nørregade 21, 2. tv, 1165 København K",
        "Keizersgracht 224-H, 1016 DV Amsterdam",
        "Stationsplein 3 bus 12, 9000 Gent",
        "ul. Długa 14 m. 7, 00-238 Warszawa",
        "Kossuth utca 8, 1055 Budapest",
        "Nova 12, 602 00 Brno",
        "улица Пушкина, дом 10, кв. 5",
        "Οδός Ερμού 15",
        "Calle 72 No. 10-34",
        "18 Jalan Besar #04-11, Singapore 208787",
        "Flat B, 12/F, Block 3, Taikoo Shing, Hong Kong",
        "2-11-3 Meguro, Meguro-ku, Tokyo 153-0063",
    ],
)
@pytest.mark.parametrize("frame", ["He lives at {}.", "Please send it to {}", "> Jane Roe\n> {}\n"])
def test_found_whole(address: str, frame: str) -> None:
    assert is_covered(address, frame.format(address))


def test_a_quoted_block_is_one_address() -> None:
    text = "> Jane Roe\n> 40812 Tannenkatu 54\n> Suite 318\n> PORI\n> Finland 38524\n"
    (span,) = addresses.find(text)
    assert text[span.start : span.end] == "40812 Tannenkatu 54\n> Suite 318\n> PORI\n> Finland 38524"


@pytest.mark.parametrize(
    "text",
    [
        "We are in Berlin 3 days a week.",
        "It is on Day 3.",
        "We moved to Lyon 2019.",
        "via Paris in 2 hours",
        "in May 2024",
    ],
)
def test_a_number_beside_a_name_is_no_house(text: str) -> None:
    assert addresses.find(text) == []


CUES, ENDS = ["He lives at", "address is", ""], ["", ", Berlin, Germany", " Apt 4", " to"]
NUMBERS = ["3", "12a", "8/2", "224-H", "1040", "14,", "No. 5", "n°7", "д. 9"]
KINDS = ["", "bis", "rue", "Rue", "ul.", "The", "St.", "North", "N.", "van der", "de"]
NAMES = ["Lilas", "Musterstr.", "Gartenweg", "Kossuth utca", "Deák tér", "Berlin"]


@settings(deadline=None)  # the first example compiles the patterns
@given(*map(st.sampled_from, (CUES, NUMBERS, KINDS, NAMES, ENDS)), st.booleans())
def test_a_number_stands_beside_a_name(cue: str, number: str, kind: str, name: str, end: str, before: bool) -> None:
    parts = (cue, number, kind, name) if before else (cue, kind, name, number)
    text = " ".join(filter(None, parts)) + end
    found = [match.group() for pattern in foreign.BESIDE_NAME for match in pattern.compiled.finditer(text)]
    assert all(map(foreign.NEXT_TO_NAME.search, found))
