"""Houses of English-speaking places: a number and a street, a block, a floor, the name of a house."""

import re

from stages.pii.patterns.deferred import Deferred

# Words a street's name ends with, after the postal services' lists.
STREETS = """
Alley Approach Arcade Avenue Ave Av Boulevard Blvd Broadway Causeway Circle Cir Circuit Close Cl Court Ct Crescent Cres
Crossing Drive Dr Drove Embankment Esplanade Freeway Highway Hwy Lane Ln Loop Mews Parade Pde Parkway Pkwy Pass Passage
Path Pike Place Pl Plaza Promenade Road Rd Row Run Square Sq Steps Strand Street St Terrace Tce Terr Trace Track Trail
Turn Walk Way Wynd
"""
LANDSCAPE = """
Bank Bend Bluff Brae Branch Brow Chase Common Copse Corner Cove Creek Crest Croft Dale Dell Dene Draw End Field Fields
Fold Garth Glade Glen Green Grove Gr Harbour Haven Heath Heights Hill Hollow Knoll Landing Lea Meadow Meadows Mount Nook
Orchard Park Point Ranch Reach Ridge Rise Shore Spinney Spur Stray Summit Vale View Vista Wood Woods
"""
BUILDINGS = "Buildings Cottages Gardens Gdns Gate Manor Mansions Quay Residences Towers Villas Wharf Yard"
STREET_WORDS = frozenset(f"{STREETS} {LANDSCAPE} {BUILDINGS}".split())  # no house without one
STREET = "|".join(f"{STREETS} {LANDSCAPE} {BUILDINGS}".split())
# The parts below are read with re.VERBOSE: blanks and line ends count only as [ ] or \s, and # begins a comment.
LEADING = "[NSEW]{1,2} | North | South | East | West | Upper | Lower | Old | New | The | St\\.? | Saint"
FOREIGN_STREET = "Jalan | Lorong | Jln | Rue | Via | Calle"  # stands before the name
ORDINAL = r"\d{1,3} (?: st | nd | rd | th )"
NAME = (
    rf"(?: (?:{LEADING} | {FOREIGN_STREET}) \.? [ ] )? (?: {ORDINAL} | [A-Z][\w'’-]* ) (?: [ ] [A-Z][\w'’-]* ){{0,2}}?"
)
DIGIT = "(?: one | two | three | four | five | six | seven | eight | nine | oh | zero )"
NUMBER = r"(?: \d{1,3} [A-Za-z]? \s? / \s? )? \d{1,5} (?: \s? [-–] \s? \d{1,5} )? [A-Za-z]?"
SPOKEN = """(?:
    one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve | thirteen | fourteen | fifteen
    | sixteen | seventeen | eighteen | nineteen
    | (?: twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety )
      (?: [ -] (?: one | two | three | four | five | six | seven | eight | nine ) )?
)"""
UNIT = rf"""
    (?: [Ff]lat | [Aa]partment | [Aa]pt\.? | [Uu]nit | [Ss]uite | [Rr]oom | [Nn]umber | [Nn]o\.? | [Pp]lot
        | [Pp]enthouse | [Bb]lk | [Bb]lock | \# )
    \s?
    (?: \d+ [A-Za-z]? (?: [-/] \d+ )? [A-Za-z]?
        | {SPOKEN} (?: [ ] [A-Z] [ ]? (?: one | two | three | \d )? )?
        | [A-Z] ) \b
"""
FLOOR = r"(?: ground | first | second | third | fourth | fifth | top | \d+ (?: st | nd | rd | th ) ) [ ] floor \b"
UNIT_END = rf"(?: ,? [ ]? (?: {FLOOR} | \d{{1,3}} [A-Z] \b | \# \d+ (?: - \d+ )? [A-Za-z]? | (?: {UNIT} ) ) )"
POSTCODE = r"""
    [A-Z]{1,2} \d [A-Z\d]? (?: [ ]? \d [A-Z]{2} )?  # Britain, its second half left out at times
    | \d{5} (?: - \d{4} )?                          # the United States
    | [A-Z] \d [A-Z] [ ]? \d [A-Z] \d               # Canada
    | [A-Z]{2,3} [ ] \d{4,6}                        # behind a state: Australia
    | \d{4,6}
"""
CITY = rf"""
    (?: , [ ]? (?: {POSTCODE} ) (?!\w) )
    | (?: , [ ]? [A-Z][a-z’']+ (?: [ ] [A-Z][a-z]+ )? (?= [,.;!?)\"”] | $ | [ ] and \b | [ ] is \b )
        (?: ,? [ ]? (?: {POSTCODE} ) (?!\w) )? )
"""
HOUSE_NAME = r"""
    (?: The [ ] )? [A-Z][a-z]+ (?: [ ] [A-Z][a-z]+ )?
    [ ] (?: House | Forge | Cottage | Barn | Lodge | Farm | Mill | Hall | Villa | Rectory | Vicarage | Manor ) , [ ]
    | The [ ] (?: [A-Z][a-z]+ [ ] )? [A-Z][a-z]+ , [ ]
"""
STREET_NUMBER = rf"(?: {NUMBER} | (?i: {SPOKEN} [ ] hundred (?: [ ] and )? [ ] {SPOKEN} ) | (?i: {DIGIT} (?: [ -] {DIGIT} ){{1,4}} ) | (?i: {SPOKEN} (?: [ ] {SPOKEN} )? ) )"
HOUSE = Deferred(
    rf"""
    (?<! [\w.,£$€-] )
    (?: {HOUSE_NAME} )?
    (?: (?: [Bb]lk | [Bb]lock ) [ ] )?
    (?: {UNIT} ,? [ ] (?: at [ ] )? )?
    (?P<street>
        (?: [Nn]umber [ ] )? {STREET_NUMBER} ,? [ ] (?: - [ ] \d+ [ ] )?
        {NAME} [ ] (?: {STREET} ) \b
        (?: [ ] \d{{1,3}} \b )? (?: [ ] (?: {STREET} ) \b )? \.?
        (?: [ ] (?: North | South | East | West | [NSEW]{{1,2}} ) \b )?
    )
    (?P<rest> {UNIT_END} )?
    (?: {CITY} )?
    """,
    re.VERBOSE,
)
BLOCK = Deferred(
    rf"(?P<street> (?: \d{{1,4}} [A-Z]? [ ] )? {NAME} [ ] (?: {STREET} ) ) (?: ,? [ ] \# \d{{1,3}} - \d{{1,4}} )",
    re.VERBOSE,
)
PLAIN_STREETS = "street | avenue | ave | road | rd | lane | boulevard | blvd | crescent | terrace | parkway | highway"
OTHER_STREETS = (
    "drive | dr | court | ct | circle | close | common | commons | place | way | st | ln | square | row | trail | loop"
)
NO_NAME = r"""(?! (?: an? | the | and | or | of | on | in | at | to | for | from | down | up | off | per | by | with | this | that | any | some | no | all | more
    | min(?:ute)?s? | hours? | hrs? | sec(?:ond)?s? | days? | weeks? | months? | years? | yrs? | miles? | km | metres? | meters? | yards? | feet | foot | ft | sq
    | beds? | bed(?:room)?s? | baths? | bath(?:room)?s? | rooms? | floors? | stor(?:e?y|eys|ies) | blocks? | doors? | stops? | units? | houses? | homes? | flats?
    | cars? | people | persons? | seats? | lanes? | ways? | percent | dollars? | pounds? | euros? | k | m | am | pm | star | stars | times? | more | other
    | different | streets? | roads? | is | are | was | has | have | it | so | but | if ) \b )"""
