"""Chinese surnames as they stand in names, and forms of address."""

from stages.text.chinese_surnames import COMMON, FURTHER
from stages.text.languages import HAN

MORE = (  # of the Hundred Family Surnames and of today's registers
    "穆翁童盖占谯酆於芮羿靳汲糜隗宓钭逄姬郦璩濮扈郏瞿慕茹庾暨寇殳蔚夔厍訾毋乜蒯亓帅佴禤翦郄郤粟宛妥雒檀卯泮柘庹綦嵇邴贲钮昝嬴仵忻恽祢"
    "缑辜禚苟逄揆撖瑚甯郸鄯郐邳郴隰莒蕃菅潭洹玺璋瓮矣缎羌薜蕲貊赏郄麴筱佴郗闫苌蔄檗漕"
    "敬帅哀訚逯"
    "芶虢郇惠仲伊阙弘岐邰荀宦祖狄湛眭蓟骞侬佀揣啜蹇郅茆胥堵牟闾朴尉楚喻奚廉卜刁虞赖裘荣符韶鄂戈蒙诸栗戎巢璩"
)
TRADITIONAL = (
    "張陳劉楊黃趙吳孫馬鄭謝韓馮鄧許蕭蔣葉閻呂蘇盧鍾鐘譚陸範韋鄒賈陽湯龔嚴萬顧賀龍賴喬莊聶關闕齊歐蘭魯項應費紀簡饒儲單連遲畢羅嶽顏龐衛諸"
    "區鄺綦鞏詠諸緱蘄榮駱婁鄔郟車竇滿藺闞習豐鞏厙邊厲鄺麥寧樂閔溫鮑錢賁鈕塗鄢藍荊閆隴談諶酈鐵陰雙麴黨練華衞岳堯權巖倫羋穀過"
)
WORDY = frozenset(  # everyday words first: surnames in 姓和, 那女士, 姓名：全某, and where a model says so
    "和那全别家国空公能相益养权终越融代信生展双官户达部风海火回油母买撒哈敏宣印怀索咸籍卿虎仰秋弓牧山寿束税危居寸门么东广麻闻阴苍仓鱼须红"
    "后沙容慎通暴羊玉者呼热铁腾才邦南北西巨良令巴由花平满边井富布洛阳游商贝鹿滑衡昌劳禹元时经干杭吉松蓬班司农禄师步充从都能扶宰浦勾苑畅位木台保伏扬稽郁来但母火鱼海区年鹿多典泰竹黑墨豆漆税衣展律"
)
SURE = "".join(dict.fromkeys(char for char in COMMON + FURTHER + MORE + TRADITIONAL if char not in WORDY))
WEAK = frozenset(
    "万原利连过强水计谈应单成从能楼房米都常经充时盛支青钱白解明修战初银封练占盖祖朴連應單過"
)  # surnames that are everyday words: they need company
VERBAL = WEAK | frozenset("包管向关查封许申施安温高冷于关盖占留")  # and before a verb's object: 房东包水电
PARTICLES = frozenset(
    "的了是他她你我您它们吗呢吧啊呀就都也不没在着过到这那看算写退很师五七六三四八九十两个里上下多太再哥姐好母父叔嫂姨婶爷奶爸妈"
)  # in no given name
KIN = frozenset("姐妈爸哥妹弟嫂叔伯姨爹奶爷公婆娘舅姑嬷兄嬢姊媽爺嬤")  # 阿姐, 阿公: nobody in particular
COMPOUND = (
    "欧阳|司马|上官|诸葛|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|闻人|南宫|长孙|宇文|轩辕|东方|西门|东郭|百里|呼延|澹台|濮阳|淳于|单于|太叔|申屠|"
    "仲孙|钟离|鲜于|闾丘|亓官|司寇|子车|颛孙|巫马|公西|漆雕|乐正|壤驷|公良|拓跋|夹谷|宰父|谷梁|赫连|段干|独孤|第五|左丘|梁丘|万俟|公冶|宗政|"
    "范姜|張簡|张简|田中|中村|小林|吉田|山田|山口|中岛|石川|前田|小川|冈田|长谷川|村上|近藤|石井|桥本|藤井|冈本|木下|小野|佐藤|铃木|高桥|伊藤|渡边|山本|加藤|佐佐木|松本|井上|斋藤|藤田|"
    "歐陽|司馬|諸葛|尉遲|公孫|長孫|軒轅|東方|西門|鍾離|鮮于|司徒|濮陽|澹臺|令狐|赫連|獨孤|南宮"
)
SURNAME = f"(?:{COMPOUND}|[{SURE}])"
ANY_SURNAME = f"(?:{COMPOUND}|[{SURE}{''.join(sorted(WORDY))}])"
# Forms of address of one character need a boundary behind them: 李总 is somebody, 总价 is not.
BEHIND = rf"(?=$|[^{HAN}]|[您你我他她的说在跟和让给呢吧好啊呀就都也今明那这来去要想有看发问帮收麻谢辛早晚放能定们话話說講請問來過還沒會給幫怎几今周自站走推人对是把介带不没]|上[面次]|刚才)"
SHORT_TITLES = rf"(?:总|叔|姨|嫂|伯|师|仔|爷|妈|生|太|婶|董|導|總|导|局|处|队|院|sir|Sir|SIR){BEHIND}|姐(?![夫妹弟姐])|哥(?![们伦斯哥])|工(?=$|[^{HAN}]|[您你我的说跟和好看一])"
TITLES = (
    "先生|女士|小姐|师奶|師奶|太太|夫人|老师|医生|大夫|师傅|阿姨|叔叔|大爷|大妈|大姐|大哥|律师|主任|店长|经理|总监|老板|设计师|设计|管家|顾问|工长|队长|工程师|会计|"
    "主治医师|主任医师|副主任医师|教授|博士|同学|警官|护士|爷爷|奶奶|孃孃|师母|师娘|爹爹|姑娘|妹妹|弟弟|老大|医师|院长|校长|行长|局长|处长|科长|书记|老師|醫生|經理|店長|律師|總監|老闆|師傅|護士|教授|阿姨|先生|設計師|"
    "教练|法官|检察官|技师|教官|团长|站长|组长|部长|厂长|馆长|会长|教練|法官|"
    f"老伯|伯伯|婆婆|大叔|大嫂|大婶|阿婆|先森|{SHORT_TITLES}"
)
