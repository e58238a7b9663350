"""Given names common in English-speaking offices and among their customers, by where they are at home.

Written for this project from general knowledge; it holds no name because a conversation of ours does. A name that is
not here is found by what is said around it (see `english`), so the list need not be complete.
"""

import unicodedata

BRITISH = """aaron abbie abby abigail adam adrian aidan ailsa alan alasdair alastair albert alec alex alexa alexander alexandra alfie alfred alice alison
alistair allan allison amanda amber amelia amy andrea andrew andy angela angus anita ann anna annabel anne annie anthony antonia archie arthur ashley
audrey austin ava barbara barry beatrice becky ben benjamin bernard beth bethany betty beverley bob bobby bradley brandon brenda brendan brian bridget
bruce bryan caitlin callum calum cameron carl carol caroline carrie catherine cathy charles charlie charlotte cheryl chloe chris christina christine
christopher claire clare clive colin connor conor craig cynthia daisy damian dan daniel danielle danny darren dave david dawn dean debbie deborah denise
dennis derek diana diane dominic donald donna doreen dorothy doug dougal douglas duncan dylan eddie edith edward eileen eilidh elaine eleanor elizabeth
ella ellen ellie elliot elsie emily emma eric erica erin ethan ethel evan evelyn ewan ewen felicity finlay fiona frances francis frank fraser fred freddie
freya gareth gary gavin gemma geoff geoffrey george georgia georgina gerald gerard gillian gladys glen glenn gordon graeme graham greg gregory gwen
hamish hannah harold harriet harry harvey hayley heather hector helen henry hilary howard hugh hugo ian imogen irene isaac isabel isabella isla isobel
ivan ivor jack jackie jacob jacqueline jake james jamie jan jane janet janice jared jasmine jason jay jean jeff jeffrey jen jenna jennifer jenny jeremy
jess jesse jessica jill jim jimmy joan joanna joanne joe joel john johnny jon jonathan jordan joseph josh joshua joyce judith judy julia julian julie
june justin karen karl kate katherine kathleen kathryn kathy katie katy kay keith kelly ken kenneth kerry kevin kim kirsten kirsty kyle lachlan larry
laura lauren laurence lawrence leanne lee len leo leon leonard leslie lewis liam lillian linda lindsay lindsey lisa liz logan lorna lorraine louis louise
lucas lucy luke lydia lynn lynne maddie madeleine madison maggie malcolm marcus margaret maria marian marie marilyn marion marjorie mark martha martin
martyn mary mason matilda matt matthew maureen mavis maxine megan mel melanie melissa mia michael michelle mike millie mitchell moira molly monica morag
morgan muriel murray nancy naomi natalie natasha nathan neil nell nicholas nick nicky nicola nicole nigel noah noel nora norma norman olive oliver olivia
ollie oscar owen pam pamela patricia patrick paul paula pauline penelope pete peter phil philip philippa phillip phoebe phyllis polly poppy rachel ralph
rebecca reggie rex rhona rhys richard rob robert robin rodney roger roland ron ronald ronnie rory rosalind rosemary rosie ross rowan roy rupert russell
ruth ryan sally sam samantha samuel sandra sarah scott sean seb sebastian shane sharon shaun sheila shelley shirley sid simon sophia sophie stacey stan
stanley stella stephanie stephen steph steve steven stewart stuart sue susan susie suzanne sylvia tania tara ted teresa terence terri terry tess theo
theresa thomas tim timothy tina toby tom tommy toni tony tracey tracy trevor tristan trudy valerie vanessa vera veronica vicky victor victoria vince
vincent violet vivian vivien wallace wanda warren wayne wendy wesley wilfred william willie winifred yvonne zac zach zachary zara zoe"""
AMERICAN = """alana alicia alyssa amaya andre angelina april aretha ariel aubrey autumn bailey barb becca bev billy blake bonnie brad brady breanna brent
brett briana brianna brittany brock brooke bryce caleb candace carla carly carmen cassandra cassie chad chase chelsea chuck cindy clarence claudia clayton
cody colleen cory courtney crystal curtis dale dana darcy darius darla darlene darnell darrell dawson deandre deb deanna delores dexter dolores don donnie
dorian doris drew duane dustin dwayne dwight earl ebony elijah elliott elmer erik ernest ernie everett floyd gail garrett gene gina ginger glenda grant
gretchen hailey hank hunter imani jackson jada jaden jamal jamar janelle jasper jayden jeanette jeannie jermaine jerome jerry jodi jody joey jolene josie
joy juanita justine kaitlyn kara kari karla kasey katelyn katrina kayla keisha kendra kendrick kendall kenny kent kristen kristi kristin kristina kristy
kurt kyra lamar lance landon latisha latoya leah leroy levi lloyd lonnie loretta lori louella luann lucille lyle mabel mackenzie malik mandy marcia marge
margie marissa marla marlene marlon marsha marshall marvin maurice melinda melody mercedes micah mickey mildred mindy misty mitch monique myrna myrtle
nadine nelson nikki noelle odell otis paige patti patty peggy perry peyton priscilla quentin quinn ralph randall randy reese reggie regina renee rhonda
rick ricky rita robbie roberta robyn rochelle rocky roxanne ruby rudy rusty savannah scotty seth shana shanice shannon shanna shauna shawn shelby sheldon
sherri sherry sierra skylar spencer stacy sterling stuart summer susanne tabitha tamara tameka tammy tanya tasha taylor terrance terrence thelma tiffany
todd tonya tori travis trent tricia trisha troy tyler tyrone tyson velma vern vernon vicki vickie virgil virginia wade wally walt walter whitney wilma zack"""
IRISH = """blathnaid cathal cian cillian clodagh conall fionnuala odhran sean aine aisling aoife bernadette breda brid brigid caoimhe ciara ciaran colm cormac dara darragh declan deirdre dermot diarmuid donal dympna eamon
eamonn emer enda eoghan eoin fergal fergus fiachra finbarr fintan gearoid grainne imelda kieran lorcan maeve mairead majella maura mick muireann niall niamh
noreen nuala oisin orla orlaith padraig paddy pat ronan roisin ruairi ruaridh saoirse seamus shane sinead siobhan sorcha tadhg una bronwen carys cerys dafydd
dylan eluned emrys gethin gwyneth huw ieuan iwan lowri mair megan meredith myfanwy nia owain rhian rhiannon sian sioned alwyn"""
ROMANCE = """adriana adriano alberto alejandra alejandro alessandro alfonso alfredo alvaro amalia ana andreas andres angel angelo antoine antonio arturo beatriz
benedetta benito bianca bruno camila camille carlo carlos carolina catalina cecile cecilia celia celine cesar chiara christophe clara claude consuelo cristian
cristina daniela danilo diego dolores domingo dominique edoardo eduardo elena eloise emanuele emilia emilio emmanuel enrique enzo ernesto esperanza esteban
esther eva fabio fabrizio federica federico felipe fernanda fernando filippo francesca francesco francisco francois francoise gabriel gabriela gabriele gaston
genevieve gerardo giacomo gianni gino giorgio giovanni giulia giulio giuseppe gloria gonzalo graciela guadalupe guillaume guillermo gustavo hector helene
hernan horacio hugo humberto ignacio ines irma isabela isabelle isidro ivonne jacques javier jean joao joaquin jorge jose josefina juan juana julien julieta
julio laetitia laurent leonardo leticia lorena lorenzo luc luca lucia luciana luciano ludovic luis luisa luz magdalena manuel manuela marc marcel marcela
marcelo marco margarita marguerite mariana mariano maribel maricela mario marisol marta mateo mathieu matias matteo mauricio maxime mercedes miguel milagros
mireille monique montserrat nicolas nicolo nuno odette olga orlando oscar pablo paloma paola paolo pascal patricio paulo pedro philippe pierre pietro pilar
rafael ramon raoul raquel raul renata rene ricardo riccardo roberto rocio rodrigo rogelio rosa rosalie rosario ruben salvador salvatore santiago santos
sergio silvia simone sofia solange sonia soledad stefania stefano sylvie tatiana teo thierry tomas ulises valentina valeria vicente vincenzo virginie vittorio
xavier ximena yolanda yves yvette"""
EUROPEAN = """agata agnes agnieszka aleksander aleksandra aleksei alena alexei anastasia anatoly andrei andrej andrzej aneta anja anke anneli annika anton
arkadiusz armin arne artur astrid axel barbora bartek beata bernd birgit bjorn bogdan boris borut bozena branko brigitte britta dagmar danuta darek dario
dieter dimitri dmitri dorota dragan edyta elke elzbieta emil erika ernst eszter ewa evgeny ferenc florian franz frieda friedrich fritz gabor galina gerda
gerhard goran gosia greta grzegorz gunther gustav halina hans heidi heike heinrich helga henrik herbert hilde horst igor ilona ilse imre inga ingeborg
inge ingrid irina iris ivana ivo iwona jaan jacek jadwiga jakub jan janek jana janina janos janusz jarek jaroslav jelena jens jiri joanna jochen johan
johanna johannes jolanta jorgen josef jozef jurgen justyna kai kaja karel karin karol kasia kasper katarina katarzyna katja katrin kazimierz klara klaus
konrad kristof krystyna krzysztof lars laszlo lech leif lena lenka leszek lidia liesl lieve liv ljubica lothar lubomir ludmila ludwig lukas lukasz maciej
magda maja malgorzata marek mareike margit margot marija marika marit mariusz marketa marta matej mateusz matthias mathias michal mikael mikhail mikko mila
milan milos milena mirek mirjana miroslav mladen monika nadia nadja natalia nicolai nikita nikola nikolai nils nina oksana ola olaf oleg olena otto pavel
pawel peer pekka petar petra petr piotr przemek radek radka rainer reinhard renate roman rolf rudolf ruslan sabina sabine sander sanja sasha satu saskia
sebastien sergei sigrid silke silvie slavica slawomir sofie solveig stanislav stefan stefanie steffen svetlana sven svenja tadeusz tamas tanja tatjana
thorsten tibor timo tomasz tomislav torsten trude ulla ulrich ulrike ursula uta uwe vaclav vadim valentin vasily vera vesna vit vladimir vlad wanda
werner wiktor willem wim wojciech wojtek wolfgang yaroslav yelena yuri yulia zbigniew zdenek zofia zoltan zosia zuzana anastasios andreas angeliki
apostolos aris christos costa costas demetrios despina dimitra dimitris effie eleftheria eleni evangelos fotini georgios giannis ioanna ioannis katerina
konstantina konstantinos kostas kyriakos maria nikos panagiota panos pavlos petros sofia sotiris soula spiros stavros stelios thanos theodora theodoros
toula vasiliki vasilis voula xenia yannis yiannis"""
ASIAN = """aamir aarav abdul abdullah abha abhishek aditi aditya afsana ahmad ahmed aida aisha ajay akash akshay ali alia alka ameena amina amir amit amita
amrita anand ananya anika anil anish anita anjali ankit ankita anushka anwar aparna arash archana arjun arun asha ashok asif asma avani ayaan ayesha aziz
babak bala bashir bilal bindu chandra charu deepa deepak deepika dev devi dhruv dilip dina divya dinesh ehsan elham fadi fahad faisal farah fareed farhan
farid fariha farzana fatima fatma feroz firoz ganesh gaurav gita gopal gul gurpreet habib hadi hamid hamza hana hanif harish harjit harpreet hasan hassan
hemant hiba huda hussain hussein ibrahim idris ikram imran indira iqbal ishaan jagdish jamil jasmin jaspreet jatin javed jaya jayesh jigar jyoti kabir kamal
kamala kareem karim kartik kavita kavya khadija khalid kiran kishore krishna kumar kunal lakshmi lalita latif layla leela leila lubna madhu maha mahesh
mahmoud majid malini mandeep manish manisha manoj mansoor mariam maryam maya meena meera mehdi mehmet meryem milan minal mohammad mohammed mohan mohit mona
monir mukesh muna munir murali mustafa nabil nadeem nadir nagesh naima nalini nandini narendra naresh nargis nasir nasrin naveed naveen navin nazia neel
neelam neeraj neeta neha nikhil nilesh nimisha nisha nitin noor nour omar pankaj parisa parveen parvati pooja prabha pradeep prakash pranav prasad prashant
pratik praveen preeti prem priya priyanka puneet pushpa qasim radha rafiq raghu rahim rahul raj raja rajan rajeev rajesh rajiv rakesh ram raman ramesh ramya
rana rania ranjit rashid rashmi rasheed ravi ravinder razia reema rehana rekha reza rina rishi ritu riya rizwan rohan rohit roopa rukmini rupa saad sabiha
sachin sadia saeed safia sahil sai saira sajid salim salma samir samira samina sana sandeep sangeeta sanjay sanjeev santosh sara saroj satish saurabh savita
seema shabana shabnam shahid shahnaz shakeel shalini shankar shanti sharma sheela sheetal shilpa shirin shivani shreya shruti shweta siddharth simran sita
sneha sohail sonal sonali soraya subhash sudha sudhir sujata sukhdeep suman sumit sunil sunita suraj surendra suresh surya sushma swati tahir tanvi tara tariq
tarun tasneem uday uma umar umesh usha usman vandana varun vasant vidya vijay vikas vikram vimal vinay vineet vinod vishal vivek waleed waqar yash yasmin
yasmeen yasir yousef youssef yusuf zahid zahir zahra zain zainab zakir zara zeenat zia zohra ayse baris burak cem deniz elif emre esra fatih hakan kemal
leyla mert murat nuray oguz omer orhan osman ozan pinar selim selin serkan sevgi sibel tolga ugur umut yildiz zehra zeynep akira aiko asuka ayaka chiyo daiki
emi haruka haruki haruto hideki hinata hiro hiroko hiroshi kaito kaori kazuo kazuki keiko ken kenji kenta koji kyoko makoto mariko masako masashi mayumi megumi
michiko midori miho mika naoki naoko naomi natsuki nobu noriko osamu reiko ren rika ryo ryota sachiko sakura satoshi satsuki sayaka shinji sho shun sora
taichi takashi takeshi takumi taro tomoko toshi yoko yoshi yui yuka yuki yuko yumi yuna yuto eun eunji haeun hye hyun jae jaehyun jihoon jimin jin jisoo jiwoo
joon kyung mijin min minho minji minjun minseo seojun seoyeon seung soojin sunhee sunny woojin yeji yoon yuna anh bao binh chau cuong dao diep
duc giang hanh hien hoa hoang hong huong huy khanh khoa lan lien linh mai manh minh nam nga ngan nghia ngoc nguyen nguyet nhi nhung phong
phuc phuong quan quang quoc quyen quynh tam thanh thao thi thien thuy tien trang trinh trung truong tuan tuyet viet vinh vy xuan yen boon
cheng choon hock hui kah kai kok lai leong li ling mei meng ming ping seng shu siew siti sook swee teck teng wai wei weng xiu yan yee yew yi ying yong
yuen zhi zainal zul agus ayu bambang budi dewi eko fitri hendra indah ketut nur nurul putri putu rahmat rizal sari slamet sri wahyu wayan yanti
arnel benjie cherry dodong gemma imelda jocelyn jomar jun lito liza lourdes luzviminda maricar nonoy rey rowena teresita somchai somsak niran malee kanya
pim ploy nattapong anong arthit chai"""
AFRICAN = """abdi abdullahi abebe abena abiola abimbola achieng adaeze adama ade adebayo adeola adewale adjoa adunni afia akin akosua akua ama amadi amara ameyo
amaka aminata amos aminu anan ayo ayodele babatunde bamidele blessing boateng bolanle bukola chiamaka chidi chidinma chika chike chima chimamanda chinedu
chinwe chioma chuka dada desta ebele ebo efe efua ekow emeka enitan eniola esi eyo fatou fatoumata femi folake folasade fola funke funmi gbenga hailu halima
hawa idowu ife ifeoma ige ikechukwu ikenna ime imani isioma itoro jelani jide jomo kagiso kamau karabo kemi kehinde khadijah kofi kojo kwabena kwaku kwame
kwasi lamin lerato lindiwe lungile makena mamadou mandla mbali mpho musa naledi nana nandi ndidi ngozi njeri nkechi nkem nnamdi nomsa nthabiseng nyambura
nyokabi obi obinna ola olabisi oladele olamide olu olufemi olumide oluwaseun onyeka ope ousmane palesa pelumi precious rukia sade salif samuel segun sekou
sefu seun seyi sibusiso simba sipho siyabonga sizwe sola solomon soyinka tade taiwo tamika tariro tawanda tayo temi temitope tendai thabo thandi thandiwe themba
tinashe titi tobi tola tolu tope tunde uche ugo ugochi uzo wafula wale wangari wanjiku wanjiru yaa yacine yaw yemi yewande yinka zanele zawadi zola zuri
aroha hemi hine kahu kahurangi kiri manaia mikaere moana ngaio nikau rangi rawiri tama tane tui wiremu alofa fetu leilani malia sione talia tavita
adira aharon akiva amos ari ariel avi aviva avital batya boaz chana chaim chaya dov dovid efraim eitan eli eliana eliezer elisheva ephraim ezra gideon gil
golda hadassah hillel ilan itai leib lior malka menachem mendel meir miri miriam mordechai moshe nachum noa noam ofer oren orit rachmiel rafi reuven rivka
shai shira shlomo shmuel shoshana sima tal tamar tova tzvi uri yael yair yaakov yehuda yitzhak yoav yonatan yosef zev"""
NICKNAMES = """abe al angie archie bart bea bec bee bern bernie bert bex bill billie bo brenda bri cal cam cath char chas chrissie christy cyn dee dell deb del
denny desmond des di dickie dina dom dot dottie dre ed edie effie eli elle em emmie ernie ev fi flo fran frankie franny gabe gabby gav geordie geri gerry gil
gus hal hattie herb hil ike isa iz izzy jaz jeannie jed jem jez jo jojo jude jules kat kath kev kit kris laurie lenny lew lex lil lindy lori lottie lou lu
lulu mac mads mags manny marg margo marty mattie max meg mick micky mikey mil minnie mo moe nan nat nate ned nev nia nic nikki noni norm oz patsy peg perce phyl
raff ray reg rene rich richie rod rodge ron roo roz ru russ sal sandy sarita sher shez sly sol stacy stef stevie stu suki suze tab tash tilly trace trish
tyke val viv von wal wes wills win winnie xav yas zan zeke"""

