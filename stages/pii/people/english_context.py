"""What the words around a capitalized word say for or against its being a person's name."""

import re

from stages.pii.people.word_groups import any_of

STREETS = """
street st road rd avenue ave lane ln drive court ct close crescent way place terrace rise loop bend grove hill wynd
square sq boulevard parade walk gardens? mews row quay view heights park trail parkway circle point reach green gate
highway ridge crossing landing meadows?
"""
BUILDINGS = """
station schools? hospital college university church house tower towers mansions residences? mall market hotel hall
"""
REGIONS = """
county council beach bay village valley lake river creek range island city town north south east west centre center
"""
FIRMS = """
bank realty homes properties estates? lettings letting group law legal interiors designs? kitchens bathrooms builders
building construction contractors insurance mortgages solicitors tiles paints? plumbing roofing electrical
ltd inc llc limited plc &_(?:co|sons?|partners) and_(?:sons?|partners)
"""
COLORS = "label oak white blue gr[ea]y red"
PLACE_WORDS = any_of(STREETS, BUILDINGS, REGIONS, FIRMS, COLORS) + r"\b"  # behind a name that is no person

FAMILY = """
son daughter wife husband partner brother sister mum mom mam dad mother father cousin aunt auntie uncle nephew niece
fianc[eé]e? grandson granddaughter twins? kids? (?:brother|sister|mother|father|son|daughter)-in-law
late_husband late_wife
"""
COMPANIONS = """
boss colleague friend mate neighbou?r boyfriend girlfriend flatmate roommate housemate
lad guy bloke man woman fella gentleman lady
"""
PARTIES = "tenant landlord landlady client buyer seller vendor owner"
PROFESSIONS = """
agent manager assistant lawyer solicitor conveyancer attorney broker lender accountant builder electrician plumber
painter carpenter tiler roofer designer architect surveyor inspector supervisor secretary caretaker foreman handyman
sparky stager photographer
"""
KIN = any_of(FAMILY, COMPANIONS, PARTIES, PROFESSIONS)

SPEAKS = """
said says say told tells asked asks rang rings messaged called calls texts texted emails emailed phoned mentioned
promised swears swore agreed agrees insists wrote writes confirmed quoted spoke speaks refused suggested explained
"""
THINKS = """
thinks thought wants wanted knows knew reckons likes loves hates prefers needs noticed forgot found hopes heard saw sees
"""
ACTS = """
works worked lives lived sent sends gave gives showed shows booked walked looked offered visited viewed paid signed
moved left photocopied measured handles does did joined started drew keeps kept passed died retired married
"""
SAY = any_of(SPEAKS, THINKS, ACTS) + r"\b"

AUXILIARIES = "is was has had will can could would should might"
DENIED = "isn['’]t wasn['’]t doesn['’]t didn['’]t won['’]t hasn['’]t can['’]t"
ADVERBS = "never just already always also still"
MOTIONS = "goes went comes came gets got takes took"
BE = any_of(AUXILIARIES, DENIED, ADVERBS, MOTIONS) + r"\b"

RELATIVES = "mum mom dad wife husband parents"
BELONGINGS = "room bedroom bed car bike office desk place tools things stuff key keys phone"
MESSAGES = "number email inbox call whatsapp message code word name drawings quote list"
AFFAIRS = "idea team job side birthday"
THEIRS = any_of(RELATIVES, BELONGINGS, MESSAGES, AFFAIRS) + r"\b"

HELLO = "hi hiya hey hello hallo dear morning afternoon evening g['’]day welcome cc"
THANKS = "thanks thank_you cheers ta congratulations well_done sorry"
GOODBYE = "bye goodbye regards"
GREET = any_of(HELLO, THANKS, GOODBYE)

ANSWERS = "okay ok yes yeah yep no nah nope aye right sure alright true fair"
PRAISE = "great perfect lovely brilliant good nice fine"
FILLERS = "so well oh ah honestly now and but again there you god mate"
CALLS = "look listen see please wait stop steady come_on hang_on"
ASIDE = any_of(ANSWERS, PRAISE, FILLERS, CALLS)

