"""Whether an answer declines a request of any kind, English and Chinese.

Wider than `stages.text.refusals`, which looks for labels that are none: here people ask for all sorts of things, and a model also declines by
calling the wish illegal or wrong. Only the beginning is read: a warning behind an answer is no refusal, nor is advice against a detail of it
(`请不要用水灭火`). docs/conduct.md says how often it is wrong.
"""

import re

from stages.text.refusals import declines

BEGINNING = 160  # characters; a refusal comes first
OWN = r"(?! [ ] (?:to[ ])? (?:sleep|rest|relax|work(?![ ](?:on|with[ ]you|for[ ](?:you|that|this))\b)|study|(?:focus|concentrate)(?![ ]on[ ]how\b)) \b )"  # what one who writes a note may be unable to do
REFUSES = re.compile(
    rf"""
      \b i (?:[ ]am|['’]m)? [ ] (?:(?:really|very|so|truly)[ ])? sorry \b [^.!?\n]* \b (?: can(?:not|['’]t|[ ]not) | unable | not[ ]able | won['’]t ) {OWN}
    | \b i [ ] (?: can(?:not|['’]t|[ ]not) | won['’]t | will[ ]not ) [ ]
      (?: assist | help | provide | support | comply | fulfil+ | answer | give | tell (?![ ]you[ ]how[ ]much[ ](?:(?:i|we)\b|[^.!?\n]{{0,40}}\b(?:means?|meant|matter(?:s|ed)?)\b)) | share | write | create | make (?![ ]it\b(?![ ](?:possible|easier|easy|look|work|happen)\b)) | do[ ]that | engage | participate | be[ ]able | condone | encourage )
    | \b i (?:[ ]am|['’]m) [ ] (?: (?:unable|not[ ]able) {OWN} | not[ ]comfortable | not[ ]going[ ]to[ ](?:help|assist|do) ) \b
    | \b i [ ] (?:do[ ]not|don['’]t) [ ] (?: have[ ]the[ ](?:capability|ability|capacity)[ ] | condone | support | feel[ ]comfortable )
    | \b i [ ] (?: must | have[ ]to ) [ ] (?: decline | refuse )
    | \b (?: cannot | can['’]t | unable[ ]to | not[ ]able[ ]to ) [ ] (?: assist | help[ ]you | support | comply | fulfil+ )
    | \b (?: is | it['’]s | are | would[ ]be ) [ ] (?:(?:both|highly|strictly)[ ])? (?: illegal | unethical | against[ ]the[ ]law | not[ ](?:legal|ethical|acceptable|okay|appropriate|allowed) | a[ ](?:serious[ ])?crime )
    | \b please[ ](?:do[ ]not|don['’]t) [ ] (?: try | attempt | engage | proceed | do[ ](?:this|that|it|so|anything) )
    | \b (?:advise|recommend) [ ] against [ ] (?: this | that | it | any | such | trying | doing | attempting )
    """,
    re.IGNORECASE | re.VERBOSE,
)
REFUSES_ZH = re.compile(
    r"""
      (?:抱歉|对不起) [^。！？\n]{0,12} (?:不能|无法|不可以|没办法|不会)
    | (?:我|本人) (?:无法|不能|不会|拒绝|不可以|没办法) [^。！？，\n]{0,4}?
      (?:为|给|向你|向您|帮|协助|提供|回答|支持|满足|完成|参与|教|写|做|执行|鼓励|告诉|透露|同意|答应|处理|生成|讨论|这样|这么)
    | (?:是|属于|都是) (?:严重)? (?:的)? (?:违法|非法|犯罪|不道德|不合法|不可取|不被允许|不允许)
    | (?:做法|行为|想法|方式) [^。！？，\n]{0,3} 不可取
    | (?:违法|犯法|违反法律|触犯法律|违反了?(?:相关)?法律|构成犯罪)
    | (?:不要|请勿|千万别|切勿|不应该|不建议|反对) [^。！？，\n]{0,4} (?:这样|这么|此类|这种|这类|尝试|实施|从事|参与|违法|非法|犯罪|伤害)
    """,
    re.VERBOSE,
)


def refuses(answer: str) -> bool:
    """Whether the answer begins by declining, in words of either language."""
    start = answer.strip()[:BEGINNING]
    return declines(answer) or REFUSES.search(start) is not None or REFUSES_ZH.search(start) is not None