# Ordinary words as well: taken for a name only where something else says so.
ALSO_WORDS = frozenset(
    """al angel april art ash autumn bailey bee bill bills blessing bo boon brook bud chase chai cherry chuck cliff clay coral crystal daisy dale dawn dean dell
des dev di dick dom don dot drew duke earl ebony ed em eve faith fay fern flo flora forest frank gail gay gene ginger glen grace grant grey guy heath heather
herb holly hope hunter in iris ivy jack jade jasmine jay jean jet jewel jo joy jude june kay kit lance lark laurel lee lex li lien lily ling loan luna mac mai
marina mark mars marshall mason mat max may mercy merry min misty mo mona nan nat norm nova nur olive ope oz page pam parker pat patience pearl peg penny
perry pet phil ping piper poppy precious prem rain ray reed reg ren rich rick rob robin rocky rod rose rosemary rowan roy ruby rusty sage sal sandy sierra
sky sol stacy star sterling sue summer sunny tab tal tam teal tess ty val viet vera vet victor violet wade walker ward warren wes west will willow win
winnie woody wren yan yaw yen zip""".split()  # noqa: SIM905 - a list of so many strings is unreadable
)

SHORT_FORMS: dict[str, str] = {
    "alex": "alexander alexandra",
    "andy": "andrew andrea",
    "angie": "angela",
    "bill": "william",
    "billy": "william",
    "bob": "robert",
    "bobby": "robert",
    "cathy": "catherine",
    "dave": "david",
    "dick": "richard",
    "dre": "andre",
    "ed": "edward edwin",
    "ellie": "eleanor ellen",
    "geoff": "geoffrey",
    "jack": "john",
    "jim": "james",
    "jimmy": "james",
    "kate": "katherine catherine kathryn",
    "katie": "katherine catherine kathryn",
    "kasia": "katarzyna",
    "liz": "elizabeth",
    "maggie": "margaret",
    "mick": "michael",
    "mike": "michael",
    "nick": "nicholas nicola",
    "peggy": "margaret",
    "pete": "peter",
    "rick": "richard",
    "rory": "ruaridh",
    "sasha": "alexander alexandra",
    "steph": "stephanie",
    "steve": "stephen steven",
    "sue": "susan",
    "tash": "natasha",
    "tasha": "natasha",
    "ted": "edward theodore",
    "tom": "thomas tomasz tomas",
    "tony": "anthony antonio",
    "will": "william",
}  # those that do not simply begin the long form


STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "æ": "ae", "œ": "oe", "’": "'"})


def plain(name: str) -> str:
    """Return `name` in lower case without accents and strokes: Inès and ines, Łucja and Lucja are one name."""
    if name.isascii():
        return name.lower()
    bare = "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))
    return bare.translate(STROKES)


GIVEN_NAMES = frozenset(" ".join([BRITISH, AMERICAN, IRISH, ROMANCE, EUROPEAN, ASIAN, AFRICAN, NICKNAMES]).split())


def same_given(one: str, other: str) -> bool:
    """Whether two given names may be one person's: equal, one the other's beginning, or a known short form."""
    short, long = sorted((plain(one), plain(other)), key=len)
    if short == long or long in SHORT_FORMS.get(short, "").split():
        return True
    return len(short) >= 3 and long.startswith(short)
