"""What a text denies, English and Chinese: each negation with the words that follow it in its clause."""

import re
from collections.abc import Sequence

import numpy as np

from stages.text.languages import LOWER_WORD

Denied = frozenset[str]  # stems, or pairs of characters; empty: nothing follows, as in "No."

DENIAL = re.compile(
    r"""
    \b (?: not | no | never | none | nobody | nothing | neither | nor | without | cannot | cant | wont
         | (?: do | does | did | is | are | was | were ) nt ) \b
    | n['’]t \b
    """,
    re.IGNORECASE | re.VERBOSE,
)
POSITIVE = re.compile(
    r"""
    \b (?: whether[ ]or[ ]not
         | no(?:t)? [ ] (?: more | less | fewer | later | earlier | longer | matter | only | problem | worries
             | doubt )  # limits
         | no\.?[ ]? (?= \d ) ) \b  # the number of a house
    """,
    re.IGNORECASE | re.VERBOSE,
)
CLAUSE = re.compile(r"[^.,;:!?()|\n]*")
COMMON = """
a an the to be is are was were been being am do does did done have has had will would can could should may might must
any all some of for in on at by with from it its he she they we you his her their your my this that these those there
yet very too so as want wants wanted wanting need needs needed like likes get gets give gives take takes ever anything
anyone one also just
"""
EMPTY = frozenset(COMMON.split())  # words that do not tell what is denied
ENDS = frozenset(["but", "and", "because", "so", "while"])

HAN_DENIAL = re.compile(r"[不没无未别否]")
HAN_POSITIVE = re.compile(
    r"""
    (.) [不没] \1 | [是能可与]否  # A-not-A questions
    # Words that hold one of the signs and deny nothing:
    | 否则 | 不过|不仅|不但|不断|不错|不动产|不少|差不多|不客气 | 不同(?!意) | 不管|不论|不久|不止|不锈钢|不好意思
    | 对不起|不得不|不然|无论|无线|没问题|没关系|没错
    | 未来|别人|别的|别墅|特别|分别|区别|级别|类别|性别|识别|个别|差别|鉴别
    """,
    re.VERBOSE,
)
HAN_CLAUSE = re.compile(r"[^，。；：！？、,.;:!?()（）|\s]{0,8}")
HAN_EMPTY = re.compile(r"[的了是有要想会能可以得到过在就都也很太再还用必需给我他她你们这那个一些任何]")
REACH = 4  # words that a negation reaches


def denials(text: str) -> list[Denied]:
    """Return what each negation of the text denies, in order of language and place."""
    latin, han = POSITIVE.sub(" ", text), HAN_POSITIVE.sub(" ", text)
    denied = [_stems(latin[match.end() :]) for match in DENIAL.finditer(latin)]
    return denied + [_pairs(han[match.end() :]) for match in HAN_DENIAL.finditer(han)]


def shared(first: Sequence[Denied], second: Sequence[Denied]) -> int:
    """Return how many negations of two texts can be paired so that both deny the same.

    Where nothing follows a negation, it may deny anything.
    """
    return matched([[not left or not right or bool(left & right) for right in second] for left in first])


def matched(same: Sequence[Sequence[bool]]) -> int:
    """Return how many pairs can be made of what is the same, each of the rows with one of the columns."""
    if not same or not same[0]:
        return 0
    from scipy.sparse import csr_array  # noqa: PLC0415 - .2 s to import, and few texts deny anything
    from scipy.sparse.csgraph import maximum_bipartite_matching  # noqa: PLC0415 - as above

    return int((maximum_bipartite_matching(csr_array(np.array(same, dtype=np.int8))) >= 0).sum())


def _stems(rest: str) -> Denied:
    stems = list[str]()
    for word in LOWER_WORD.findall(_match(CLAUSE, rest).casefold()):
        if word in ENDS or len(stems) == REACH:
            break
        if word not in EMPTY:
            stems.append(word.rstrip("s")[:5])  # pets and pet, available and availability
    return frozenset(stems)


def _pairs(rest: str) -> Denied:
    clause = HAN_EMPTY.sub("", HAN_DENIAL.split(_match(HAN_CLAUSE, rest))[0])
    return frozenset([clause[:1], *(clause[n : n + 2] for n in range(len(clause) - 1))] if clause else [])


def _match(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text)
    return match[0] if match else ""
