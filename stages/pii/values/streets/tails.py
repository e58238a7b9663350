"""What goes on after a street and a number: the unit, the place, the region, the postcode, the country, over lines.

A capital word after a street may begin the next sentence, so a place counts when a region, postcode or country, the end of the
clause, or a unit before it says that it is one.
"""

import re

from stages.pii.patterns.deferred import Deferred
from stages.pii.values.streets.letters import ANY, CAPITAL_WORD, PLACE_NAME

COUNTRIES = """
Afghanistan Albania Algeria Andorra Angola Argentina Armenia Australia Austria Azerbaijan Bahamas Bahrain Bangladesh
Barbados Belarus Belgium Belize Bolivia Bosnia Botswana Brazil Brasil Brunei Bulgaria Cambodia Cameroon Canada Chile China
Colombia Croatia Cuba Cyprus Czechia Danmark Denmark Deutschland Ecuador Egypt England Eritrea España Estonia Ethiopia Fiji
Finland France Gabon Gambia Georgia Germany Ghana Gibraltar Greece Greenland Greenlander Guatemala Guernsey Guyana Haiti
Honduras Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italia Italy Jamaica Japan Jersey Jordan Kazakhstan Kenya
Kosovo Kuwait Latvia Lebanon Libya Liechtenstein Lithuania Luxembourg Macau Malaysia Maldives Malta Mauritius Mexico México
Moldova Monaco Mongolia Montenegro Morocco Mozambique Myanmar Namibia Nepal Nederland Netherlands Nicaragua Nigeria Norge
Norway Oman Österreich Pakistan Panama Paraguay Peru Philippines Poland Polska Portugal Qatar Romania Russia Rwanda Scotland
Senegal Serbia Singapore Slovakia Slovenia Somalia Spain Sudan Suomi Sweden Sverige Switzerland Schweiz Suisse Syria Taiwan
Tanzania Thailand Tunisia Turkey Türkiye Uganda Ukraine Uruguay Uzbekistan Venezuela Vietnam Wales Yemen Zambia Zimbabwe
"""
LONG_COUNTRIES = (
    "Bosnia and Herzegovina|Costa Rica|Czech Republic|Dominican Republic|El Salvador|Faroe Islands|Hong Kong|Isle of Man"
    "|New Zealand|North Macedonia|Northern Ireland|Puerto Rico|San Marino|Saudi Arabia|South Africa|South Korea|Sri Lanka"
    "|The Netherlands|United Arab Emirates|United Kingdom|Great Britain|United States of America|United States"
    "|USA|U\\.S\\.A\\.|UK|U\\.K\\.|UAE|Tunisia|Republic of [A-Z][a-z]+"
)
COUNTRY = rf"(?: {LONG_COUNTRIES.replace(' ', '[ ]')} | {'|'.join(COUNTRIES.split())} ) (?: [ ] \( {CAPITAL_WORD} \) )?"
BREAK = r"(?: [ \t]*+ ,? [ \t]*+ (?: \r?\n [ \t>|?*]*+ ){0,2} ,? [ \t]*+ )"  # a quoted message sets > before its lines
UNIT_WORD = r"""
    (?: flat | apartment | appartement | apart | apt\.? | unit | suite | ste\.? | room | rm\.? | floor | fl\.? | hall | building | bldg\.?
        | block | blk | tower | level | wing | staircase | stair | entrance | lift | phase | stage | group | gf | basement (?= [ ] \w \b ) | penthouse | dept\.? | lot | maisonette | studio | office | box | piso | puerta | étage | etage | lejl\.?
        | apto\.? | appt\.? | ap\. | bl\. | sc\. | et\. | depto\.? | dpto\.? | kv\.? | кв\. | квартира | корп\. | lok\. | stiege | stg\. | top | tür | bâtiment | bât\.? | bte\.? | boîte | puer(?:ta)?\.? | portal | pta\.? | andar | fração | bloco | sala | casa | dpt | numéro | esc\.? | pal\. | sc\.? | dt\.? | (?-i:m\.) | esc\. | wohnung | whg\.? | lgh | int\.? | interno | scala | escalera )
"""
UNIT = rf"""
    (?: (?<! \w ) (?i: {UNIT_WORD} ) [ ]? (?: no\.? [ ]? | number [ ] | \# [ ]? )? (?: [A-Z]? -? \d{{1,5}} (?: [A-Za-z] \d? )? (?: [-/] \d+ [A-Z]? )? | [A-Z] ) (?! \w )
        | (?<! [\w/] ) (?<! \b on [ ] ) (?<! \b by [ ] ) \d / \d (?= , )
        | \# [ ]? (?: [A-Z]? -? \d{{1,5}} [A-Za-z]? (?: [-/] \d+ [A-Z]? )? | [A-Za-z] (?! \w ) )
        | (?i: \d{{1,3}} (?: st | nd | rd | th ) | (?: (?: lower | upper ) [ ] )? ground | first | second | third | fourth | fifth | top ) [ ] (?i: floor | level ) \b (?: [ ] (?i: flat | apartment | left | right | front | rear ) \b )?
        | \d{{1,2}} \.? [ ]? [ºª] [ ]? (?: izq(?:uierda|da)?\.? | derecha | d(?:r?ch)?a\.? | centro | ctro\.? | esq\.? | [Dd]to\.? | frente | [A-Z] (?! \w ) )?  # Spain
        | \d{{1,2}} \. [ ] (?: tv | th | mf | sal ) (?! \w ) \.? | st\. [ ] (?: tv | th | mf ) (?! \w ) \.?  # Denmark
        | (?i: (?: lower | upper )? [ ]? (?: basement | garden | ground [ ] floor | top [ ] floor | first [ ] floor | attic | loft | cellar | patio | studio | rear | front | lower | upper | mews | coach [ ] house | hall )
            [ ] (?: flat | apartment | apt\.? | maisonette | studio | unit | level ) ) (?! \w )
        | \d{{1,3}} / F (?! \w ) | (?<= ,[ ] ) (?i: basement | attic ) (?! [ ]? \w ) | (?i: (?: left | right | rear | front ) [ ] (?: door | staircase | entrance ) ) (?! \w )
        | (?: rez-de-chaussée | rdc | bajo | ático | entresuelo | principal | piano [ ] terra ) (?! \w ) | \d{{1,2}} (?: er | e | ème | º | ° | o | \.) [ ] (?: étage | piso | andar | piano | emelet ) (?: [ ]? \d{{1,3}} )? (?! \w )
        | \d{{1,2}} [ ] tr (?! \w ) | (?: Hinterhaus | Vorderhaus | Seitenflügel | Rückgebäude | Erdgeschoss | Dachgeschoss | EG | DG | \d\.? [ ] (?: OG | Stock | Etage ) (?: [ ] (?: links | rechts | Mitte ) )? ) (?! \w )
        | bus [ ] \d{{1,4}} [A-Z]? (?! \w ) | \d? [ ]? (?: hoog | huis ) (?! \w ) )
"""
POSTCODE = r"""(?:
    [A-Z]{1,2} \d [A-Z\d]? [ ]? \d [A-Z]{2}         # Britain
    | [A-Z] \d [A-Z] [ -]? \d [A-Z] \d              # Canada
    | [A-Z] \d{2} [ ]? [A-Z0-9]{4}                  # Ireland
    | \d{4} [ ]? [A-Z]{2}                           # the Netherlands
    | (?: [A-Z]{1,2} - )? (?: \d{5} -? \d{3} | \d{5} (?: - \d{4} )? | \d{2} - \d{3} | \d{4} - \d{3} | \d{3} - \d{4} | \d{3} [ ] \d{2,3} | \d{4} | \d{6} )
) (?! \w | [-./] \d )"""
MISSING = r"(?: nan | NaN )"  # what a table's export leaves of an empty cell
STATE = rf"(?: [A-Z]{{2,3}} (?! \w ) | {MISSING} \b )"
LOWER_PLACE = rf"[{ANY}]+ (?: [ ] [{ANY}]+ )?"
END = r"(?= [ \t]* (?: [,.;!?)\"”] | $ | \r?\n | and\b | is\b ) )"
SURE_LOCALITY = rf"""(?:
    {BREAK} {PLACE_NAME} (?: {BREAK} (?: {PLACE_NAME} | {STATE} ) )? {BREAK} (?: {STATE} {BREAK} )? (?! \d{{4}} (?! - \d | \d | [ ]? [A-Z]{{2}} (?! \w ) ) ) {POSTCODE} (?: {BREAK} {COUNTRY} (?! \w ) )?
    | {BREAK} (?: {PLACE_NAME} {BREAK} )? (?: (?: {PLACE_NAME} | {STATE} ) {BREAK} ){{0,2}} {COUNTRY} (?! \w ) (?: {BREAK} {POSTCODE} )?
    | {BREAK} (?: {PLACE_NAME} {BREAK} )? {MISSING} \b
)"""
LOCALITY = rf"""(?:
    {SURE_LOCALITY}
    | {BREAK} {PLACE_NAME} (?: {BREAK} (?: {PLACE_NAME} | {STATE} ) )? {BREAK} (?: {STATE} {BREAK} )? {POSTCODE} (?: {BREAK} {COUNTRY} (?! \w ) )?
    | {BREAK} (?: {POSTCODE} | \d{{3}} (?= [ ] ) ) (?: [ ] | {BREAK} ) {PLACE_NAME} (?: [ ] \d{{1,2}} (?! \w | [.,:/-] \d ) )? (?: {BREAK} {COUNTRY} (?! \w ) )?
    | , [ ] {PLACE_NAME} [ ] - [ ] [A-Z]{{2}} (?: , [ ] {POSTCODE} )?  # Brazil
    | ,? [ ] {STATE} {BREAK} {POSTCODE}
    | , [ ] {PLACE_NAME} , [ ] [A-Z]{{2}} \b
    | {BREAK} (?: [A-Z]{{2,3}} [ ] )? {POSTCODE} (?= [ \t]* (?: [,.;!?)] | $ | \n ) )
)"""
LOWER_LOCALITY = rf"(?: {BREAK} {LOWER_PLACE} , [ ] [a-z]{{2}} [ ] \d{{4,6}} \b )"
TAIL = Deferred(
    rf"""
    (?: \. (?= [ \t]* \n | [ ]? {UNIT} ) )?
    (?: (?: [ ] {CAPITAL_WORD} ){{0,3}} {BREAK} {UNIT} )? (?: {BREAK} {UNIT} ){{0,3}}
    (?: {LOCALITY} | {LOWER_LOCALITY} | , [ ]? {PLACE_NAME} {END} )?
    """,
    re.VERBOSE,
)
AFTER_UNIT = Deferred(rf"(?: [ ] | [ ]? \n [ \t>|?*]* ) {PLACE_NAME} {END}", re.VERBOSE)
HAS_UNIT = Deferred(UNIT, re.VERBOSE)
BEFORE = Deferred(
    rf"(?: (?: {UNIT} ) (?: [ ]? , )? (?: [ \t]* \n [ \t>|?*]* | [ ] ) (?: (?: at | on ) [ ] )? ){{1,3}} (?: (?<! [\w.,:/-] ) \d{{1,6}} [ ] )? \Z | (?<! \w ) (?: (?i: {UNIT_WORD} | number | no\.? ) (?<! [a-z] \. ) | (?i: no\. ) | c/o (?: [ ] {CAPITAL_WORD} ){{1,3}} , ) [ ] \Z",
    re.VERBOSE,
)
REACH = 48  # characters before a street that a unit and a further number can take


def whole(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the address begins and ends whose street and number stand at start..end."""
    tail = TAIL.match(text, end)
    last = tail.end() if tail else end
    if last > end and HAS_UNIT.search(text, end, last) and (place := AFTER_UNIT.match(text, last)):
        last = place.end()
    cut = max(0, start - REACH)
    before = BEFORE.search(text, cut, start)
    return (before.start() if before else start), last
