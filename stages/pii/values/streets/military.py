"""Boxes: post offices', and those of armed forces abroad, whose "city" is APO, FPO or DPO."""

import re

from stages.pii.patterns.deferred import Deferred
from stages.pii.values.streets.letters import ANY

POST = r"(?: [AFD] \.? P \.? O \.? [ ,]+ A [APE] [ ,]* \d{5} (?: - \d{4} )? )"
BREAK = r"[ \t]* ,? \s* (?: [>|?*]+ [ \t]* )? ,? [ \t]*"
MILITARY = Deferred(
    rf"""
    (?P<street> (?:
        (?i: psc | cmr | unit | ops | usag ) [ ]? \#? \d{{1,6}} (?: {BREAK} (?i: box ) [ ]? \#? \d{{1,6}} )?
        | (?i: USNS | USNV | USS | USCGC | HMS | HMCS | HMAS | USAV ) (?: [ ] [{ANY}'’-]+ ){{1,4}} (?: [ ] \( [\w -]+ \) )?
    ) )
    {BREAK} (?i: {POST} )
    """,
    re.VERBOSE,
)
BOX_OF_UNIT = Deferred(r"(?P<street> \b (?: PSC | CMR | Unit ) [ ] \d{3,6} ,? [ ] Box [ ] \d{1,6} )", re.VERBOSE)
OFFICE = Deferred(rf"(?P<street> (?<! \w ) {POST} (?! \w ) )", re.VERBOSE)
PO_BOX = Deferred(
    r"""
    (?P<street> (?<! \w ) (?: P\.? [ ]? O\.? [ ]? Box | Post [ ]? Office [ ] Box | GPO [ ] Box | Locked [ ] Bag | Private [ ] Bag
        | Postfach | Postbus | Boîte [ ] Postale | (?<! \d [ ] ) B\.?P\.? (?= [ ] \d ) | Apartado (?: [ ] Postal | [ ] de [ ] Correos )? | Casella [ ] Postale
        | Caixa [ ] Postal | Postboks | Skrytka [ ] Pocztowa )
      [ ]* (?: no\.? [ ]? | number [ ] | \# )? [A-Z]{0,2} \d{1,7} (?: [ ] \d{2} (?! \d ) ){0,3} )
    """,
    re.IGNORECASE | re.VERBOSE,
)
BRITISH = Deferred(
    r"(?P<street> (?<! \w ) BFPO [ ]? \d{1,4} (?! \w ) | (?<! \w ) General [ ] Delivery (?= , [ ] [A-Z] ) )", re.VERBOSE
)
RURAL = Deferred(
    r"(?P<street> (?<! \w ) (?: RR | R\.R\. | HC | Rural [ ] Route ) [ ] \#? \d{1,4} ,? [ ] Box [ ] \d{1,5} [A-Z]? )",
    re.VERBOSE,
)
PATTERNS = (MILITARY, BOX_OF_UNIT, OFFICE, PO_BOX, BRITISH, RURAL)
