"""How much an instruction demands, counted by rules: what is asked for, not how long it is asked (§2.1: complexity).

A demand is one of seven things: a point to be given, a case that is treated on its own, a limit, an exclusion, a step, evidence,
or a choice among named answers. What is said twice counts once, and words that only stress count nothing.
"""

import re
from functools import lru_cache
from typing import Literal

from stages.core.row import Language
from stages.similarity.instructions import terms
from stages.text import languages

Kind = Literal["point", "case", "limit", "exclusion", "step", "evidence", "choice"]

NUMBER = r"(?: \d+ | one | two | three | four | five | six | seven | eight | nine | ten | a[ ]single )"
NUMBER_ZH = r"[\d一二两三四五六七八九十]+"
CASES: dict[Language, dict[Kind, str]] = {
    "en": {
        "case": r"""\b (?: if | when(?:ever)? | where(?:ver)? | unless | until | even[ ]though | in[ ]case | except | otherwise | as[ ]far[ ]as
            | provided[ ]that | only[ ](?:as|those|what|if|when) | such[ ]as | for[ ](?:each|every) | whoever | whatever ) \b (?: [ ]\S+ ){0,2}""",
        "limit": rf"""\b (?: at[ ](?:most|least) | no[ ]more[ ]than | not[ ]more[ ]than | up[ ]to | under | within | fewer[ ]than | less[ ]than | exactly
            | no[ ]longer[ ]than ) [ ] (?:\S+[ ]){{0,2}}? {NUMBER} \b (?: [ ]\S+ )?
            | \b {NUMBER} (?: [ ]to[ ]{NUMBER} | [ ]or[ ]{NUMBER} )? [ ] (?: words? | sentences? | lines? | points? | items? | entries | quotes? | phrases?
                | characters | \w+s ) \b""",
        "exclusion": r"""\b (?: do[ ]not | don['’]t | never | without | leave[ ](?:\w+[ ])?out | leaving[ ]out | omit | exclude | ignore | skip | avoid | instead[ ]of
            | rather[ ]than | nothing | no ) \b (?: [ ]\S+ ){1,3}""",
        "step": r"""\b (?: first | second(?:ly)? | third(?:ly)? | then | next | finally | lastly | at[ ]the[ ]end | before[ ]\w+ing | after[ ]that
            | step[ ]by[ ]step | in[ ]order | end[ ]with | start[ ]with | begin[ ]with | finish[ ]with | from[ ]\w+[ ]to ) \b""",
        "evidence": r"""\b (?: quot\w+ | evidence | support\w* | proof | ground\w* | reason\w* | because | why | caus\w+ | rests?[ ]on | based[ ]on | trac\w+
            | shows?[ ]it | confirm\w* | source ) \b""",
        "choice": r"\( [^()]{1,60} [ ]or[ ] [^()]{1,40} \) | \b(?:from|between)[ ]\d+[ ](?:to|and)[ ]\d+",
    },
    "zh": {
        "case": r"(?: 如果?|若|倘|凡|除非|除了|一旦|遇到?|无论|其余|否则|仅|只有|只[采取算按看写] ) [^，。；：、]{1,6} | [^，。；：、]{1,6} (?: 的情况下?|时[，,]|的[，,] ) | 以[^，。；]{1,12}为准 | 每[^，。；、]{1,3}",
        "limit": rf"(?: 不超过|不少于|不多于|至多|至少|最多|最少|控制在|限|以内 ) [^，。；、]{{0,6}} | {NUMBER_ZH}[到至]{NUMBER_ZH}[^，。；、\s]{{1,3}} | {NUMBER_ZH}(?: 句|条|字|点|处|项|个|行|段|列|步|件|种|类 )[^，。；、]{{0,3}}",
        "exclusion": r"(?: 不得|不要|不作|不做|不计|不列|不含|不用|不写|不提|不出现|不能|不可|不必|不与|不施|勿|避免|无需|排除|略去|剔除 ) [^，。；、]{1,6}",
        "step": r"先|再|然后|随后|接着|最后|依次|逐步|第[一二三四五六1-6]步|首先|其次|按[^，。；]{1,8}(?:顺序|先后|排列)|推出|据此",
        "evidence": r"依据|根据|原话|原文|理由|原因|缘由|引用|摘[录出]|出处|佐证|支撑|为什么|证据|触发",
        "choice": r"[（(][^（()）]{1,24}[、/或][^（()）]{1,16}[)）] | [^，。；]{1,8}、[^，。；]{1,8}(?:还是|或)[^，。；]{1,6}",
    },
}
PATTERNS = {
    language: {kind: re.compile(pattern, re.VERBOSE | re.IGNORECASE) for kind, pattern in patterns.items()}
    for language, patterns in CASES.items()
}
BREAK: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"[,;:.?!()]|\b(?:and|or)\b", re.IGNORECASE),
    "zh": re.compile(r"[，。；：、？！（）()]|以及|并且?|和|及|或"),
}
# Words that only stress: they make an instruction longer and ask for nothing.
STRESS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"""\b (?: (?:very|really|more|as|so)[ ])? (?: careful(?:ly)? | thorough(?:ly)? | comprehensive(?:ly)? | detailed | clear(?:ly)? | precise(?:ly)?
            | full(?:y)? | complete(?:ly)? | explicit(?:ly)? | deep(?:ly)? | exhaustive(?:ly)? | meticulous(?:ly)? | accurate(?:ly)? | proper(?:ly)?
            | specific(?:ally)? | concrete(?:ly)? | overall | respective(?:ly)? | various | different | relevant | all | entire | whole | please | kindly
            | possible ) \b | \b in[ ] (?: depth | detail | full | an?[ ]\w+[ ]manner | an?[ ]\w+[ ]way ) \b | \b with[ ](?:great[ ])?care \b""",
        re.VERBOSE | re.IGNORECASE,
    ),
    "zh": re.compile(
        r"请|务必|一定要?|认真|仔细|细致|全面|充分|深入|详细|详尽|明确|具体|清楚|清晰|准确|完整|系统|尽可能|尽量|各个?方面|各种|相关|究竟|到底|那个|是什么|地|进行|所有|全部|有关"
    ),
}


def demands(text: str, language: Language) -> dict[Kind, int]:
    """Return how many different demands of each kind a text makes."""
    plain = STRESS[language].sub(" ", text)
    found: dict[Kind, int] = {
        kind: len({_bare(match.group()) for match in pattern.finditer(plain)})
        for kind, pattern in PATTERNS[language].items()
    }
    return {"point": len(points(text, language)), **found}


@lru_cache(maxsize=1 << 14)
def complexity(text: str, language: Language) -> int:
    """Return how many demands a text makes in all."""
    return sum(demands(text, language).values())


def points(text: str, language: Language) -> set[frozenset[str]]:
    """Return what the parts between commas, full stops and conjunctions are about; parts about the same are one point."""
    plain = STRESS[language].sub(" ", text)
    parts = {content(part, language) for part in BREAK[language].split(plain)}
    kept: list[frozenset[str]] = []
    for part in sorted(parts, key=lambda part: (-len(part), sorted(part))):
        if part and not any(part <= other for other in kept):
            kept.append(part)
    return set(kept)


@lru_cache(maxsize=1 << 14)
def content(text: str, language: Language) -> frozenset[str]:
    """Return the words a text is about, as stems (pairs of characters in Chinese), without words that only stress."""
    return frozenset(terms(STRESS[language].sub(" ", text), language))


def _bare(text: str) -> str:
    return " ".join(languages.units(text))