NAMED = r"""
called named call_me ask_for my_name['’]?s?_?(?:is)? (?:first_|last_|full_)?name(?:['’]s|_is)? surname(?:['’]s|_is)?
"""
SIGNED = "attn:? signed,? c/o"
TOLD = "tell told telling ask asked asking thank remind invite copy_in loop_in married"
WRITTEN_TO = "ring rang phone phoned text texted email emailed message messaged cc"
TALKED = "spoke speak speaking spoken talk talked talking chat chatted checked check married"
WHO = "i['’]m i_am you['’]re am_i_speaking_(?:to|with) is_that are_you and_you_are and_you['’]re"
COMPANY = "with by between me_and i_and both for than without @"
MET = "let see met saw call called mind"
VERBS = "did does is was has will can"
CONJUNCTIONS = "if when because '?cause what where and or but while"
WHERE = """
in at near around outside towards? into across via off over past through on down up out_of round
moved_to visit flight_to drive_to back_to like_a
"""
STATES = "not got been gone coming going happy asking right having just still away back already our my your"

OPEN = r"(?:^|[.!?,—–-] ?|\b)"

# (weight, words right before the name); the first that fits counts.
BEFORE: tuple[tuple[float, re.Pattern[str]], ...] = tuple(
    (weight, re.compile(rf"(?:{pattern})$", re.IGNORECASE))
    for weight, pattern in (
        (3.0, rf"\b{KIN},? (?:is |called |named )?"),
        (3.0, rf"\b{any_of(NAMED, SIGNED)} "),
        (3.0, rf"{OPEN}{GREET}(?: again| there| all)?,? "),
        (2.0, rf"\b{any_of(TOLD, WRITTEN_TO)} "),
        (2.0, rf"\b(?:{any_of(TALKED)} (?:to|with)|(?:heard|hear) from|according to|on behalf of) "),
        (2.0, rf"(?:^|[.!?] |, ){any_of(WHO)} "),
        (1.5, r"(?:this is|it['’]s|that['’]s|its|thats|here['’]s|there['’]s|who['’]s|meet) "),
        (1.5, rf"(?:^|[.!?,] ){ASIDE},? "),
        (1.5, r"\b(?:gave|give|send|sent|get|got|bring|pay|paid) "),
        (2.0, rf"\b{KIN}['’]s (?:name is )?"),
        (2.0, r"(?<![A-Za-z.])[A-Z]\. "),
        (1.5, r"\b(?:it|that|which|letter|envelope|label|form) says "),
        (1.0, rf"\b{any_of(COMPANY, MET, VERBS, CONJUNCTIONS)} ?"),
        (0.5, r"\b(?:from|that|to) "),
        (-4.0, r"\b(?:san|santa|los|las|el|fort|port|mount|lake) "),
        (-2.5, rf"\b{any_of(WHERE)} "),
        (-1.5, r"\b(?:a|an) "),
        (-3.0, r"\b(?:the|this|these|those|old|new|standard) "),
        (-1.0, r"\b(?:my|your|our|his|her|their|some|any|no|each|every|one|two|three|four|of|white|local) "),
        (-2.0, r"[a-z]-|/"),
    )
)
# (weight, words right behind the name); all that fit count.
AFTER: tuple[tuple[float, re.Pattern[str]], ...] = tuple(
    (weight, re.compile(pattern, re.IGNORECASE))
    for weight, pattern in (
        (-5.0, rf"(?:['’]s)?[ -]{PLACE_WORDS}"),
        (3.0, r",? (?:here|speaking)\b(?! (?:in|at))"),
        (2.0, rf" (?:\w+ly )?{SAY}"),
        (1.0, rf" {BE}|['’](?:ll|d|s {any_of(STATES)})\b"),
        (1.0, rf"['’]s {THEIRS}"),
        (2.0, rf"['’]s {KIN}\b"),
        (2.0, r",? (?:next door|upstairs|downstairs|across the road|over the road)\b"),
        (1.0, r" (?:and|&) (?:I|me|my|his|her|the kids)\b"),
        (0.5, r"[,?!]|\.$|\. "),
        (-2.0, r"[-/]| \d"),
    )
)
PLACE = re.compile(PLACE_WORDS, re.IGNORECASE)
FROM = re.compile(r" (?:from|at|with) (?:the )?[A-Z]")
CALLED = re.compile(r"[,.?!](?:\s|$)")


def of(text: str, start: int, end: int, opens: bool) -> float:
    """Return the evidence that text[start:end] is a person, from about −8 to 7; `opens`: it begins a sentence."""
    before, after = text[max(0, start - 50) : start], text[end : end + 40]
    score = sum(weight for weight, pattern in AFTER if pattern.match(after))
    score += next((weight for weight, pattern in BEFORE if pattern.search(before)), 0.0)
    score += 2.0 if opens and FROM.match(after) else 0.0
    if opens:
        return score + (1.0 if after[:1] == "," else 0.0)
    return score + (1.5 if before.endswith(", ") and CALLED.match(after) else 0.0)
