"""Names of other make than surname and given name: Tibetan, Uyghur and Mongolian ones without a dot, and transliterated ones.

They are put together from a few dozen parts, two and more of which are no other word: 扎西次仁, 努尔古丽, 布仁巴雅尔.
"""

import re

from stages.pii.patterns.deferred import Deferred
from stages.pii.people.chinese_words import TRANSLITERATED
from stages.pii.people.word_groups import any_of

TIBETAN = """
扎西 次仁 卓玛 央金 多吉 格桑 丹增 旦增 洛桑 平措 白玛 拉姆 德吉 仁青 索朗 尼玛 达瓦 米玛 拉巴 普布 边巴 巴桑 曲珍 曲扎 旺堆 旺姆 旺久 旺杰 次旺 次珍 次央 益西 强巴 贡布 贡嘎 顿珠
罗布 桑吉 桑珠 才让 才旦 卓嘎 措姆 江措 嘉措 坚赞 加措 加央 泽仁 泽旺 仁增 土登 阿旺 赤列 晋美 久美 班觉 群培 云丹 索南 拉珍 边珍 德央 央宗 拉宗 白珍 玉珍 次登 晋巴 朗杰 南杰 洛追
占堆 曲措 卓措 吉巴 桑布 桑姆 尕藏 才吉 旦巴 旦曲 華旦 諾布 諾日布 诺布 扎巴 扎桑 扎堆
"""
UYGHUR = """
阿不都 阿卜杜 阿布都 阿不力 阿卜力 阿依 阿孜 阿曼 阿迪力 艾合买提 艾孜 艾尼 艾力 艾买 艾山 艾则 麦麦提 买买提 买合 木合 木拉提 吐尔 吐鲁 图尔 帕提 帕尔 热依 热合 热孜 迪丽 迪里 努尔 古丽 古扎
玉素 依明 依力 依布 伊力 伊明 库尔班 吾买尔 吾斯曼 卡哈尔 卡德尔 祖力 祖丽 祖农 巴哈 萨依 萨迪 萨吉 买尔 如则 如孜 沙吾 沙依 塔依 铁木尔 托合 托乎 哈力 哈丽 哈斯木 米日 米热 玛依 再努 再娜
苏力 苏来 比拉 亚森 亚库 阿力木 阿里木 阿布拉 莎依 夏依 肉孜 凯赛尔 穆太 穆萨
"""
UYGHUR_ENDINGS = "古丽 古麗 江 木 提 汗 尔 克 曼 娜 热 甫 拜尔 力 丁 罕 洪 姑 巴 扎尔 热巴 合曼 买提 依 拉 孜 别克"
MONGOLIAN = """
巴雅尔 巴特尔 巴图 其其格 格日勒 图雅 娜仁 乌兰 乌云 苏日娜 斯琴 萨仁 阿尔斯楞 布仁 那日苏 孟和 朝鲁 宝音 敖登 塔娜 高娃 托娅 哈斯 吉日嘎拉 满都拉 牧仁 恩和 苏和 朝克图 巴音 青格勒 毕力格 特木尔
德力格尔 阿古拉 乌日娜 娜日 萨日娜 通拉嘎 呼和 额尔敦 额尔德尼 那顺 吉雅 苏布德 娜布其 朝伦 乌力吉 达来 哈日 查干 乌恩 其木格 娜木罕 格根 塔拉 图拉 孟根 特格喜 白乙拉 呼斯楞 乌尼尔 那日松 乌仁 苏日勒 那木 斯日古楞 赛罕
"""
PLAIN = """
扎西 次仁 卓玛 央金 多吉 格桑 丹增 旦增 洛桑 平措 白玛 拉姆 德吉 仁青 索朗 旺堆 旺姆 曲珍 卓嘎 益西 次旺 次珍 嘉措 晋美 顿珠 才让 江措 热娜 阿米尔 拉杰什 尼玛次仁 巴雅尔 巴特尔 其其格 格日勒 图雅 阿尔斯楞 布仁 那日苏 苏日娜 斯琴
乌日娜 萨日娜 呼斯楞 高娃 托娅 朝鲁 吉日嘎拉 朝克图 牧仁 巴图 乌力吉 毕力格 娜仁 萨仁 阿古拉 古丽 买买提 麦麦提 库尔班 吾买尔 阿迪力 艾力 艾合买提 吐尔逊 玉素甫 木合塔尔 阿里木 阿力木 亚森 肉孜 热依汗
帕提古丽 迪丽热巴 古丽娜
"""
FOREIGN = """
约翰 约翰逊 史密斯 玛丽 玛丽亚 玛利亚 安德烈 安德鲁 彼得 大卫 迈克尔 迈克 詹姆斯 罗伯特 威廉 托马斯 杰克 汤姆 杰瑞 凯文 艾米丽 艾米 安娜 安妮 苏珊 露西 丽莎 凯特 凯瑟琳 伊丽莎白 索菲亚 索菲 奥利维亚 琼斯 布朗 戴维斯
米勒 威尔逊 威尔 摩尔 泰勒 安德森 马丁 杰克逊 怀特 哈里斯 哈里 汤普森 克拉克 路易斯 路易 罗宾逊 爱德华 亨利 查尔斯 查理 乔治 丹尼尔 丹尼 马修 克里斯 亚历山大 尼古拉 伊万 娜塔莎 弗拉基米尔 卡洛斯 何塞 胡安 费尔南多
费尔南德斯 罗德里格斯 穆罕默德 阿卜杜拉 哈桑 法蒂玛 艾哈迈德 皮埃尔 弗朗索瓦 让娜 汉斯 克劳斯 施密特 谢尔盖 奥尔加 德米特里 塔季扬娜 伊莲娜 艾伦 艾丽丝 爱丽丝 乔伊 莫妮卡 瑞秋 罗斯 本杰明 塞缪尔 萨缪尔 莎拉 萨拉
杰西卡 詹妮弗 珍妮 珍妮弗 劳拉 朱莉 朱莉娅 朱丽叶 维多利亚 夏洛特 黛安娜 戴安娜 凯莉 凯伦 南希 贝蒂 海伦 格蕾丝 艾玛 米歇尔 史蒂文 史蒂芬 斯蒂芬 布莱恩 肯尼斯 乔纳森 贾斯汀 瑞恩 埃里克 艾瑞克 布兰登 托尼 皮特 麦克
"""
TITLES = "先生 女士 小姐 太太 大哥 师傅 導遊 导游 奶奶 爷爷 阿姨 叔叔 大叔 大姐 太太 小姐 夫人 老师 教练 医生 同学 教授 博士 外教"
SOUND = f"[{''.join(sorted(TRANSLITERATED))}]"
COMPOUND = (
    rf"(?:{any_of(TIBETAN)}){{2,3}}|(?:{any_of(MONGOLIAN)}){{2,3}}"
    rf"|{any_of(UYGHUR)}(?:{any_of(UYGHUR)}|{SOUND}{{0,2}}{any_of(UYGHUR_ENDINGS)}){{1,2}}"
)
COMPOSED = Deferred(COMPOUND)
WHOLE = Deferred(rf"{COMPOUND}|{any_of(PLAIN, FOREIGN)}|{SOUND}{{3,7}}")
DRUG = re.compile(
    any_of(
        "司特 他汀 洛芬 西林 沙星 霉素 洛尔 地平 普利 沙坦 替尼 单抗 拉唑 替丁 咪唑 韦 酮 胺 酯 碱 酸 素 定 片 烯 芬 汀 唑 啶 嗪 星 钠 钙"
    )
    + "$"
)
TITLE = re.compile(any_of(TITLES))
NAMED = Deferred(rf"{any_of(PLAIN, FOREIGN)}(?!{SOUND})")
WITH_TITLE = Deferred(
    rf"(?P<name>{any_of(PLAIN, FOREIGN, TIBETAN, MONGOLIAN)}|(?<![一-鿿]){SOUND}{{3,6}}?)(?:{any_of(TITLES)})"
)


def composed(text: str) -> list[tuple[int, int]]:
    """Return where names stand that no context needs to speak for: put together from parts, or with a form of address."""
    found = [match.span() for match in COMPOSED.finditer(text)]
    return [(start, _behind_title(text, end)) for start, end in found] + [
        match.span() for match in WITH_TITLE.finditer(text) if not DRUG.search(match["name"])
    ]


def _behind_title(text: str, end: int) -> int:
    title = TITLE.match(text, end)
    return title.end() if title else end


def alone(text: str) -> list[tuple[int, int]]:
    """Return where names stand that are also parts of others, hence likely only where people stand."""
    return [match.span() for match in NAMED.finditer(text)]


def is_made_so(name: str) -> bool:
    """Whether it may be such a name, where a model takes it for one."""
    return WHOLE.fullmatch(name) is not None and not is_medicine(name)


def is_medicine(name: str) -> bool:
    """Whether it ends as medicines do: 孟鲁司特, 罗红霉素."""
    return DRUG.search(name) is not None
