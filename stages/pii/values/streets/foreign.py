"""Streets of other countries, the number before or after, and what a sentence or a unit says is one: "at Nova 12".

A street's word stands before the name (Rue, ulica), after it (utca), or ends it (-straße, -gatan). Where none does, a number
beside a capital word is an address only behind words such as "lives at", or before a unit or a postcode.
"""

import re

from stages.pii.patterns.deferred import Deferred
from stages.pii.values.streets.letters import ANY, CAPITAL_WORD, LOWER, PARTICLE, SHORTENED, UPPER
from stages.pii.values.streets.tails import BREAK, POSTCODE, SURE_LOCALITY, UNIT

BEFORE_NAME = r"""
    Rue | Avenue | Av\.? | Ave\.? | Boulevard | Bd\.? | Blvd | Chemin | Place | Impasse | Allée | Quai | Route | Cours | Passage | Square
    | Calle | Carrer | C/ | Avenida | Avda\.? | Av\.? | Paseo | Plaza | Camino | Carrera | Cra\.? | Calzada | Ronda | Rambla | Travesía | Carretera
    | Via | Viale | Piazza | Piazzale | Corso | Largo | Vicolo | Strada | Contrada | Lungotevere
    | Rua | R\. | Travessa | Praça | Estrada | Alameda | Rodovia | Ladeira | El [ ] Camino
    | rue | boulevard | chemin | impasse | allée | quai | calle | avenida | paseo | viale | piazza | rua | travessa
    | [Uu]l\.? | [Uu]lica | [Aa]l\. | [Aa]leja | [Pp]l\. | [Oo]s\. | [Nn]ám\. | [Nn]áměstí | Trg | [Bb]d\. | [Bb]ld\. | Bulevardul | B-dul | Str\. | Șoseaua | Calea | Aleea
    | Jalan | Jln\.? | Jl\.? | Lorong | Persiaran | Heol | Ffordd | Stryd | Am | An [ ] der | Auf [ ] der | Unter [ ] den | Im | Zum | Zur
    | Λεωφόρος | Λεωφ\. | Οδός | [Уу]л\.? | [Уу]лица | [Пп]р\. | [Пп]роспект | [Пп]ереулок | [Пп]ер\. | [Бб]ул\. | Rruga | Sokak | Đường | Phố
"""
ENDS = r"""
    straße | strasse | straat | str\. | gasse | allee | weg | platz | damm | ufer | steig | graben | chaussee | brücke | hof | berg
    | gatan | gata | gade | gränd | gränden | vägen | vegen | veien | vej | vejen | stræde | stræti | braut | stigen | stien | stien | torget | torg | allé
    | katu | tie | kuja | polku | kaari | tanner | laan | plein | gracht | kade | dijk | singel | baan | dreef | lei | steeg | hove
    | krogen | parken | vangen | toften | bakken | gården | haven | vegur | gerði | ullica | utca | tee | puiestee | iela | gatvė
"""
WORD_ENDS = r"""
    Straße | Strasse | straße | strasse | Str\.? | str\.? | Gasse | Allee | Weg | Platz | Ring | Damm | Ufer | utca | u\. | út | útja | tér | tere | körút | krt\. | rkp\. | rakpart
    | köz | sor | fasor | dűlő | kapu | sétány | ulica | cesta | ulice | náměstí | třída | trg | pot | nábřeží | iela | gatvė | g\. | gatan | gata | gade | väg | vägen | vej | vei | allé | gate | plass | plads | terrasse
    | terrass | tänav | tn | mnt | maantee | puiestee | katu | tie | polku | kuja | laan | straat | weg | plein | kade | baan | hof | sokak | [Ss]k\. | sokağı | Sokak | Sokağı | [Cc]ad\. | caddesi | cadde | Caddesi
    | mahallesi | Mah\. | Sok\. | Bulvarı | улица | pr\. | проспект | ulitsa | prospekt | Marg | Nagar | Chowk | dori
"""
NUMBER = r"\d{1,5} (?: [A-Za-z] (?! \w ) )? (?: [/-] (?: \d{1,4} [A-Za-z]? | [A-Z] ) (?! \w ) ){0,2}"
NAME = rf"(?: (?: \d{{1,2}} [ ] de [ ] | (?: {PARTICLE} [ ] ){{0,2}} ) {SHORTENED} (?: [ ] (?: {PARTICLE} [ ] ){{0,2}} {SHORTENED} ){{0,3}} )"
BEHIND = rf"(?: (?: , [ ] (?! \d{{4,5}} [ ] [{UPPER}] ) | [ ] ) (?: n[º°r]? \.? [ ]? | No \.? :? [ ]? | (?: д\. | дом | d\. | dom ) [ ]? | č\.p\.\s? | numer [ ] )? {NUMBER} (?! \w | [.,] \d ) )"
STREET_WORD = Deferred(
    rf"""
    (?<! [\w.,£$€/-] )
    (?P<street>
        (?: (?: {NUMBER} ,? [ ] ){{1,2}} (?: bis [ ] | ter [ ] )? )?
        (?: (?: {BEFORE_NAME} ) [ ]? {NAME} {BEHIND}
            | [{UPPER}] [{ANY}'’-]{{1,24}} (?: {ENDS} ) {BEHIND}
            | {CAPITAL_WORD} (?: [ ] {CAPITAL_WORD} ){{0,2}} [ -] (?: {WORD_ENDS} ) {BEHIND} )
        \.?
    )
    | (?<! [\w.,£$€/-] )
    (?P<second>
        {NUMBER} ,? [ ] (?: bis [ ] | ter [ ] )? (?: (?: North | South | East | West | [NSEW] \.? ) [ ] )?
        (?: (?: {BEFORE_NAME} | The ) [ ]? {NAME}
            | [{UPPER}] [{ANY}'’-]{{1,24}} (?: {ENDS} ) (?! \w )
            | {CAPITAL_WORD} (?: [ ] {CAPITAL_WORD} ){{0,2}} [ -] (?: {WORD_ENDS} ) (?! \w ) )
    )
    """,
    re.VERBOSE,
)
NO_STREET = r"""(?! (?: Jan | Feb | Mar | Apr | May | June? | July? | Aug | Sept? | Oct | Nov | Dec | January | February | March | April | August | September
    | October | November | December | Mon | Tue | Wed | Thu | Fri | Sat | Sun | Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday
    | Apt | Apartment | Suite | Unit | Room | Flat | Floor | Level | Gate | Platform | Terminal | Exit | Route | Page | Line | Bus | Flight | Door | Tower | Phase
    | Block | Lot | Table | Channel | Windows | Version | Chapter | Section | Article | Form | Rule | Step | Part | Day | Week | Year | Class | Grade
    | Bed | Beds | Bath | Baths | AM | PM | GMT | UTC | EUR | USD | GBP | January | Box | PO | Track | Season | Episode | Highway | Junction | Zone | Band
    | Option | Stage | Studio | Percent | Euros? | Dollars? | Pounds? | Quid | Units? | Houses? | Homes? | Minutes? | Hours? | Offices? | Rooms? | Area | Number | No | About | Around | Least | Most | Only | Over | Under | Under | The | My | Your | Our | I | It ) \b )"""
