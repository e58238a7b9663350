"""Letters of the scripts that set capitals, for the brackets of a pattern: Latin with its accents, Greek, Cyrillic."""

ALPHABETS = [char for char in map(chr, range(0x41, 0x530)) if char.isalpha()]
UPPER = "".join(char for char in ALPHABETS if char.isupper()) + "∆Ω"
LOWER = "".join(char for char in ALPHABETS if char.islower())
ANY = f"{UPPER}{LOWER}"
WHOLE = rf"(?: (?! [{ANY}] ) | (?<= [{LOWER}] ) (?= [A-Z]{{1,2}} \d ) )"  # a word ends within letters only before a postcode: LondonSW1A
CAPITAL_WORD = rf"(?: [{UPPER}] [{ANY}'’-]* {WHOLE} )"
PARTICLE = r"""
    (?: de | del | della | dello | delle | dei | degli | dell[’'] | di | da | do | das | dos | d[’'] | du | des | la | le | les | el
        | los | las | van | von | der | den | het | ten | ter | op | af | av | och | og | am | an | auf | im | in | zu | zum | zur
        | nad | pod | pri | na | w | z | the | of | upon | and | y | e | i | et | bana | kralja | svatého | svaté | sv\. | św\. | generała | sur | sous | aux | en | a )
"""
SHORTENED = (
    rf"(?: [{UPPER}] [{ANY}]{{0,3}} \. | {CAPITAL_WORD} )"  # St. Georges; a longer word with a stop ends its sentence
)
PLACE_NAME = rf"""
    (?: {SHORTENED} (?: [ ]? \( {CAPITAL_WORD} (?: [ ] {CAPITAL_WORD} )* \) )?
        (?: [ ] (?: (?: {PARTICLE} [ ] ){{0,2}} {SHORTENED} | \( {CAPITAL_WORD} (?: [ ] {CAPITAL_WORD} )* \) ) ){{0,3}} )
"""
