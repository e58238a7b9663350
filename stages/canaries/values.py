"""Invented personal values, of every kind and in both languages: each the filling of a pattern, all fillings equally likely.

No value can be anybody's. Numbers and names of accounts have a form that is never given out, or that is kept for
examples: telephone numbers of Ofcom's range for drama or after 12, which no Chinese mobile number follows; example.com (RFC 2606);
an IBAN with the check digits 00; cards, identity numbers and accounts that begin with zeros; plates with Q and I; a WeChat ID
with dots, a QQ number that begins with 0. Persons, streets and passwords are made of parts.
"""

import re
from collections.abc import Mapping
from random import Random

from stages.core.row import Language
from stages.pii.values.spans import PiiKind

PARTS: Mapping[str, str | tuple[str, ...]] = {
    "#": "0123456789",
    "^": "ABCDEFGHJKLMNPRSTUVWXY",
    "{Tam}": ("Bel", "Bren", "Cas", "Dor", "Fen", "Gal", "Hal", "Jor", "Kel", "Lor", "Mer", "Nev", "Sel", "Tam", "Ul", "Ver"),
    "{win}": ("ane", "dric", "eth", "ian", "iel", "ora", "una", "win"),
    "{Tarn}": ("Bram", "Crof", "Dun", "Esk", "Fal", "Gres", "Hask", "Ingle", "Keld", "Loth", "Mel", "Nether", "Orm", "Tarn", "Thrup", "Wex"),
    "{tarn}": ("bram", "crof", "dun", "esk", "fal", "gres", "hask", "ingle", "keld", "loth", "mel", "nether", "orm", "tarn", "thrup", "wex"),
    "{moor}": ("borough", "by", "combe", "gill", "moor", "stead", "thwaite", "wick"),
    "{姓}": ("澹台", "公冶", "宗政", "濮阳", "太叔", "申屠", "仲孙", "轩辕", "钟离", "长孙", "鲜于", "闾丘"),
    "{名}": tuple("屿岚汀渚葭蘅芷榆桤砚弦笛舟帆桅潮汐雁鹭鸢"),
    "{路}": tuple("砚笛舟帆桅潮雁鹭鸢榆桤芷葭汀岚屿弦蘅渚汐"),
    "{京}": tuple("京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂"),
}  # fmt: skip
PART = re.compile(r"#|\^|\{\w+\}")
ANYWHERE: Mapping[PiiKind, str] = {
    "email": "{tarn}{moor}.###@example.com",
    "password": "{Tam}{win}-{tarn}-###",
    "door_code": "^####",
    "wechat": "wx.{tarn}{moor}.####",
    "qq": "0########",
}
PATTERNS: Mapping[Language, Mapping[PiiKind, str]] = {
    "en": {
        **ANYWHERE,
        "person": "{Tam}{win} {Tarn}{moor}",
        "phone": "07700 900###",
        "address": "### {Tarn}{moor} Street, Flat ##",
        "account": "GB00 EXMP #### #### #### ##",
        "bank_card": "0000 #### #### ####",
        "id_number": "000-##-####",
        "plate": "QI## ^^^",
    },
    "zh": {
        **ANYWHERE,
        "person": "{姓}{名}{名}",
        "phone": "12# #### ####",
        "address": "{路}{路}路###号##栋####室",
        "account": "0000 #### ####",
        "bank_card": "0000 #### #### #### ###",
        "id_number": "00000019##########",
        "plate": "{京}I·^####",
    },
}


def draw(kind: PiiKind, language: Language, random: Random) -> str:
    """Return a value of this kind, as likely as any other of its pattern."""
    return PART.sub(lambda part: random.choice(PARTS[part[0]]), PATTERNS[language][kind])


def drawn(kind: PiiKind, language: Language, count: int, random: Random) -> list[str]:
    """Return `count` different values of this kind, in the order drawn; there are a thousand at least."""
    found = dict[str, None]()
    while len(found) < count:
        found[draw(kind, language, random)] = None
    return list(found)
