"""What the words around a capitalized word say for or against its being a person's name."""

import re

from stages.pii.patterns.ladder import Ladder
from stages.pii.people.given_names import GIVEN_NAMES
from stages.pii.people.not_names import BRANDS, CARS, FIRMS, PLACES, WORLD
from stages.pii.people.word_groups import any_of

STREETS = """
street st road rd avenue ave lane ln drive court ct close crescent way place terrace rise loop bend grove hill wynd
square sq boulevard parade walk gardens? mews row quay view heights park trail parkway circle point reach green gate
highway ridge crossing landing meadows?
"""
BUILDINGS = """
station schools? hospital college university church house tower towers mansions residences? mall market hotel hall
apartments? apts? condo(?:minium)?s? manor villas? lofts? plaza suites? inn resort lodge cottages? flats studios arms
commons? oaks pines palms springs shores woods ranch acres estates? glen garden
airport terminal stadium museum library theatre theater cinema restaurant ristorante trattoria osteria taqueria brasserie tavern diner kitchen deli bakery cafe café pub grill bistro pizz(?:a|eria)
cathedral chapel mosque temple clinic surgery pharmacy salon gym academy institute
"""
REGIONS = """
county council beach bay village valley lake river creek range island city town north south east west centre center
"""
COMPANIES = """
bank leasing rentals? removals movers realty realtors homes housing properties lettings letting group law legal interiors designs? kitchens bathrooms builders
building construction contractors insurance mortgages solicitors tiles paints? plumbing roofing electrical
associates? capital holdings? group partners(?:hip)? solutions services? corporation corp company gmbh llp
investments? financial finance media motors? foods? systems technologies software consulting industries international
enterprises? airlines? airways logistics pharmaceuticals? electronics stores? supermarket energy telecom broadband
ltd inc llc limited plc &_(?:co|sons?|partners) and_(?:sons?|partners)
"""
COLORS = "label oak white blue gr[ea]y red"
CAPITALS = r"(?-i:[ -](?:[A-Z][\w'’-]+|[A-Z]\.?|and|&|of|la|de|del|the)){0,3}"  # the rest of a longer name
PLACE_WORDS = any_of(STREETS, BUILDINGS, REGIONS, COMPANIES, COLORS) + r"\b"  # behind a name that is no person

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
sparky stager photographer nurse therapist nanny teacher tutor coach cleaner gardener mechanic applicant guarantor resident
occupant caller patient trainer dentist doctor vet supplier contractor driver courier paralegal notary concierge porter janitor receptionist advis[eo]r rep representative operator trainee intern
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
CLOSINGS = """
(?:(?:with_)?(?:kind|kindest|best|warm|warmest)_)?regards best_wishes all_the_best best many_thanks thanks thank_you cheers (?:yours_)?sincerely
yours(?:_truly|_faithfully)? respectfully warmly love
"""
GREET = any_of(HELLO, THANKS, GOODBYE)

ANSWERS = "okay ok yes yeah yep no nah nope aye right sure alright true fair"
PRAISE = "great perfect lovely brilliant good nice fine"
FILLERS = "so well oh ah honestly now and but again there you god mate"
CALLS = "look listen see please wait stop steady come_on hang_on"
ASIDE = any_of(ANSWERS, PRAISE, FILLERS, CALLS)

