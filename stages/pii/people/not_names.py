"""Well-known places, weekdays and other capitalized words that are nobody's name."""

CALENDAR_WORDS = """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november
december easter christmas spring summer autumn winter mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec"""
OTHERS = """i english scottish irish welsh british american canadian australian indian chinese polish french german spanish italian greek dutch european asian
african japanese korean vietnamese turkish arabic russian portuguese brazilian mexican swedish norwegian danish finnish kiwi aussie victorian edwardian
georgian god lord jesus christ mum mom mam dad mammy mummy daddy mama papa nan nanna gran grandma grandpa grandad okay ok yes no yeah yep nope aye nah hm hmm ah oh ha
haha uh um er erm eh aw ooh wow gosh good morning afternoon evening night president chairman chairperson sorry thanks cheers hello hi hey hiya grand lovely brilliant facebook google whatsapp instagram zoom ikea bluetooth wifi
velux gumtree zillow docusign paypal internet skype airbnb uber excel bosch miele siemens toyota honda subaru ford bmw audi volvo tesla dulux farrow hague
jeez geez gee blimey crikey yikes ugh phew whoa oops ouch yay wah xmas voicemail hooray yup yea yah yess yessir alright alrighty righto welcome congratulation congratulations congrats please thankyou thx ty pls plz welp
hmmm sir madam maam miss bye goodbye ciao
quartz victoriana realtor thanksgiving halloween diwali ramadan eid medicare medicaid san santa"""
LANGUAGES = """catalan basque galician hindi urdu bengali punjabi gujarati marathi tamil telugu kannada malayalam sinhala nepali mandarin cantonese hokkien
tagalog filipino swahili yoruba igbo hausa zulu xhosa amharic somali farsi persian pashto dari kurdish hebrew yiddish latin croatian serbian bosnian slovenian
slovak czech hungarian romanian bulgarian ukrainian lithuanian latvian estonian icelandic gaelic malay indonesian thai burmese khmer lao mongolian tibetan
albanian armenian azerbaijani kazakh uzbek maltese flemish creole siberian nigerian ghanaian kenyan ethiopian egyptian moroccan tunisian algerian lebanese syrian
jordanian iraqi iranian israeli palestinian saudi pakistani bangladeshi taiwanese singaporean malaysian cuban colombian venezuelan peruvian chilean
argentinian argentine jamaican haitian austrian belgian swiss californian texan londoner parisian catholic protestant christian muslim jewish hindu buddhist sikh"""
AIRPORTS = """heathrow gatwick stansted luton schiphol orly roissy fiumicino malpensa barajas tegel tempelhof laguardia dulles o'hare newark midway changi
haneda narita incheon suvarnabhumi tullamarine mascot pearson trudeau jfk lax sfo sjc oak ord atl"""
CARS = """prius corolla camry civic altima sentra tacoma impreza elantra sportage sorento passat jetta tiguan octavia mondeo qashqai clio megane corsa
astra yaris silverado escalade cherokee"""
DRUGS = """tylenol advil motrin aleve zoloft xarelto lipitor prozac xanax valium lexapro celexa paxil wellbutrin ambien adderall ritalin vyvanse lyrica
cymbalta effexor abilify seroquel zyprexa risperdal humira enbrel ozempic wegovy mounjaro trulicity januvia jardiance farxiga eliquis plavix coumadin warfarin
crestor nexium prilosec zantac pepcid claritin zyrtec benadryl sudafed mucinex singulair symbicort advair ventolin flonase viagra cialis synthroid insulin
lantus humalog novolog nurofen panadol calpol strepsils voltaren imodium gaviscon piriton lemsip paracetamol acetaminophen aspirin codeine tramadol morphine
gabapentin prednisone botox alzheimer alzheimers crohn crohns tourette asperger"""
ARTISTS = """mozart beethoven chopin vivaldi tchaikovsky puccini shakespeare tolstoy dostoevsky picasso rembrandt coldplay beyonce rihanna metallica abba"""
FIRMS = """pfizer moderna astrazeneca novartis bayer sanofi emirates etihad qantas mcafee kaspersky avast siri cortana bixby cornell purdue rutgers vanderbilt
tulane brandeis tufts villanova georgetown gonzaga emory caltech waldorf ritz radisson novotel ibis ramada foxtons"""
BRANDS = """allianz aviva axa geico nationwide zelle venmo cashapp harvard yale stanford princeton eton arsenal liverpool everton revolut monzo wise stripe klarna ebay etsy wayfair argos wickes b&q homebase screwfix costa greggs nando's wagamama deliveroo doordash grubhub
puma reebok gucci zara primark uniqlo levi's waitrose morrisons carrefour costco sainsbury's disney hulu peloton fitbit garmin nokia huawei xiaomi
lenovo asus intel nvidia kpmg deloitte accenture pwc mckinsey ibm cisco salesforce shopify airtel verisure simplisafe
chevrolet chevy nissan hyundai kia mazda mitsubishi suzuki lexus acura infiniti jeep dodge chrysler cadillac buick pontiac gmc renault peugeot
citroen skoda volkswagen vw fiat opel vauxhall porsche jaguar bentley ferrari lamborghini maserati rivian lyft microsoft apple samsung sony
panasonic philips xerox adobe netflix spotify youtube tiktok twitter linkedin snapchat telegram android iphone ipad macbook gmail outlook yahoo
hotmail walmart costco tesco sainsbury lidl aldi asda target starbucks mcdonald mcdonalds nike adidas visa mastercard amex barclays hsbc
santander lloyds natwest halifax citibank chase vodafone verizon comcast zoopla rightmove trulia redfin expedia booking hilton marriott sheraton hyatt
ryanair easyjet lufthansa delta fedex ups dhl usps hertz avis amtrak greyhound bart caltrain samsung whirlpool bosch electrolux dyson firefox chrome safari opera windows linux ubuntu toyota honda ford bmw audi volvo tesla subaru mercedes-benz"""
PLACES = """africa alabama alaska alberta algeria america amsterdam antarctica argentina arizona arkansas asia athens atlanta auckland australia austria baltimore
bangalore bangkok barcelona beijing belfast belgium berlin birmingham bolivia boston brazil bremen brisbane bristol britain brooklyn brussels bulgaria burnaby
calgary california cambridge cambodia canada canberra cardiff carolina chicago chile china cincinnati cleveland cologne colombia colorado columbus connecticut
copenhagen cork croatia cuba cyprus dallas darwin delaware delhi denmark denver derby detroit dubai dublin dundee durham ecuador edinburgh edmonton egypt england
estonia ethiopia europe exeter finland florida france frankfurt galway geneva germany ghana glasgow greece halifax hamburg hawaii helsinki hobart houston hungary
iceland idaho illinois india indiana indonesia inverness iowa iran iraq ireland israel istanbul italy jakarta jamaica japan jersey johannesburg kansas kent kenya
kentucky korea kuwait lagos latvia lebanon leeds leicester limerick lisbon lithuania liverpool london louisiana luxembourg madrid maine malaysia malta manchester
manhattan manila manitoba maryland massachusetts melbourne mexico miami michigan minneapolis minnesota mississippi missouri montana montreal morocco moscow mumbai
munich nairobi nebraska nepal netherlands nevada newcastle nigeria norfolk norway norwich nottingham oakland ohio oklahoma ontario oregon oslo ottawa oxford
pakistan panama paris pennsylvania perth peru philadelphia philippines phoenix pittsburgh plymouth poland portland portugal prague quebec queensland reading rome
romania russia sacramento saskatchewan scotland seattle seoul serbia shanghai sheffield shenzhen singapore slovakia slovenia somalia southampton spain stockholm
suffolk surrey sussex sweden switzerland syria taiwan tampa tasmania tennessee texas thailand tokyo toronto tunisia turkey ukraine utah vancouver venice vermont
vienna vietnam wales warsaw washington wellington westminster winnipeg wisconsin wyoming yorkshire zurich"""