LOWER_NAME = rf"{NO_NAME} (?: {ORDINAL} | [A-Za-z][A-Za-z'’]+ ) (?: [ ] {NO_NAME} [A-Za-z][A-Za-z'’]+ ){{0,2}}?"
LOWER_CASE = Deferred(
    rf"""
    (?<! [\w.,£$€#/-] )
    (?P<street>
        \d{{1,5}} [A-Za-z]? [ ] (?: (?: north | south | east | west | [nsew] ) [ ] )? {LOWER_NAME} [ ] (?i: {PLAIN_STREETS} ) \b
        | \d{{2,5}} [ ] (?= [a-z ]{{0,20}} [A-Z] ) {LOWER_NAME} [ ] (?i: {OTHER_STREETS} ) \b
        | \d{{1,4}} [a-z] [ ] {LOWER_NAME} [ ] (?: {OTHER_STREETS} ) \b
        | \d{{3,5}} [ ] {LOWER_NAME} [ ] (?: {OTHER_STREETS} ) \b (?! [ ] (?: of | away ) \b )
    )
    """,
    re.VERBOSE,
)
LOWER_TOLD = Deferred(
    rf"""
    (?i: \b (?: (?: live[sd]? | living | are | is | am | house | home | flat | stay(?:ing|s)? | come | meet | delivered? | registered | based | me | us | [’'](?:s|m|re) ) [ ] at
        | (?: send | post | deliver | ship | mail | forward | moved? | come ) (?: [ ] (?: it | them | this | that | the [ ] \w+ ) )? [ ] to
        | address (?: [ ] is | : )? ) [ ] )
    (?P<street> \d{{1,4}} [a-z]? [ ] {LOWER_NAME} [ ] (?: {OTHER_STREETS} | grove | gardens? | hill | green | park | mews | gate | rise | view | walk | path | fields | meadows?
        | villas | cottages | wharf | quay | yard | heights | vale | grange ) \b (?: [ ] (?: close | court | road | lane | street | avenue | drive | way | crescent ) \b )? (?! [ ] (?: of | away ) \b ) )
    """,
    re.VERBOSE,
)
LIVES_AT = Deferred(
    r"""
    (?: \b (?: live[sd]? | living | staying | he['’]s | she['’]s | they['’]re | we['’]re | i['’]m | is | house
             | home | flat | post[ ]it | send[ ]it | deliver(?:ed|y)? | registered ) [ ] (?: at | to )
        | \b address (?: [ ] is | : )? ,? )
    [ ]
    (?P<street> \d{1,4} [A-Za-z]? ,? [ ] [A-Z][a-z’']{2,} (?: [ ] [A-Z][a-z’']+ ){0,2} )
    """,
    re.VERBOSE,
)
NUMBERED = Deferred(
    r"""
    (?P<street> (?<! \w ) (?: House | Plot | Villa | Flat | Building ) [ ] (?: No\.? [ ] | \# )? \d{1,4} [A-Z]? , [ ]
        (?: (?: Road | Street | Sector | Lane | Block | Zone ) [ ] (?: No\.? [ ] | \# )? (?: \d{1,4} [A-Z]? | [A-Z] ) \b (?: , [ ] )? ){1,3} (?: [A-Z] - \d{1,2} (?: / \d{1,2} )? , [ ] )? )
    (?: [A-Z][a-z]+ (?: [ ] [A-Z][a-z]+ )? (?: , [ ] [A-Z][a-z]+ )? (?: [ -] \d{4,6} \b )? )?
    """,
    re.VERBOSE,
)
FLAT = r"(?: (?: Flat | Flt | Rm | Room | Unit | Shop | Suite ) \.? [ ] (?: [A-Z]? \d{1,4} [A-Z]? | [A-Z] ) (?! \w ) | [A-Z] - \d{2,4} (?! \w ) | \d{1,3} / F (?! \w ) )"
PART = r"(?: (?: Tower | Block | Blk | Phase | House | Stage ) [ ] (?: [A-Z]? \d{1,2} [A-Z]? | [A-Z] | [IVX]{1,4} ) (?! \w ) )"
ESTATE = r"""(?: [A-Z][\w'’-]* (?: [ ] [A-Z][\w'’-]* ){0,3} [ ]
    (?: Estate | Gardens? | Court | House | Mansions? | Building | Centre | Plaza | Towers? | Terrace | Heights | Villas? | Lodge | Bay | Residency | Apartments | Enclave | Society | Shing | Sun | Chuen | Tsuen | Village ) (?! \w ) )"""
HIGH_RISE = Deferred(  # Hong Kong's: a flat, a floor, a tower, an estate
    rf"""
    (?<! [\w/-] ) (?P<street>
        (?: {PART} ,? [ ] ){{0,2}} {FLAT} ,? [ ] (?: (?: {FLAT} | {PART} ) ,? [ ] ){{0,3}} {ESTATE} (?: , [ ] (?: {ESTATE} | {PART} ) ){{0,3}}
        | {ESTATE} (?: ,? [ ] (?: {PART} | {ESTATE} ) ){{0,2}} ,? [ ] {FLAT} (?: ,? [ ] (?: {FLAT} | {PART} ) ){{0,3}} )
    """,
    re.VERBOSE,
)
PATTERNS = (HOUSE, BLOCK, HIGH_RISE, LOWER_CASE, LOWER_TOLD, NUMBERED, LIVES_AT)