CUE = r"""
    (?: \b (?: live[sd]? | living | stay(?:s|ing)? | resid(?:es|ing) | located | based | office | offices | house | home | flat | meet (?: [ ] (?: me | us | you | him | her | them ) )? | arrived? | delivered
        | registered | is | are | moved | drops? [ ] (?: you | me | us | him | her ) [ ] off | situated | stop | pick (?: [ ] \w+ )? [ ] up | drop (?: [ ] \w+ )? [ ] off ) [ ] (?: at | on | in | to )
      | \b (?: send | sent | return | deliver | post | mail | ship | shipped | forward | moved? | come | drive | go ) (?: [ ] (?: it | this | that | them | one | the [ ] \w+ | a [ ] new [ ] one ) )? [ ] (?: back [ ] )? to
      | \b address (?:es)? (?: [ ] \w+ ){0,3} [ ] (?: is | to | with ) | \b address [ ]? : | \b address ,
      | \b (?: side | corner | end ) [ ] of | \b enter [ ] on | (?: user | address ) \s? : )
    [ \n\t]+ (?: the [ ] corner [ ] of [ ] )?
"""
TOLD = Deferred(
    rf"""
    (?i: {CUE} )
    (?P<street> (?: {NUMBER} ,? [ ] ){{1,2}} {NO_STREET} {NAME} (?: {BEHIND} )?
        | {NO_STREET} {NAME} [ ] (?! \d{{1,2}} (?: st | nd | rd | th | [ap]m | : ) | (?: 19 | 20 ) \d\d \b ) {NUMBER} (?! \w | [.,:] \d | [ ]? % | [ ] (?: {PARTICLE} [ ] )? (?: January | days? | years? | am | pm | people ) \b ) )
    """,
    re.VERBOSE,
)
LINE = r"(?<! [\w.,£$€/-] )"
TOKENS = rf"""(?: {NUMBER} \.? | {SHORTENED} | {PARTICLE} (?! \w ) | (?: {WORD_ENDS} ) (?! \w ) )"""
WITH_TAIL = Deferred(
    rf"""
    {LINE}
    (?P<street>
        (?! (?: 1[5-9] | 20 ) \d\d [ ] ) (?: {NUMBER} ,? [ ] ){{1,2}} {NO_STREET} {SHORTENED} (?: [ ] {TOKENS} ){{0,5}}
        | {NO_STREET} {SHORTENED} (?: [ ] (?: {PARTICLE} [ ] ){{0,2}} {CAPITAL_WORD} ){{0,3}} (?: [ ] (?: {WORD_ENDS} ) )? [ ] (?! (?: 1\d | 20 ) \d\d \b ) {NUMBER} \.?
    )
    (?= {BREAK} {UNIT} | {SURE_LOCALITY} | , [ ] {POSTCODE} [ ] {CAPITAL_WORD} )
    """,
    re.VERBOSE,
)
AMID = Deferred(
    rf"""
    {LINE} (?! (?: 1[5-9] | 20 ) \d\d [ ] )
    (?P<street> \d{{3,6}} [ ] {NO_STREET} {CAPITAL_WORD} (?: [ ] (?: {PARTICLE} [ ] )? {NO_STREET} {CAPITAL_WORD} ){{0,2}} [ ] {NUMBER} )
    (?! \w | [.,:] \d | [ ]? % | [ ] [a-z]+s \b )
    """,
    re.VERBOSE,
)
LOWER_WORD = rf"[{LOWER}]{{3,}}"
LOWER_UNIT = Deferred(
    rf"""
    {LINE} (?P<street> (?: \d{{1,5}} [ ] ){{1,2}} {LOWER_WORD} (?: [ ] {LOWER_WORD} )? (?: [ ] \d{{1,5}} )? ) (?= [ ] (?: apt\.? | suite | unit ) [ ] \d )
    """,
    re.VERBOSE,
)
NUMBERED_GRID = Deferred(  # Colombia's streets have numbers, and so have houses on them: Calle 72 No. 10-34
    r"""
    (?P<street> (?<! \w ) (?: Calle | Carrera | Cra\.? | Kra\.? | Cl\.? | Transversal | Diagonal | Avenida | Av\.? ) [ ] \d{1,3} [A-Z]? (?: [ ] (?: Sur | Norte | Bis ) )?
        [ ] (?: No\.? | N[º°]\.? | \# ) [ ]? \d{1,3} [A-Z]? (?: [ ]? - [ ]? \d{1,3} )? )
    """,
    re.VERBOSE,
)
JAPAN = Deferred(
    rf"""
    (?P<street> {LINE} \d{{1,2}} (?: - \d{{1,3}} ){{1,2}} ,? [ ] {CAPITAL_WORD} (?: [ ] \d - ch[oō]me )? (?: , [ ] {CAPITAL_WORD} (?: - (?: ku | shi | cho | machi | gun ) )? ){{0,2}} )
    (?= .{{0,30}} (?: -ku | -shi | -ch[oō]me | Tokyo | Osaka | Kyoto | Japan ) ) (?: [ ,]+ (?: Tokyo | Osaka | Kyoto ) (?: [ ] \d{{3}} - \d{{4}} )? )?
    | (?P<second> {LINE} \d{{1,2}} - \d{{1,2}} [ ] {CAPITAL_WORD} [ ] \d - ch[oō]me (?: , [ ] {CAPITAL_WORD} )? )
    """,
    re.VERBOSE,
)
TURKISH = Deferred(
    rf"""
    (?P<street> {CAPITAL_WORD} (?: [ ] {CAPITAL_WORD} )? [ ] (?: Mah\.? | Mahallesi ) ,? [ ] [^\n;]{{0,40}}? No \.? :? [ ]? \d{{1,4}} (?: / \d{{1,3}} )? )
    """,
    re.VERBOSE,
)
PIECE = rf"(?: (?: (?: \d{{1,3}} (?: st | nd | rd | th ) [ ] )? {NAME} (?: [ ] \d{{1,4}} )? | {UNIT} | \d{{1,3}} / F ) (?! \w ) )"
CHAIN_END = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d|[A-Z]\d{2} ?[A-Z0-9]{4}|\d{5,6}|Hong Kong|Singapore)\b"
)
CHAIN = Deferred(
    rf"""
    {LINE} (?P<street> {PIECE} (?: , [ ] {PIECE} ){{1,5}} ) ,? [ ]
        (?: [A-Z]{{1,2}} \d [A-Z\d]? [ ] \d [A-Z]{{2}} | [A-Z] \d [A-Z] [ ] \d [A-Z] \d | [A-Z] \d{{2}} [ ] [A-Z0-9]{{4}} ) (?! \w )
    | {LINE} (?P<second> {UNIT} (?: , [ ] {PIECE} ){{1,5}} ) (?: ,? [ ] \d{{5,6}} (?! \w ) | (?<= Hong [ ] Kong ) | (?<= ,[ ]Singapore ) )
    """,
    re.VERBOSE,
)
CORNER = Deferred(
    rf"""
    (?P<street> (?: [Tt]he [ ] )? [Cc]orner [ ] of [ ] (?= [^\n]{{0,60}} \d ) (?: {NUMBER} [ ] )? {NAME} (?: [ ] (?: {WORD_ENDS} ) )? (?: {BEHIND} )? \.?
        (?: [ ] St\. )? [ ] and [ ] (?: {NUMBER} [ ] )? {NAME} (?: {BEHIND} )? )
    """,
    re.VERBOSE,
)
PATTERNS = (STREET_WORD, TOLD, WITH_TAIL, AMID, LOWER_UNIT, NUMBERED_GRID, JAPAN, TURKISH, CHAIN, CORNER)
