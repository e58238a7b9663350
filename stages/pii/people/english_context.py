"""What the words around a capitalized word say for or against its being a person's name."""

import re

# Behind a name that is no person: streets, firms, colors …
PLACE_WORDS = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|court|ct|close|crescent|way|place|terrace|rise|loop|bend|grove|hill|wynd|square|sq|"
    r"boulevard|parade|walk|gardens?|mews|row|quay|view|heights|park|trail|parkway|circle|point|reach|green|gate|highway|county|"
    r"council|beach|bay|station|schools?|hospital|college|university|church|bank|realty|homes|properties|estates?|lettings|letting|"
    r"group|law|legal|interiors|designs?|kitchens|bathrooms|builders|building|construction|contractors|insurance|mortgages|"
    r"house|tower|towers|village|valley|lake|river|island|city|town|north|south|east|west|centre|center|mall|market|hotel|hall|"
    r"ltd|inc|llc|limited|plc|& (?:co|sons?|partners)|and (?:sons?|partners)|solicitors|tiles|paints?|plumbing|roofing|electrical|"
    r"ridge|creek|crossing|landing|meadows?|mansions|residences?|label|range|oak|white|blue|gr[ea]y|red)\b"
)
KIN = (
    r"(?:son|daughter|wife|husband|partner|brother|sister|mum|mom|mam|dad|mother|father|boss|colleague|friend|mate|cousin|aunt|auntie|"
    r"uncle|nephew|niece|neighbou?r|fianc[eé]e?|boyfriend|girlfriend|flatmate|roommate|housemate|tenant|landlord|landlady|agent|"
    r"manager|assistant|lawyer|solicitor|conveyancer|attorney|broker|lender|accountant|builder|electrician|plumber|painter|carpenter|"
    r"tiler|roofer|designer|architect|surveyor|inspector|supervisor|secretary|grandson|granddaughter|twins?|kids?|lad|guy|bloke|"
    r"man|woman|fella|gentleman|lady|client|buyer|seller|vendor|owner|caretaker|foreman|handyman|sparky|stager|"
    r"photographer|(?:brother|sister|mother|father|son|daughter)-in-law|late husband|late wife)"
)
SAY = (
    r"(?:said|says|say|told|tells|thinks|thought|wants|wanted|knows|knew|works|worked|lives|lived|asked|asks|rang|rings|sent|sends|gave|"
    r"gives|showed|shows|booked|walked|looked|offered|visited|viewed|messaged|called|calls|texts|emails|mentioned|promised|reckons|likes|loves|hates|emailed|texted|phoned|paid|signed|swears|swore|agreed|agrees|insists|prefers|"
    r"needs|moved|left|wrote|writes|photocopied|measured|handles|does|did|confirmed|joined|noticed|forgot|started|"
    r"drew|quoted|spoke|speaks|refused|suggested|found|keeps|kept|hopes|explained|heard|saw|sees|passed|died|retired|married)\b"
)
BE = (
    r"(?:is|was|has|had|will|can|could|would|should|might|never|just|already|always|also|still|isn['’]t|wasn['’]t|doesn['’]t|"
    r"didn['’]t|won['’]t|hasn['’]t|can['’]t|goes|went|comes|came|gets|got|takes|took)\b"
)
THEIRS = (
    r"(?:mum|mom|dad|wife|husband|room|bedroom|car|office|number|email|phone|idea|team|name|tools|inbox|call|job|side|bike|bed|desk|"
    r"things|stuff|place|parents|whatsapp|code|word|birthday|message|drawings|quote|list|key|keys)\b"
)
GREET = (
    r"(?:hi|hiya|hey|hello|hallo|dear|morning|afternoon|evening|g['’]day|thanks|thank you|cheers|ta|bye|goodbye|congratulations|"
    r"welcome|sorry|cc|well done|regards)"
)
ASIDE = (
    r"(?:okay|ok|yes|yeah|yep|no|nah|nope|right|so|well|oh|ah|look|listen|please|honestly|sure|great|perfect|now|alright|and|but|"
    r"again|there|you|see|wait|stop|steady|come on|hang on|true|fair|lovely|brilliant|aye|good|nice|fine|god|mate)"
)
OPEN = r"(?:^|[.!?,—–-] ?|\b)"

