"""Whether a model declines instead of doing what it was asked for, English and Chinese."""

import re

APOLOGY = r"(?: (?: (?:i[ ]am | i['’]m )? [ ]? (?:very[ ])? sorry | i[ ]apologi[sz]e | (?:my[ ])? apologies ) (?:[ ]for[ ][^,.]{1,40})? \W+ (?:but[ ])? )?"
CANNOT = r"i (?: [ ] (?: can['’]t | cannot | can[ ]not | won['’]t | will[ ]not ) | (?: [ ]am | ['’]m ) [ ] (?: unable | not[ ]able ) [ ] to )"
SERVICES = """
    assist | help | provide | fulfil | comply | answer | complete | process | do[ ]that | analy[sz]e | access
"""
SORRY_ZH = r"(?:很|非常)? (?:抱歉|对不起)"
CANNOT_ZH = r"我 (?:无法|不能)"

SELF = re.compile(
    r"""
    \b as[ ]an?[ ] (?: ai | artificial[ ]intelligence | (?:large[ ])? language[ ]model ) \b
    | 作为一? [个名]? (?:AI|人工智能|语言模型)
    """,
    re.IGNORECASE | re.VERBOSE,
)
DECLINES = re.compile(
    rf"""
    ^ \W* {APOLOGY} {CANNOT} [ ] (?:{SERVICES})
    | ^ \W* {SORRY_ZH} \W* 我? (?:无法|不能)
    | ^ \W* {CANNOT_ZH} (?:完成|回答|提供|处理|协助)
    """,
    re.IGNORECASE | re.VERBOSE,
)
NO_INSTRUCTION = re.compile(
    rf"^ \W* (?: i[ ]am[ ]sorry | i['’]m[ ]sorry | {APOLOGY} {CANNOT} \b | {SORRY_ZH} | {CANNOT_ZH} )",
    re.IGNORECASE | re.VERBOSE,
)


def speaks_as_model(text: str) -> bool:
    """Whether the text says of itself that a model wrote it."""
    return SELF.search(text) is not None


def declines(text: str) -> bool:
    """Whether an answer begins with what a model says that cannot help; people who cannot come or pay do not decline."""
    return DECLINES.search(text) is not None


def is_no_instruction(text: str) -> bool:
    """Whether an excuse stands where an instruction should: nobody speaks in one, so any "I cannot" or "sorry" tells."""
    return speaks_as_model(text) or NO_INSTRUCTION.search(text) is not None
