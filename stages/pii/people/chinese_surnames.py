"""Chinese surnames as they stand in names, and forms of address."""

from stages.text.chinese_surnames import COMMON, FURTHER
from stages.text.languages import HAN

SURNAMES = COMMON.replace("白", "") + FURTHER  # 白 is a color first
WEAK = frozenset(
    "万原利连过强水计谈应单成从能楼房米都常经充时盛支青钱"
)  # surnames that are everyday words: they need company
PARTICLES = frozenset(
    "的了是他她你我您它们吗呢吧啊呀就都也不没在着过到这那看算写退很师五七六三四八九十两个里上下多少太再哥姐好母父"
)  # in no given name
KIN = frozenset("姐妈爸哥妹弟嫂叔伯姨爹奶爷公婆娘")  # 阿姐, 阿公: nobody in particular
WORDS = frozenset(
    [
        "毛坯",
        "房本",
        "楼板",
        "石英",
        "石膏",
        "谈价",
        "杨木",
        "松木",
        "柳木",
        "柏木",
        "强电",
        "胡桃",
        "胡桃木",
        "水瓦",
        "岳母",
        "岳父",
    ]
)  # of the trade, rare elsewhere
COMPOUND = "欧阳|司马|上官|诸葛|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|闻人|南宫|长孙|宇文|轩辕"
SURNAME = f"(?:{COMPOUND}|[{SURNAMES}])"
# Forms of address of one character need a boundary behind them: 李总 is somebody, 总价 is not.
BEHIND = rf"(?=$|[^{HAN}]|[您你我他她的说在跟和让给呢吧好啊呀就都也今明那这来去要想有看发问帮收麻谢辛早晚放能定们自站走推对是把介带不没]|上[面次]|刚才)"
SHORT_TITLES = rf"(?:总|叔|姨|嫂|伯|师|仔|爷|妈|生|太){BEHIND}|姐(?![夫妹弟姐])|哥(?![们伦斯哥])|工(?=$|[^{HAN}]|[您你我的说跟和好看一])"
TITLES = (
    "先生|女士|小姐|太太|夫人|老师|医生|大夫|师傅|阿姨|叔叔|大爷|大妈|大姐|大哥|律师|主任|店长|经理|总监|老板|设计师|设计|管家|顾问|工长|队长|工程师|会计|"
    f"主治医师|主任医师|教授|同学|警官|护士|爷爷|奶奶|孃孃|师母|师娘|爹爹|姑娘|妹妹|弟弟|老大|{SHORT_TITLES}"
)
