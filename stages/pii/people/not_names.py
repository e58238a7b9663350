"""Well-known places, weekdays and other capitalized words that are nobody's name."""

CALENDAR_WORDS = """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november
december easter christmas spring summer autumn winter mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec"""
OTHERS = """i english scottish irish welsh british american canadian australian indian chinese polish french german spanish italian greek dutch european asian
african japanese korean vietnamese turkish arabic russian portuguese brazilian mexican swedish norwegian danish finnish kiwi aussie victorian edwardian
georgian god lord jesus christ mum mom mam dad mammy mummy daddy mama papa nan nanna gran grandma grandpa grandad okay ok yes no yeah yep nope aye nah hm hmm ah oh ha
haha uh um er erm eh aw ooh wow gosh sorry thanks cheers hello hi hey hiya grand lovely brilliant facebook google whatsapp instagram zoom ikea bluetooth wifi
velux gumtree zillow docusign paypal internet skype airbnb uber excel bosch miele siemens toyota honda subaru ford bmw audi volvo tesla dulux farrow hague
quartz victoriana realtor thanksgiving halloween diwali ramadan eid medicare medicaid san santa"""
PLACES = """africa alabama alaska alberta algeria america amsterdam antarctica argentina arizona arkansas asia athens atlanta auckland australia austria baltimore
bangalore bangkok barcelona beijing belfast belgium berlin birmingham bolivia boston brazil bremen brisbane bristol britain brooklyn brussels bulgaria burnaby
calgary california cambridge cambodia canada canberra cardiff carolina chicago chile china cincinnati cleveland cologne colombia colorado columbus connecticut
copenhagen cork croatia cuba cyprus dallas darwin delaware delhi denmark denver derby detroit dubai dublin dundee durham ecuador edinburgh edmonton egypt england
estonia ethiopia europe exeter finland florida france frankfurt galway geneva germany ghana glasgow greece halifax hamburg hawaii helsinki hobart houston hungary
iceland idaho illinois india indiana indonesia inverness iowa iran iraq ireland israel istanbul italy jakarta jamaica japan jersey johannesburg kansas kent kenya
kentucky korea kuwait lagos latvia lebanon leeds leicester limerick lisbon lithuania liverpool london louisiana luxembourg madrid maine malaysia malta manchester
manhattan manila manitoba maryland massachusetts melbourne mexico miami michigan minneapolis minnesota mississippi missouri montana montreal morocco moscow mumbai
munich nairobi nebraska nepal netherlands nevada newcastle nigeria norfolk norway norwich nottingham oakland ohio oklahoma ontario oregon oslo ottawa oxford
pakistan panama pennsylvania perth peru philadelphia philippines phoenix pittsburgh plymouth poland portland portugal prague quebec queensland reading rome
romania russia sacramento saskatchewan scotland seattle seoul serbia shanghai sheffield shenzhen singapore slovakia slovenia somalia southampton spain stockholm
suffolk surrey sussex sweden switzerland syria taiwan tampa tasmania tennessee texas thailand tokyo toronto tunisia turkey ukraine utah vancouver venice vermont
vienna vietnam wales warsaw washington wellington westminster winnipeg wisconsin wyoming yorkshire zurich"""

CALENDAR = frozenset(CALENDAR_WORDS.split()) | {f"{day}s" for day in CALENDAR_WORDS.split()[:7]}
NEVER = CALENDAR | frozenset(OTHERS.split()) | frozenset(PLACES.split())