NAMED = r"""
called named named_her named_him call_me ask_for my_name['’]?s?_?(?:is)? (?:first_|last_|full_)?name(?:['’]s|_is)? surname(?:['’]s|_is)?
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
THINGS = """
apartments? propert(?:y|ies) place flat house home building complex block condos? development community estate hotel
restaurant bar shop store company firm agency business bank event meeting appointment reminder car model app website
website song film movie book band street road area town village district suburb station airport it which
"""
NOBODYS = any_of(THINGS, "file product project brand user domain host site school branch trade trading pet dog cat")
VISITS = "visit tour viewing ride trip cab taxi uber transfer flight train bus directions move moving"
ROOMY = "property place option choice apartments? flat house home condo complex building one hotel restaurant joint bistro eatery café cafe car"
NICE = "good great nice lovely excellent perfect wonderful best beautiful popular fine decent suitable"
WHERE = """
in at near around outside towards? into across via off over past through on down up out_of round
moved_to visit visiting flight_to drive_to back_to like_a travel_to travelling_to traveling_to
"""
GONE_TO = """
(?:move|moved|moving|drive|drove|fly|flew|flight|flights|travel|travelled|trip|relocated?|commuted?|back|emigrated)_to
(?:live|lives|lived|living|based|born|located|grew_up)_in
"""
FIRM_TALK = """
bank(?:s|ed|ing)?_with (?:loan|mortgage|insurance|broadband)_(?:is_)?(?:from|with|at|by)
insured_(?:by|with) works?_at worked_at working_at shares_(?:of|in) employed_(?:by|at) (?:bought|ordered|order)_(?:from|at) (?:i|we|they|to)_used? using subscribed?_to logged_into install(?:ed)? download(?:ed)?
speaks? speaking_in fluent_in
"""
STATES = "not got been gone coming going happy asking right having just still away back already our my your"

MAKES = any_of(" ".join(word for word in f"{BRANDS} {CARS} {FIRMS}".split() if word not in GIVEN_NAMES))
WORKS = """
concert novels? symphony sonata concerto opera paintings? albums? exhibition movies? films? biography musical fans? jersey gig outlet app website
subscription vaccine tablets? pills? dose mg syrup inhaler injection flight dealership dealer sedan suv truck membership
"""
LEARNT = r"(?:stud(?:y|ied|ying|ies)|graduat\w+|degree|enrolled|admitted|alumn\w+|scholarship)"
TRAVEL = r"(?:fly|flies|flew|flying|flights?|planes?|landing|landed|arriv\w*|boarding|connecting|depart\w*|layover)"
CORNER = r"(?:corner|intersection|junction) of|turn(?:ed)? (?:left|right) (?:on|onto|at)|(?:live|lives|lived|living) on"
FORM = """
account_holder card_?holder policy_?holder beneficiary payee author signed signature attention prepared_by approved_by witness next_of_kin
emergency_contact member recipient passenger guest insured contact contact_person student employee cc
"""

OPEN = r"(?:^|[.!?,—–-] ?|\b)"

TITLED = "called named name titled labell?ed name_is in_the_name by_the_name_of with_the_name under_the_name"
FIELD = r"\b(?:full |first |last |middle |maiden |family |sur|account |contact |customer )?name(?: [a-z]+){0,3}: ?"
ANSWER = re.compile(
    r"(?:it['’]s|its|it is|that['’]s|sure|yes|yeah|ok|okay|um|uh|[\s,.])*", re.IGNORECASE
)  # before the name asked for
ASKED = re.compile(
    r"\b(?:(?:name|surname)\b[^.?!]*|who (?:am i|i['’]m) (?:speaking|talking|chatting) (?:to|with)[^.?!]*)[?:.]?\s*$",
    re.IGNORECASE,
)


def asks_for_name(text: str) -> bool:
    """Whether the text ends with a question for a name; few hold a word that one has."""
    lowered = text.lower()
    return ("name" in lowered or "who" in lowered) and ASKED.search(text) is not None


# (weight, words right before the name); the first that fits counts.
BEFORE = Ladder[float](
    (
        (-4.0, rf"\b{NOBODYS} name(?: is|:| -)? "),
        (-4.0, rf"\bname of (?:the |this |that |your |our )?(?:\w+ )?{any_of(THINGS)} (?:is|was) "),
        (-4.0, rf"\b{any_of(THINGS)}(?:['’]s| is| was| that is| which is)?,? {any_of(TITLED)} (?:the |a )?"),
        (-3.0, rf"\b(?:{any_of(VISITS)} (?:to|at|of|from)|bound for|leave for) (?:the |a )?"),
        (
            -3.0,
            r"\b(?:st|ste|saint|sainte|são|sao|puerto|villa|casa|chez|chef|don|il|rio|rue|rua|via|calle|avenue|avenida|plaza)\.? ",
        ),
        (-2.5, rf"(?-i:[A-Z])[\w'’-]+ {any_of(STREETS)},? "),
        (-4.0, rf"\b{MAKES}(?: and | or |, | )"),
        (-3.0, rf"\b{LEARNT}\b[^.?!]{{0,25}} (?:at|from|in|to|and) "),
        (-3.0, rf"\b{TRAVEL}\b[^.?!]{{0,30}} (?:to|from|into|via|for|and|at) "),
        (-3.0, rf"\b(?:{CORNER}) (?:(?-i:[A-Z])[\w'’-]+ (?:and|&) )?"),
        (-2.5, rf"\b(?:{any_of(FIRM_TALK)}|{any_of(GONE_TO)}) "),
        (-1.5, r"\b\d{2,5} "),
        (3.0, FIELD),
        (3.0, rf"\b(?:{KIN}|{any_of(FORM)})(?: name)? ?[:=] ?"),
        (3.0, rf"(?:^|[.!?\n] ?)(?:{any_of(CLOSINGS)})[,.!]?\s*\n\s*"),
        (3.0, r"\b(?:née|nee) "),
        (3.0, r"\b(?:in|under|by) the name(?: of)? "),
        (3.0, rf"\b{KIN},? \(?(?:is |called |named )?"),
        (3.0, rf"\b{any_of(NAMED, SIGNED)} "),
        (3.0, rf"{OPEN}{GREET}(?: again| there| all)?,? "),
        (2.0, rf"\b{any_of(TOLD, WRITTEN_TO)} "),
        (2.0, rf"\b(?:{any_of(TALKED)} (?:to|with)|(?:heard|hear) from|according to|on behalf of) "),
        (2.0, rf"(?:^|[.!?] |, ){any_of(WHO)} "),
        (
            2.0,
            r"\b(?:is|are|was|were|left|stay(?:ing)?|lives?|living|meeting|appointment|viewing|in touch|dealt|dealing) with ",
        ),
        (-1.0, r"\bfrom (?-i:[A-Z])[\w'’-]+ to "),
        (-2.5, r"\b(?:plays for|play for|supports?|fan of|team is|watch(?:ed)?|read(?:ing)?) "),
        (1.5, r"(?:this is|it['’]s|that['’]s|its|thats|here['’]s|there['’]s|who['’]s|meet) "),
        (1.5, rf"(?:^|[.!?,] ){ASIDE},? "),
        (1.5, r"\b(?:can|could) (?:reach|contact|find) "),
        (1.5, r"\b(?:gave|give|send|sent|get|got|bring|pay|paid) "),
        (2.0, rf"\b{KIN}['’]s (?:name is )?"),
        (2.0, r"\b(?:it['’]s|its|is|booked|booking|reservation|reserved|registered|filed|listed|account|name) under "),
        (2.0, r"\b(?:wishes|love|regards|greetings|mail|email|message|msg|letter|note|call|text|reply) from "),
        (2.0, r"(?<![A-Za-z.])(?!U\.[SK]|[ap]\.m)(?:[A-Z]\. ?){1,3}"),
        (3.0, r"\bname(?:[^.?!\n]{0,30})\?\s+(?:\w+: )?"),
        (2.0, r"[\"”’',!?] (?:says|said|asks|asked|replied|explained|added|wrote|writes|shouted) "),
        (2.0, r"\b(?:shouted|yelled|smiled|waved|laughed) at "),
        (1.5, r"\b(?:starring|written by|signed by|founded by|directed by|dear) "),
        (1.5, r"\b(?:it|that|which|letter|envelope|label|form) says "),
        (1.0, rf"\b{any_of(COMPANY, MET, VERBS, CONJUNCTIONS)} ?"),
        (0.5, r"\b(?:from|that|to) "),
        (-4.0, r"\b(?:san|santa|los|las|el|fort|port|mount|lake) "),
        (-2.5, rf"\b{any_of(WHERE)} "),
        (-1.5, r"\b(?:a|an) "),
        (-3.0, r"\b(?:the|this|these|those|old|new|standard) "),
        (-1.0, r"\b(?:my|your|our|his|her|their|some|any|no|each|every|one|two|three|four|of|white|local) "),
        (-2.0, r"[a-z]-|/"),
    ),
    re.IGNORECASE,
    last=True,
)
# (weight, words right behind the name); all that fit count.
AFTER = Ladder[float](
    (
        (-5.0, rf"(?:['’]s)?{CAPITALS}[ -]{PLACE_WORDS}"),
        (
            -4.0,
            rf"{CAPITALS},? (?:and )?(?:(?:is |are |was |that is |which is )?(?:also )?(?:located|situated)\b|(?:at|on) \d{{1,5}} (?-i:[A-Z]))",
        ),
        (
            -4.0,
            rf"{CAPITALS},? (?:is|was|it['’]s|seems|looks|would be|might be) (?:like )?(?:an?|another|one|the)\b[^.?!,]{{0,20}}\b{any_of(ROOMY)}\b",
        ),
        (
            -4.0,
            rf"{CAPITALS},? (?:has|with|offers) (?:an? )?(?:{any_of(NICE)} )?(?:\d|one|two|three|four|five) ?(?:bed|bath|room)",
        ),
        (1.5, r": [\"“'‘]"),
        (3.0, r",? (?:here|speaking)\b(?! (?:in|at))"),
        (2.0, rf" (?:\w+ly )?{SAY}"),
        (1.0, rf" {BE}|['’](?:ll|d|s {any_of(STATES)})\b"),
        (1.0, rf"['’]s {THEIRS}"),
        (2.0, rf"['’]s {KIN}\b"),
        (2.0, r",? (?:next door|upstairs|downstairs|across the road|over the road)\b"),
        (1.0, r" (?:and|&) (?:I|me|my|his|her|the kids)\b"),
        (
            2.0,
            r" (?:shouted|yelled|replied|smiled|laughed|nodded|sighed|began|plays?|played|sings?|sang|teaches|taught|studies|studied)\b",
        ),
        (
            1.0,
            r"(?: is|['’]s| was) (?:calling|ringing|coming|waiting|asking|saying|texting|on the phone|not answering|away|off sick|running late|my|our)\b",
        ),
        (
            1.0,
            r" (?:reply|replied|call|ring|sign|pay|paid|come|know|agree|mention|text|answer|get back|show up|arrive)\b",
        ),
        (0.5, r" (?:when|if|about|back|before|after|tonight|tomorrow|today|please)\b"),
        (-3.0, rf" {any_of(WORKS)}\b"),
        (-4.0, r"['’]s (?:disease|syndrome|palsy|theorem)\b"),
        (-3.0, rf"(?: or | and |, |/)(?:an? )?{MAKES}\b"),
        (
            2.0,
            r" from (?:accounts?|sales|billing|support|reception|unit|apt|flat|room|upstairs|downstairs|next door|hr|it|lettings|maintenance|finance|legal|marketing)\b",
        ),
        (1.5, r",? again\b[,.!]| \((?:my|his|her|our|the|a) "),
        (0.5, r"[,?!]|\.$|\. |\s*(?:\n|$)"),
        (1.0, r" is from\b"),
        (-2.0, r"[-/]| \d"),
        (-2.0, rf"\s*,\s+(?:{any_of(WORLD, PLACES)}\b|(?-i:[A-Z]{{2}}) \d)"),
    ),
    re.IGNORECASE,
    last=False,
)
PLACE = re.compile(PLACE_WORDS, re.IGNORECASE)
ENDS = re.compile(
    r"\s*(?:$|[.,;!?\n)]| (?:is|was|has|had|said|says|called|lives|owns|signed|booked)\b| and\b| from\b| here\b| speaking\b| i\b| at\b)",
    re.IGNORECASE,
)
FROM = re.compile(r" (?:from|at|with) (?:the )?[A-Z]")
PART_OF_PLACE = re.compile(rf"{PLACE_WORDS}|(?-i:Del?|La|Le|El|Los|Las|Al)", re.IGNORECASE)
CAPITAL = re.compile(r"[A-Z][\w'’-]+ $")
GREETED = re.compile(rf"\b{any_of(HELLO, THANKS, GOODBYE, ANSWERS)} $", re.IGNORECASE)
ADDRESSED = re.compile(r", (?:can|could|would|will|please|may|do|did|have|are|i|you|thanks|thank)\b", re.IGNORECASE)
CALLED = re.compile(r"[,.?!](?:\s|$)")


def of(text: str, start: int, end: int, opens: bool) -> float:
    """Return the evidence that text[start:end] is a person, from about −8 to 7; `opens`: it begins a sentence."""
    before, after = text[max(0, start - 50) : start], text[end : end + 40]
    if PART_OF_PLACE.fullmatch(text[start:end]) and CAPITAL.search(before) and not GREETED.search(before):
        return -4.0  # Cypress Glen, Vista Del Mar
    score = sum(AFTER.fitting(after)) + next(BEFORE.fitting(before), 0.0)
    score += 2.0 if opens and FROM.match(after) else 0.0
    if opens:
        score += 1.0 if after[:2] == ": " and before[-1:] in {"", "\n"} else 0.0  # who speaks
        return score + (1.5 if ADDRESSED.match(after) else 0.5 if after[:1] == "," else 0.0)
    return score + (1.5 if before.endswith(", ") and CALLED.match(after) else 0.0)