FUNCTION = """can could should would must shall might do does did done have has had am are was were be been being the this that these those there here it its
we you your yours they them their he she him his her our us me my mine who whom whose what which when where why how if then than because but and or nor not only
just also too very more most much many some any all both each every other another such same for from with without about into onto over under after before again once
during until while upon between through to of on at by up down off out as so a an"""
WORLD = """afghanistan albania andorra angola armenia azerbaijan bahamas bahrain bangladesh barbados belarus belize benin bhutan bosnia botswana brunei burkina burma
burundi cameroon comoros congo czechia czech djibouti eritrea eswatini fiji gabon gambia greenland grenada guatemala guinea guyana haiti honduras
kazakhstan kosovo kyrgyzstan laos lesotho liberia libya liechtenstein macedonia madagascar malawi maldives mauritania mauritius micronesia moldova monaco
mongolia montenegro mozambique myanmar namibia nicaragua niger palestine paraguay qatar rwanda samoa senegal seychelles slovenia sudan suriname tajikistan
tanzania tibet togo tonga trinidad turkmenistan tuvalu uganda uruguay uzbekistan vanuatu vatican venezuela yemen zambia zimbabwe
accra ankara ashgabat baku bamako beirut belgrade bogota bratislava bucharest budapest caracas colombo dakar damascus dhaka doha gaborone hanoi havana
kathmandu khartoum kiev kyiv luanda lusaka minsk mogadishu montevideo muscat nicosia phnom pretoria quito rabat reykjavik riga riyadh sarajevo skopje
tallinn tbilisi tehran tirana tripoli ulaanbaatar valletta vilnius yerevan zagreb
adelaide sydney perth brisbane canberra geelong cairns kingston christchurch dunedin tauranga rotorua
bristol brighton bournemouth coventry leicester luton middlesbrough northampton sunderland swansea swindon wolverhampton
salford wigan dundee waterford kilkenny
fremont hayward oakland berkeley sunnyvale cupertino milpitas pleasanton petaluma fresno stockton modesto sacramento burbank glendale pasadena anaheim irvine
reno tucson scottsdale albuquerque omaha tulsa wichita raleigh durham greensboro tallahassee knoxville chattanooga
birmingham nashville louisville lexington toledo akron milwaukee rochester syracuse albany buffalo hartford providence worcester
spokane tacoma boise billings fargo lubbock laredo plano arlington
mississauga brampton kitchener saskatoon kelowna etobicoke moncton fredericton"""
SLANG_WORDS = """lol btw asap tmrw tomoz rn omg idk imo brb wanna gonna gotta lemme ur tho cuz coz bc rly sry ppl msg pic pics abt wknd appt rn tonite"""  # behind a name in chat
SLANG = frozenset(SLANG_WORDS.split())
ENDEARMENTS = frozenset("bud love dear hon angel pal champ precious sunny prince king ty mate del min".split())  # noqa: SIM905
TOWNS = frozenset(
    """charlotte milan florence paris sydney victoria adelaide georgia virginia carolina savannah austin dallas houston denver madison jackson lincoln orlando
    santiago chelsea devon lourdes siena vienna london brooklyn verona aurora eugene salem troy logan valencia asia india china ireland jordan chad cuba israel
    kenya malta lima lyon dakota cheyenne carson alexandria salvador preston chester lancaster stafford regina wellington lorraine holland camden hudson
    phoenix berlin rome roma havana geneva catalina shannon kerry clare""".split()  # noqa: SIM905
)  # given names as well: without a capital only where something says so
CALENDAR = frozenset(CALENDAR_WORDS.split()) | {f"{day}s" for day in CALENDAR_WORDS.split()[:7]}
NEVER = (
    CALENDAR
    | frozenset(OTHERS.split())
    | frozenset(BRANDS.split())
    | frozenset(CARS.split())
    | frozenset(DRUGS.split())
    | frozenset(ARTISTS.split())
    | frozenset(FIRMS.split())
    | frozenset(LANGUAGES.split())
    | frozenset(AIRPORTS.split())
    | frozenset(PLACES.split())
    | frozenset(WORLD.split())
    | frozenset(FUNCTION.split())
)
