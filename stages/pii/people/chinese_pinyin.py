"""Chinese names in Latin letters, as tickets and passports have them: ZHANG WEI, Li Na, Ouyang Ming, Zhou, Jielun, Xiaoming Wang."""

import re
from collections.abc import Iterator, Set

from stages.pii.patterns.deferred import Deferred
from stages.pii.people.word_groups import any_of

SURNAMES = """
wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he gao lin luo zheng liang xie song tang han feng deng cao peng zeng xiao tian dong yuan pan yu jiang cai du ye cheng su wei lv lu ding ren shen yao cui
zhong tan fan jin shi liao jia xia fu fang bai zou meng xiong qin qiu yin xue yan duan lei hou long tao gu mao hao gong shao wan qian qin tan dai mo kong xiang shang wen kang niu ge xing an qi yi qiao wu pang ni zhuang nie
zhang lu yue zhai zhan geng guan lan jiao zuo liu gan zhu bao ning ruan sang ai ke shu qu ou ji pei bian xi lou mei chai zhuo she you jian rao fei pu miao guo xin leng hua ling huo sheng ying zhen mi ming cen jing dang lian
ouyang situ sima shangguan zhuge huangfu murong linghu weichi gongsun xiahou duanmu dongfang nangong yuwen helian puyang qu chu
"""
INITIALS = "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])"
FINALS = (
    "(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|ia|ie|iu|ua|uo|ui|un|ue|ve|a|o|e|i|u|v)"
)
SYLLABLE = f"(?:{INITIALS}{FINALS}|er|ai|an|ao|ang|en|ou|e|a)"
GIVEN = rf"{SYLLABLE}(?:['’-]?{SYLLABLE})?(?:[ ]{SYLLABLE})?"
SURNAME = any_of(SURNAMES)
WORD = r"(?<![A-Za-z0-9._@/-])"
END = r"(?![A-Za-z0-9._@/-])"
FORM = Deferred(
    rf"{WORD}(?:(?P<surname>{SURNAME})(?P<comma>,\s?|\s|/)(?P<given>{GIVEN})|(?P<first>{SYLLABLE}['’-]?{SYLLABLE})\s(?P<last>{SURNAME})){END}",
    re.IGNORECASE,
)
TOWNS = frozenset(
    [
        "hongkong",
        "xian",
        "shanghai",
        "beijing",
        "chengdu",
        "guangzhou",
        "lining",
        "shenzhen",
        "taiwan",
        "wuhan",
        "henan",
        "hebei",
        "jiangsu",
        "anhui",
        "hainan",
        "suzhou",
        "hangzhou",
        "changsha",
        "dalian",
        "jinan",
        "ningbo",
        "nanjing",
        "zhengzhou",
        "shandong",
        "shanxi",
        "shaanxi",
        "sichuan",
        "yunnan",
        "guizhou",
        "guangdong",
        "guangxi",
        "fujian",
        "zhejiang",
        "jiangxi",
        "hunan",
        "hubei",
        "jilin",
        "liaoning",
        "gansu",
        "qinghai",
        "xizang",
        "yanan",
        "yantai",
        "yibin",
        "yulin",
        "luoyang",
        "lanzhou",
        "liuzhou",
        "guilin",
        "huangshan",
        "jiuzhai",
        "zhuhai",
        "dongguan",
        "foshan",
        "wuxi",
        "changzhou",
        "xuzhou",
        "wenzhou",
        "hefei",
        "kunming",
        "guiyang",
        "haikou",
        "sanya",
        "fuzhou",
        "xiamen",
        "quanzhou",
        "nanchang",
        "taiyuan",
        "tangshan",
        "tianjin",
        "qingdao",
        "weihai",
        "macau",
        "lhasa",
        "lijiang",
        "dali",
        "zhangjiakou",
        "zhangjiajie",
        "mabei",
        "hexie",
        "anta",
        "lenovo",
        "huawei",
        "xiaomi",
        "didi",
    ]
)


def find(text: str, ordinary: Set[str]) -> Iterator[tuple[int, int]]:
    """Yield where such names stand: written in capitals, or with a capital each, and neither towns nor English words."""
    for match in FORM.finditer(text):
        words = [word for word in re.split(r"[\s,/]+", match.group()) if word]
        cased = all(word.isupper() for word in words) or all(word.istitle() for word in words)
        joined = re.sub(r"[^a-z]", "", match.group().lower())
        longer = [word.lower() for word in words if len(word) > len("Li")]
        english = bool(longer) and set(longer) <= ordinary
        if cased and not english and joined not in TOWNS and any(len(word) > 2 or match["surname"] for word in words):
            yield match.span()
