"""Roads, estates, shops and other places whose names look like those of people: 周庄小区, 黄村店, 小汤山镇."""

import re
from collections.abc import Iterable

from stages.pii.patterns.deferred import Deferred
from stages.pii.people.word_groups import any_of
from stages.text.languages import HAN

TABLES = """
火锅 烤鸭 大虾 自助 家常菜 酒家 私房 牛腩 牛肉 面馆 炸酱面 炒肝 三鲜 菜馆 饭庄 食府 酒楼 茶庄 茶餐厅 靓汤 熏肉 大饼 烧烤 川菜 湘菜 粤菜 羊蝎子 涮肉 饺子 馄饨 生煎 米粉 寿司 蛋糕
咖啡 麻辣烫 豆腐 拌面 小吃 烤鱼 奶茶 包子 米线 凉茶
"""
STREETS = "路 街 巷 弄 大道 胡同 环岛 高架 立交 隧道 高速"
ESTATES = "苑 庭 邸 墅 府 城 园 小区 花园 公寓 新村 家园 大厦 广场 华府 华庭 府邸 公馆 名苑 山庄 花苑 雅苑 佳苑 新城 新苑 嘉园 豪庭 国际 中心 天地 御园 首府 一期 二期 三期"
SETTLEMENTS = "村 镇 乡 县 庄 屯 寨 堡 桥 山 湖 河 湾 港 岛 寺 庙 宫 塔 峡 谷 洞 泉 沟 坡 岭 庵 陵 渡口 码头 开发区 工业区 街道 社区"
HOUSES = "书店 影院 影城 会馆 会所 客栈 民宿 旅馆 祠 店 馆 厂 楼 院 阁 斋 记 酒店 饭店 宾馆 餐厅 餐馆 医院 学校 中学 小学 大学 银行 公司 集团 地铁 超市 菜场 菜市场 商场 公园 蜡像 庙会 站台 号线 树 故居 剧院 大剧院 纪念馆 农家乐 当代艺术 博物馆 步行街 专卖店 旗舰店 柜台 银楼 药店 牌子 家村 家庄 家屯 家湾 家桥 家沟 家营 家坪 家堡"
DEVELOPERS = """
万科 碧桂园 保利 绿城 龙湖 融创 中海 恒大 华润 招商 金地 世茂 雅居乐 富力 新城 远洋 中南 阳光城 旭辉 首开 越秀 华发 建发 滨江 金茂
"""
ESTATE = re.compile(rf"{any_of(DEVELOPERS)}[·•・‧∙]")
SUFFIX = any_of(TABLES, STREETS, ESTATES, SETTLEMENTS, HOUSES)
# 店长, 厂长, 院长, 园长, 馆长, 村长 and 楼上 say who or where somebody is.
BEHIND = Deferred(rf"{SUFFIX}(?![长主上下里])|[(（][{HAN}\d]{{1,8}}店[)）]")
SURROUNDED = Deferred(
    "(?:这|那)(?:边|一片|一带|块儿?|附近)?(?:的?(?:房|套|户|盘|二手|新房|一居|两居|三居|大三居|价|均价|租|挂|学区|交通|物业))"
    "|(?:这边|那边)?(?:太|更|挺|很|比较|又|都)?(?:贵|便宜|偏远|堵车|涨价|降价)"
    "|(?:附近|周边|旁边|对面|一带|这一片|那一片|片区|板块|站|地铁)"
    "|(?:房源|房价|均价|租金|物业|学区|户型|业主群|二手房|新房|楼盘|[一二三四两\\d]+[居房室]|[\\d一二三四五六七八九十]+[号栋幢期弄])"
)
NAMED = Deferred(rf"(?=(?P<stem>[{HAN}]{{2,4}}?)(?:{any_of(STREETS, '小区 花园 公寓 新村 家园 苑 大厦 广场 山庄')}))")


def is_place(text: str, end: int) -> bool:
    """Whether what ends there goes on as a road's, an estate's or a shop's name."""
    return BEHIND.match(text, end) is not None


def is_estate(name: str) -> bool:
    """Whether it is an estate with its developer's name: 万科·金域."""
    return ESTATE.match(name) is not None


def is_spoken_of(text: str, end: int) -> bool:
    """Whether what ends there is spoken of as a place: 张江太贵, 徐东这一片."""
    return SURROUNDED.match(text, end) is not None


def stems(texts: Iterable[str]) -> frozenset[str]:
    """Return what roads and estates are called in the texts, without 路, 小区 and the like, in all lengths that may be meant."""
    return frozenset(match["stem"] for text in texts for match in NAMED.finditer(text))