# (weight, words right before the name); the first that fits counts.
BEFORE: tuple[tuple[float, re.Pattern[str]], ...] = tuple(
    (weight, re.compile(rf"(?:{pattern})$", re.IGNORECASE))
    for weight, pattern in (
        (3.0, rf"\b{KIN},? (?:is |called |named )?"),
        (3.0, r"\b(?:called|named|my name['’]?s? ?(?:is)?|(?:first |last |full )?name(?:['’]s| is)?|surname(?:['’]s| is)?|call me|ask for|attn:?|signed,?|c/o) "),
        (3.0, rf"{OPEN}{GREET}(?: again| there| all)?,? "),
        (2.0, r"\b(?:tell|told|ask|asked|asking|ring|rang|phone|phoned|text|texted|email|emailed|thank|remind|message|messaged|telling|invite|cc|copy in|loop in|married) "),
        (2.0, r"\b(?:spoke|speak|speaking|spoken|talk|talked|talking|chat|chatted|checked|check|married) (?:to|with) |\b(?:heard|hear) from |\baccording to |\bon behalf of "),
        (2.0, r"(?:^|[.!?] |, )(?:i['’]m|i am|you['’]re|am i speaking (?:to|with)|is that|are you|and you are|and you['’]re) "),
        (1.5, r"(?:this is|it['’]s|that['’]s|its|thats|here['’]s|there['’]s|who['’]s|meet) "),
        (1.5, rf"(?:^|[.!?,] ){ASIDE},? "),
        (1.5, r"\b(?:gave|give|send|sent|get|got|bring|pay|paid) "),
        (2.0, rf"\b{KIN}['’]s (?:name is )?"),
        (2.0, r"(?<![A-Za-z.])[A-Z]\. "),
        (1.5, r"\b(?:it|that|which|letter|envelope|label|form) says "),
        (1.0, r"\b(?:with|by|let|see|met|saw|between|me and|i and|both|call|called|for|than|without|did|does|is|was|has|will|can|if|when|because|'?cause|what|where|and|or|but|while|mind|@) ?"),
        (0.5, r"\b(?:from|that|to) "),
        (-4.0, r"\b(?:san|santa|los|las|el|fort|port|mount|lake) "),
        (-2.5, r"\b(?:in|at|near|around|outside|towards?|into|across|via|off|over|past|through|on|down|up|moved to|out of|round|visit|flight to|drive to|back to|like a) "),
        (-1.5, r"\b(?:a|an) "),
        (-3.0, r"\b(?:the|this|these|those|old|new|standard) "),
        (-1.0, r"\b(?:my|your|our|his|her|their|some|any|no|each|every|one|two|three|four|of|white|local) "),
        (-2.0, r"[a-z]-|/"),
    )
)  # fmt: skip
# (weight, words right behind the name); all that fit count.
AFTER: tuple[tuple[float, re.Pattern[str]], ...] = tuple(
    (weight, re.compile(pattern, re.IGNORECASE))
    for weight, pattern in (
        (-5.0, rf"(?:['’]s)?[ -]{PLACE_WORDS}"),
        (3.0, r",? (?:here|speaking)\b(?! (?:in|at))"),
        (2.0, rf" (?:\w+ly )?{SAY}"),
        (1.0, rf" {BE}|['’](?:ll|d|s (?:not|got|been|gone|coming|going|happy|asking|right|having|just|still|away|back|already|our|my|your))\b"),
        (1.0, rf"['’]s {THEIRS}"),
        (2.0, rf"['’]s {KIN}\b"),
        (2.0, r",? (?:next door|upstairs|downstairs|across the road|over the road)\b"),
        (1.0, r" (?:and|&) (?:I|me|my|his|her|the kids)\b"),
        (0.5, r"[,?!]|\.$|\. "),
        (-2.0, r"[-/]| \d"),
    )
)  # fmt: skip
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
