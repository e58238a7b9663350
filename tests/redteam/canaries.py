"""Twenty conversations, one for each source and language, with one invented value of every kind of personal data in each.

The values stand where they do in practice: in sentences with the usual cues, in speaker fields, in what came beside the conversation, in
ids, in file names and in times. `Canary.stands_in` finds one again: as it was written, or its bare digits.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from stages.core.row import Language
from stages.pii.values.spans import PiiKind

SOURCES = (
    "call_recording",
    "large_screen_recording",
    "smart_badge_recording",
    "vr_recording",
    "pad_recording",
    "phone_recording",
    "single_text_record",
    "im_messages",
    "corporate_wechat_group",
    "corporate_wechat_personal",
)
SPOKEN = SOURCES[:6]
NAMES: dict[Language, tuple[str, ...]] = {
    "en": (
        "Marguerite Oakeshott", "Desmond Abernathy", "Priya Ramaswamy", "Callum Featherstone", "Rosalind Whitcombe",
        "Everett Lindqvist", "Tobias Hargreaves", "Imogen Castellano", "Leopold Vasquez", "Beatrix Thornbury",
    ),
    "zh": ("李慕舟", "王若溪", "张景行", "刘思远", "陈雨桐", "杨承泽", "赵清妍", "黄子墨", "周望舒", "吴怀瑾"),
}  # fmt: skip
STREETS: dict[Language, tuple[str, ...]] = {
    "en": ("Hollowbrook Lane", "Quarry Road", "Saltmarsh Street", "Ferndale Avenue", "Copperfield Drive", "Millrace Road", "Larkspur Street", "Beacon Avenue", "Tannery Lane", "Orchard Drive"),
    "zh": ("枫林路", "清河街", "望江路", "石桥路", "梧桐街", "云杉路", "白鹭路", "东湖街", "芦荻路", "松涛路"),
}  # fmt: skip
MARKS: dict[Language, tuple[str, str]] = {  # what everybody may read, and tells that a conversation arrived
    "en": ("the kitchen with the {} tiles", "azure beige copper denim ebony fawn ginger hazel indigo ochre"),
    "zh": ("厨房贴的是{}瓷砖", "琥珀色 米黄色 古铜色 靛蓝色 乌木色 驼色 姜黄色 榛子色 藏青色 翡翠色"),
}
WEIGHTS, CHECK = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
SHORTEST_RUN = 6  # digits that are looked for without what stands around them
Sentences = list[tuple[str, str]]  # party, text


class Canary(NamedTuple):
    """A planted value, and where: in the text or in a field beside it."""

    kind: PiiKind
    language: Language
    source: str
    value: str
    where: str = "text"

    @property
    def case(self) -> tuple[str, str, str]:
        return self.kind, self.language, self.where

    def stands_in(self, text: "Searched") -> bool:
        """Whether the value, or its bare digits where they are enough to tell it, is in a text."""
        if self.value.casefold() in text.folded or json.dumps(self.value)[1:-1].casefold() in text.folded:
            return True
        digits = re.sub(r"\D", "", self.value)
        return len(digits) >= SHORTEST_RUN and text.holds_number(digits)


class Searched:
    """A text in the forms that values are looked for in."""

    def __init__(self, text: str) -> None:
        self.folded = text.casefold()

    @cached_property
    def squeezed(self) -> str:
        return re.sub(r"(?<=\d)[ ().+\-\u2011]{1,2}(?=\d)", "", self.folded)

    def holds_number(self, digits: str) -> bool:
        return digits in self.squeezed and bool(re.search(rf"(?<![\w.]){digits}(?!\w)", self.squeezed))


class Talk(NamedTuple):
    """A conversation with what is planted in it."""

    language: Language
    source: str
    sentences: Sentences
    mark: str
    canaries: list[Canary]

    @property
    def name(self) -> str:
        return next(one.value for one in self.canaries if one.kind == "person")


def luhn(digits: str) -> str:
    """Return the digits with the check digit that cards have."""
    total = sum(int(d) if n % 2 else sum(divmod(2 * int(d), 10)) for n, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def values(language: Language, n: int) -> dict[PiiKind, str]:
    """Return one value of every kind, of the source with number `n`."""
    name, street = NAMES[language][n], STREETS[language][n]
    if language == "zh":
        area = f"31010{n}19{70 + n}0{1 + n % 9}1{n}27{n}"
        return {
            "person": name,
            "phone": f"13{n}6204{7319 + 37 * n}",
            "email": f"kanhu.{83 + n}@youxiang-ceshi.cn",
            "address": f"{street}{318 + n}号{2 + n}栋3单元{1201 + n}室",
            "account": f"40{n}8817265{n}3",
            "bank_card": luhn(f"62220{n}8837465{1029 + 11 * n}")[:19],
            "id_number": area[:17] + CHECK[sum(w * int(d) for w, d in zip(WEIGHTS, area[:17], strict=True)) % 11],
            "plate": f"沪A{n}K62P",
            "password": f"Hehua#{4821 + n}x",
            "door_code": f"{739146 + 1013 * n}#",
            "wechat": f"muzhou_fang{482 + n}",
            "qq": f"28{n}719",
        }
    return {
        "person": name,
        "phone": f"(415) 555-01{40 + n}" if n % 2 else f"07700 9006{10 + n}",
        "email": f"{name.lower().replace(' ', '.')}@mailbox-test.example",
        "address": f"{4182 + n} {street}",
        "account": f"40{n}8817265",
        "bank_card": " ".join(re.findall("....", luhn(f"45390{n}88374651{2 + n % 7}"))),
        "id_number": f"219-0{1 + n % 9}-8{n}41",
        "plate": f"KX{10 + n} TRB",
        "password": f"Marble!{4821 + n}x",
        "door_code": f"{739146 + 1013 * n}#",
        "wechat": f"oak_lane{482 + n}",
        "qq": f"28{n}719",
    }


def talk(language: Language, n: int) -> Talk:
    """Return the conversation of source `n`, in sentences as people say them."""
    found, (said, colors) = values(language, n), MARKS[language]
    mark = said.format(colors.split()[n])
    sentences = (_chinese if language == "zh" else _english)(found, mark)
    canaries = [Canary(kind, language, SOURCES[n], value) for kind, value in found.items()]
    if SOURCES[n] in SPOKEN:
        read_out = _read_out(language, n)
        told = f"另外我爱人的电话是{read_out}。" if language == "zh" else f"My wife's phone number is {read_out}."
        sentences.insert(-2, ("customer", told))
        canaries.append(Canary("phone", language, SOURCES[n], read_out, "spoken"))
    return Talk(language, SOURCES[n], sentences, mark, canaries)


def _read_out(language: Language, n: int) -> str:
    if language == "zh":
        return "幺三九" + "".join("零幺二三四五六七八九"[(3 * n + 2 * k) % 10] for k in range(8))
    words = ["oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return "four one five, five five five, oh one " + " ".join(words[(3 * n + k) % 10] for k in (0, 4))


def _chinese(found: dict[PiiKind, str], mark: str) -> Sentences:
    return [
        ("provider", "您好，这里是客户服务中心，请问怎么称呼您？"),
        ("customer", f"您好，我叫{found['person']}，前天在你们店里登记过。"),
        ("provider", "您开车过来吗？车牌号登记一下。"),
        ("customer", f"我的车牌号是{found['plate']}。"),
        ("provider", "好的，请您留一个手机号，我们好联系您。"),
        ("customer", f"我的手机号是{found['phone']}，白天都能接。"),
        ("customer", f"房子在{found['address']}，{mark}，你们来看的时候注意一下。"),
        ("provider", "明白。门禁怎么进？"),
        ("customer", f"单元门的门禁密码是{found['door_code']}，业主网站的登录密码是{found['password']}。"),
        ("provider", "退押金还需要您的身份证号和银行卡号。"),
        ("customer", f"身份证号是{found['id_number']}，银行卡号是{found['bank_card']}。"),
        ("customer", f"燃气的缴费账号是{found['account']}，别弄错了。"),
        ("provider", "资料发到哪里方便？"),
        ("customer", f"发到邮箱{found['email']}，或者加我微信，微信号是{found['wechat']}。"),
        ("customer", f"我的QQ号是{found['qq']}，也可以在那上面找我。"),
        ("provider", "都记下了，一共需要三个工作日。"),
        ("customer", "好的，那我等你们的消息，周五之前给我答复就行。"),
    ]


def _english(found: dict[PiiKind, str], mark: str) -> Sentences:
    return [
        ("provider", "Good morning, customer service, who am I speaking to, please?"),
        ("customer", f"Hello, my name is {found['person']}. I left my details at your office on Monday."),
        ("provider", "Will you come by car? We note the plate for the garage."),
        ("customer", f"Yes, my license plate is {found['plate']}."),
        ("provider", "Thank you. What is the best number to reach you on?"),
        ("customer", f"My phone number is {found['phone']}, any time during the day."),
        ("customer", f"I live at {found['address']}; it is {mark}, you cannot miss it."),
        ("provider", "How do we get in?"),
        ("customer", f"The gate code is {found['door_code']}, and the password for the owners' portal is {found['password']}."),
        ("provider", "For the deposit we need your social security number and the card."),
        ("customer", f"My social security number is {found['id_number']} and the card number is {found['bank_card']}."),
        ("customer", f"My account number with the gas company is {found['account']}, please get it right."),
        ("provider", "Where shall we send the papers?"),
        ("customer", f"My email is {found['email']}, or write on WeChat, my WeChat ID is {found['wechat']}."),
        ("customer", f"My QQ number is {found['qq']}, if that is easier."),
        ("provider", "I have it all down; it takes three working days."),
        ("customer", "Fine, I shall wait for your answer until Friday."),
    ]  # fmt: skip


def talks() -> list[Talk]:
    return [talk(language, n) for language in ("en", "zh") for n in range(len(SOURCES))]


def write(folder: Path) -> list[Canary]:
    """Write the conversations in formats that carry their source, others with values beside the text, and bad ones; return all canaries."""
    folder.mkdir(parents=True, exist_ok=True)
    made, found = talks(), list[Canary]()
    for one in made:
        found += one.canaries
        if one.source in SPOKEN[:3]:
            (folder / f"{one.source}_{one.language}.vtt").write_text(_subtitles(one), encoding="utf-8")
    (folder / "exported.csv").write_text(_table([one for one in made if one.source == "im_messages"]), encoding="utf-8")
    records = [
        _record(one, number, found) for number, one in enumerate(made) if one.source not in (*SPOKEN[:3], "im_messages")
    ]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    (folder / "chats.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for path, text, canary in beside():
        (folder / path).write_text(text, encoding="utf-8")
        found.append(canary)
    return found


def _record(one: Talk, number: int, found: list[Canary]) -> dict[str, object]:
    """Return a record of our own format with values in its id, speaker fields, context and times."""
    phones = [f"1506{number:02}8{4471 + 7 * number + k}" for k in range(4)]
    places = ("id", "speaker", "context", "time")
    found += [
        Canary("phone", one.language, one.source, phone, place) for phone, place in zip(phones, places, strict=True)
    ]
    beside = (
        f"房源由{one.name}委托，联系电话{phones[2]}。"
        if one.language == "zh"
        else f"Listing of {one.name}, phone number {phones[2]}."
    )
    speakers = {"provider": "", "customer": f"{one.name} {phones[1]}"}
    return {
        "id": phones[0],
        "language": one.language,
        "scene": "renting",
        "source": one.source,
        "role": "rental_manager",
        "context": beside,
        "turns": [
            {"party": party, "speaker": speakers[party], "text": text, "time": f"10:{minute:02} {phones[3] if minute == 1 else ''}".strip()}
            for minute, (party, text) in enumerate(one.sentences)
        ],
    }  # fmt: skip


def _subtitles(one: Talk) -> str:
    names = {"provider": "Agent", "customer": one.name}
    cues = "\n\n".join(
        f"00:{n:02}:01.000 --> 00:{n:02}:09.000\n<v {names[party]}>{text}</v>"
        for n, (party, text) in enumerate(one.sentences)
    )
    return f"WEBVTT\n\nNOTE\nscene: renting\nrole: rental_manager\nlanguage: {one.language}\nsource: {one.source}\ncustomer: {one.name}\n\n{cues}\n"


def _table(made: list[Talk]) -> str:
    with io.StringIO() as file:
        table = csv.writer(file)
        table.writerow(["conversation_id", "channel", "language", "scene", "role", "party", "speaker_name", "text"])
        for n, one in enumerate(made):
            for party, text in one.sentences:
                row = [
                    f"c{n}",
                    one.source,
                    one.language,
                    "renting",
                    "rental_manager",
                    party,
                    one.name if party == "customer" else "",
                ]
                table.writerow([*row, text])
        return file.getvalue()


def beside() -> Iterator[tuple[str, str, Canary]]:
    """Yield files with a value in their name or in what cannot be read: name, text, canary."""
    chat = "15/01/2025, 10:30 - {0}: Is the flat with the vermilion door free?\n15/01/2025, 10:31 - Agent: It is, come by on Friday.\n"
    yield "WhatsApp Chat with Ottoline Greaves.txt", chat.format("Ottoline Greaves"), Canary("person", "en", "im_messages", "Ottoline Greaves", "file name")  # fmt: skip
    native = '{{"id": "{0}", "language": "en", "scene": "{1}", "source": "im_messages", "role": "rental_manager", "turns": [{{"party": "customer", "text": "{2}"}}, {{"party": "{3}", "text": "Yes, that one is free."}}]}}\n'
    phone = [f"1506993{4410 + 13 * n}" for n in range(8)]
    yield f"chat {phone[0]}.jsonl", native.format("x1", "renting", "Is the attic free?", "agent"), Canary("phone", "en", "im_messages", phone[0], "file name")  # fmt: skip
    yield f"lost {phone[1]}.jsonl", native.format("x2", "renting", "Is the cellar free?", "nobody known"), Canary("phone", "en", "im_messages", phone[1], "name of a bad file")  # fmt: skip
    yield "scene.jsonl", native.format("x3", phone[2], "Is the barn free?", "agent"), Canary("phone", "en", "im_messages", phone[2], "unknown scene")  # fmt: skip
    yield "who.jsonl", native.format("x4", "renting", "Is the shed free?", phone[3]), Canary("phone", "en", "im_messages", phone[3], "unknown party")  # fmt: skip
    yield "broken.jsonl", native.format("x5", "renting", "Is the mill free?", "agent") + f'{{"id": "x6", "turns": [{phone[4]} \n', Canary("phone", "en", "im_messages", phone[4], "broken line")  # fmt: skip
    yield "key.jsonl", native.format("x7", "renting", "Is the tower free?", "agent").replace('"id"', f'"tel_{phone[5]}": 1, "id"'), Canary("phone", "en", "im_messages", phone[5], "unknown key")  # fmt: skip
    twice = native.format(f"{phone[6]}", "renting", "Is the lodge free?", "agent") + native.format(f"{phone[6]}", "renting", "Is the boathouse free?", "agent")  # fmt: skip
    yield "twice.jsonl", twice, Canary("phone", "en", "im_messages", phone[6], "id twice")
