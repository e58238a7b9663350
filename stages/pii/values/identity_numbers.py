"""Identity numbers known by form and check digit, and those that a passport, licence or card is named right before."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from stdnum import verhoeff
from stdnum.br import cpf
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.cz import rc
from stdnum.dk import cpr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.ie import pps
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.mx import curp
from stdnum.se import personnummer
from stdnum.us import ssn

from stages.pii.patterns.deferred import Deferred
from stages.pii.values.spans import Span, bare


class Form(NamedTuple):
    """How a country's number is written, and whether one so written can be right."""

    written: str
    is_valid: Callable[[str], bool]


def is_chinese(number: str) -> bool:
    """Whether check digit, birth date and region are right; of some regions stdnum knows no county, and fails."""
    try:
        return bool(ric.is_valid(number))
    except KeyError:
        return True


def _is_nric(number: str) -> bool:
    """Whether the last letter of a Singaporean number is its check letter."""
    total = sum(weight * int(digit) for weight, digit in zip((2, 7, 6, 5, 4, 3, 2), number[1:8], strict=True))
    total += {"T": 4, "G": 4, "M": 3}.get(number[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}
    place = total % 11
    return letters[number[0]][10 - place if number[0] == "M" else place] == number[8]


def _is_hong_kong(number: str) -> bool:
    """Whether the sign in brackets is the check digit of a Hong Kong identity card."""
    signs = re.sub(r"[()（）]", "", number)
    total = 36 * 9 + sum(
        weight * (int(sign) if sign.isdigit() else ord(sign) - 55)
        for weight, sign in zip((8, 7, 6, 5, 4, 3, 2), signs, strict=False)
    )
    return (total + (10 if signs[-1] == "A" else int(signs[-1]))) % 11 == 0


def _is_taiwanese(number: str) -> bool:
    """Whether the last digit is the check digit of a Taiwanese identity card."""
    first = 10 + "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0])
    total = first // 10 + 9 * (first % 10)
    total += sum(weight * int(digit) for weight, digit in zip((8, 7, 6, 5, 4, 3, 2, 1, 1), number[1:], strict=True))
    return total % 10 == 0


def _is_always(_: str) -> bool:
    return True


FORMS = (
    Form(r"\d{17}[\dXx]", is_chinese),
    Form(r"\d{3}-\d{2}-\d{4}", ssn.is_valid),
    Form(r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf.is_valid),
    Form(r"\d{1,2}\.\d{3}\.\d{3}-[\dkK]", rut.is_valid),
    Form(r"756\.\d{4}\.\d{4}\.\d{2}", ahv.is_valid),
    Form(r"\d{6}/\d{4}", rc.is_valid),
    Form(r"\d{6}-\d{4}", lambda number: personnummer.is_valid(number) or cpr.is_valid(number)),
    Form(r"\d{8}-\d{4}", personnummer.is_valid),
    Form(r"\d{6}[-+A]\d{3}[0-9A-Y]", hetu.is_valid),
    Form(r"\d{6}-[1-8]\d{6}", rrn.is_valid),
    Form(r"(?!20[0-4]\d )[2-9]\d{3} \d{4} \d{4}", lambda number: verhoeff.is_valid(number.replace(" ", ""))),  # Aadhaar
    Form(r"\d{8}-?[A-Z]", dni.is_valid),
    Form(r"[XYZ][- ]?\d{7}[- ]?[A-Z]", nie.is_valid),
    Form(r"[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]", codicefiscale.is_valid),
    Form(r"[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}", nir.is_valid),
    Form(r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", curp.is_valid),
    Form(r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", _is_always),  # PAN, India
    Form(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", _is_always),  # national insurance
    Form(r"[STFGM]\d{7}[A-Z]", _is_nric),
    Form(r"[A-Z]{1}\d{6}[(（][0-9A][)）]", _is_hong_kong),
    Form(r"[A-Z][12]\d{8}", _is_taiwanese),
    Form(r"\d{7}[A-W][A-I]?", pps.is_valid),
)
PATTERNS = tuple(Deferred(rf"(?<![A-Za-z0-9.-])(?:{form.written})(?![A-Za-z0-9]|[-/]\d)") for form in FORMS)
NAMED = Deferred(
    r"""
    (?: passport | passeport | reisepass | pasaporte | passaporto | personalausweis | \b dl (?= [ ] n ) | driv(?:er'?s?|ing) [ ] licen[cs]e | licen[cs]e (?= [ ] (?: no | number | \# ) ) | national [ ] id(?:entity)? | identity [ ] card | id [ ] card | residen(?:ce|t) [ ] (?: permit | card )
      | green [ ] card | nric | nhs | ssn | social [ ] security | tax [ ] id | cpf | dni | nie | pesel | bsn | personnummer | aadhaar | curp
      | 护照|護照|驾照|駕照|驾驶证|駕駛證|身份证|身份證|通行证|通行證|台胞证|台胞證|回乡证|回鄉證|军官证|居住证|居留证|居留許可|社保卡?|医保卡?|证件|證件|签证 )
    [ ]? (?: (?: numbers? | no\.? | nr\.? | id | card | \# | 号码|号|號碼|號 ) [ ]? ){0,2}
    (?: (?: is | was | reads | = | : | ： | 是 | 为 | 為 | , | ， ) [ ]? ){0,2}
    (?P<number> (?= [A-Za-z]{0,8} [ -]? \d ) [A-Za-z0-9]{1,20} (?: [-/ ]? (?= [A-Z0-9]{0,8} \d ) [A-Z0-9]{2,12} ){0,4} (?: [(（] [0-9A] [)）] )? ) (?! [A-Za-z0-9] )
    """,
    re.IGNORECASE | re.VERBOSE,
)
DIGIT = re.compile(r"\d")
FEWEST = 4  # digits that each form has
LEAST = 5  # digits of a number that the word before it makes an identity number


def find(text: str) -> Iterator[Span]:
    """Yield the identity numbers that need no more of the dialogue than the number and the words right before it."""
    digits = len(DIGIT.findall(text))
    if digits < FEWEST:
        return
    for form, pattern in zip(FORMS, PATTERNS, strict=True):
        for match in pattern.finditer(text):
            if form.is_valid(match.group()):
                yield Span(*match.span(), "id_number", bare(match.group()))
    for match in NAMED.finditer(text) if digits >= LEAST else ():
        if sum(map(str.isdigit, match["number"])) >= LEAST:
            yield Span(*match.span("number"), "id_number", bare(match["number"]))
