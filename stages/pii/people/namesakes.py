"""Firms, products, diseases and airports that bear a person's name: nobody in the talk."""

import re
from collections.abc import Iterator

from stages.pii.patterns.deferred import Deferred
from stages.pii.people.word_groups import any_of

FASHION = r"""
Calvin_Klein Tommy_Hilfiger Ralph_Lauren Michael_Kors Hugo_Boss Marc_Jacobs Louis_Vuitton Giorgio_Armani Yves_Saint_Laurent Kate_Spade Est[eé]e_Lauder
Mary_Kay Fred_Perry Ted_Baker Vera_Wang Laura_Ashley Jimmy_Choo Jo_Malone Elizabeth_Arden Victoria['’]s_Secret Bobbi_Brown Charlotte_Tilbury Tory_Burch
Stella_McCartney Christian_Dior Dr\.?_Martens? Doc_Martens Steve_Madden Tom_Ford Levi['’]?s Levi_Strauss Abercrombie_(?:&|and)_Fitch
"""
FINANCE = r"""
Wells_Fargo Charles_Schwab Morgan_Stanley J\.?_?P\.?_?Morgan(?:_Chase)? Goldman_Sachs Merrill_Lynch Edward_Jones Ernst_(?:&|and)_Young Raymond_James
Lloyds John_Hancock Fannie_Mae Freddie_Mac Sallie_Mae Jackson_Hewitt Arthur_Andersen Jones_Lang_LaSalle Knight_Frank Dun_(?:&|and)_Bradstreet
"""
SHOPS = r"""
John_Lewis Marks_(?:&|and)_Spencer Trader_Joe['’]?s Papa_John['’]?s Jimmy_John['’]?s Ben_(?:&|and)_Jerry['’]?s Wendy['’]s Denny['’]s Arby['’]s
Applebee['’]s Chili['’]s Macy['’]s Kohl['’]s Dillard['’]s Lowe['’]s Bloomingdale['’]s Domino['’]s Hardee['’]s Carl['’]s_Jr Tim_Hortons? Sam['’]s_Club
Fred_Meyer Dick['’]s_Sporting Bob_Evans Jamba_Juice Peet['’]s McDonald['’]?s Nando['’]s Harvey_Nichols Russell_(?:&|and)_Bromley Tiffany_(?:&|and)_Co
Barnes_(?:&|and)_Noble Bed_Bath_(?:&|and)_Beyond Crate_(?:&|and)_Barrel Hobbs Thomas_Cook Ruth['’]s_Chris Madame_Tussauds Johnson_(?:&|and)_Johnson Eli_Lilly
Philip_Morris Procter_(?:&|and)_Gamble Hewlett[_-]Packard Sherwin[_-]Williams Benjamin_Moore Farrow_(?:&|and)_Ball Black_(?:&|and)_Decker Baskin[_-]Robbins
"""
GOODS = r"""
Johnnie_Walker Jack_Daniel['’]?s Jim_Beam Captain_Morgan Dr\.?_Pepper Dr\.?_Oetker Uncle_Ben['’]?s Aunt_(?:Bessie['’]?s|Jemima) Betty_Crocker Granny_Smith
Mr\.?_(?:Clean|Muscle|Coffee|Kipling|Potato_Head|Bean|Robot|Sheen) Mrs\.?_(?:Meyer['’]?s|Butterworth['’]?s|Doubtfire) Famous_Amos Earl_Grey Bloody_Mary
Tom_Collins Kellogg['’]?s Campbell['’]?s Hershey['’]?s Reese['’]?s Hellmann['’]?s Sara_Lee Marie_Callender['’]?s Oscar_Mayer Harley[_-]Davidson Aston_Martin
Alfa_Romeo Land_Rover Rolls[_-]Royce Mercedes[_-]Benz John_Deere Le_Creuset Fisher[_-]Price Melissa_(?:&|and)_Doug Apple_Watson IBM_Watson Amazon_Alexa
Harry_Potter Sherlock_Holmes James_Bond Peter_Pan Romeo_and_Juliet Peppa_Pig Mickey_Mouse Winnie_the_Pooh
"""
AIRPORTS = r"""
John_F\.?_Kennedy John_Wayne Charles_de_Gaulle Ben_Gurion Indira_Gandhi Jomo_Kenyatta Marco_Polo Leonardo_da_Vinci John_Lennon George_Best Bob_Hope
Will_Rogers Louis_Armstrong Sim[oó]n_Bol[ií]var Nikola_Tesla V[aá]clav_Havel Chiang_Kai[_-]shek Murtala_Muhammed Nnamdi_Azikiwe George_Bush Ronald_Reagan
Rafic_Hariri Adolfo_Su[aá]rez Josep_Tarradellas Lester_B\.?_Pearson Pierre_Elliott_Trudeau Kingsford_Smith Norman_Manley Logan Kennedy Pearson Trudeau
Lindbergh Reagan Dulles Mitchell Hancock
"""
DISEASES = "Parkinson Alzheimer Crohn Hodgkin Tourette Huntington Asperger Hashimoto Raynaud Addison Cushing"
BEARERS = Deferred(rf"(?<!\w){any_of(FASHION, FINANCE, SHOPS, GOODS)}(?!\w)")
DISEASE = Deferred(rf"\b{any_of(DISEASES)}['’]?s?\b(?= (?:disease|syndrome|lymphoma|patient)|[.,;!?)]|$)")
SICK = re.compile(r"\b(?:has|have|had|with|from|for|of|and|early|mild) $", re.IGNORECASE)
AIRPORT = Deferred(rf"(?<!\w){any_of(AIRPORTS)}(?!\w)")
TRAVEL = re.compile(
    r"\b(?:airports?|terminal|fly|flies|flew|flying|flights?|planes?|land(?:ing|ed|s)?|layover|gate|boarding|runway|arrivals?|departures?|check-?in)\b",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of `text` that are such a thing."""
    yield from (match.span() for match in BEARERS.finditer(text))
    for match in DISEASE.finditer(text):
        if match.group()[-1] == "s" and SICK.search(text[max(0, match.start() - 12) : match.start()]):
            yield match.span()
    if (airports := list(AIRPORT.finditer(text))) and TRAVEL.search(text):
        yield from (match.span() for match in airports if _travels(text, *match.span()))


def _travels(text: str, start: int, end: int) -> bool:
    return TRAVEL.search(text[max(0, start - 60) : end + 60]) is not None
