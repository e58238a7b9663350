"""Words to whoever asked, around an answer: "Sure! Here is …" before it, "Note: …", "I hope this helps" behind it; both languages."""

import re

from stages.rows.instruction import FormatKind

TAIL = 200  # characters in which an ending stands
HERE = r"(?: here (?: [ ]is | ['’]s | [ ]are ) | below[ ](?:is|are) | the[ ]following[ ](?:is|are) | 以下[是为] | 下面是 | 这是 )"
MADE = r"(?: summary | answer | response | list | overview | analysis | paragraph | report | breakdown | reply | result | rewrite )"
BEFORE = re.compile(
    rf"""
    \W* (?:
        (?: sure (?:[ ]thing)? | certainly | of[ ]course | absolutely | okay | great | happy[ ]to[ ]help ) \s* [,!.:—-]
        | (?: as[ ]requested | here[ ]you[ ]go | here[ ]it[ ]is ) \s* [,!.:]
        | here (?: [ ]is | ['’]s | [ ]are ) [ ] (?: the | a | an | my | your ) [ ] (?:\w+[ ]){{0,3}} {MADE} \b [^.:。\n]{{0,80}} (?: \. | \n )
        | (?: 好的 | 当然 (?:可以)? | 没问题 ) [，,！!。]
        | (?: based[ ]on | 根据 ) [^.:：。\n]{{0,60}} [,，] \s* {HERE}
        | {HERE} [^.:：。\n]{{0,100}} [:：]
        | (?P<head> answer | output | response | result | summary | 回答 | 答案 | 输出 | 结果 | 总结 | 摘要 ) \W{{0,2}} [:：]
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
ITEM = re.compile(r"\s*(?:[-•](?!-)|\*\s)")  # of a list, which may well be headed "Result:"
NOTE = re.compile(
    r"""
    \s* [(（*_]{0,3} \s* (?: (?:please[ ])? note | disclaimer ) \b [*_]{0,2} \s* [:：] | \s* [(（*_]{0,3} (?: 请?注 | 请注意 ) [*_]{0,2} [:：]
    """,
    re.IGNORECASE | re.VERBOSE,
)  # at the beginning of a line
ASIDE = re.compile(
    r"[(（] \s* (?: (?:please[ ])? note | 请?注意? ) \s* [:：] [^()（）]* [)）] \s* \Z", re.IGNORECASE | re.VERBOSE
)
DRAFT = re.compile(
    rf"""
    \W* (?: [^,!.，！。:：\n]{{0,12}} [,!.，！。] \s* )?
    {HERE} [^.:：。\n]{{0,100}} (?: message | reply | response | draft | 消息 | 回复 | 信息 | 短信 ) [^.:：。\n]{{0,60}} [:：]
    """,
    re.IGNORECASE | re.VERBOSE,
)
AFTER = re.compile(
    r"""
    \b hope [ ] (?: this | that | it | these | the[ ]above ) \b [^.\n]{0,30} \b (?: help | useful | clear | meets )
    | \b let[ ]me[ ]know[ ]if [^.\n]{0,40} \b (?: further | more | additional | any ) [ ]
        (?: detail | information | help | assistance | change | clarification | question )
    | \b note (?: [ ]that | : ) [^.\n]{0,20} \b (?: this | the[ ]above ) [ ] (?: answer | response | summary | analysis | output | is[ ] )
    | \b the[ ]above [ ] (?: is | are | answer | response | summary | analysis ) \b
    | 希望 [^。\n]{0,15} (?: 帮助 | 帮到 | 有用 )
    | 如有 (?: 其[他它] | 任何 | 更多 ) [^。\n]{0,10} (?: 问题 | 需求 | 需要 | 疑问 ) [^。\n]{0,12} (?: 告诉 | 随时 | 联系 | 提出 )
    | 以上 (?: 是 | 为 | 就是 | 即为 ) [^。\n]{0,20} (?: 总结 | 分析 | 回答 | 内容 | 结果 | 信息 )
    | 注意? [，,：:] [^。\n]{0,6} (?: 以上 | 上述 | 本回答 | 此回答 )
    """,
    re.IGNORECASE | re.VERBOSE,
)


def talks(answer: str, kind: FormatKind) -> bool:
    """Whether a prose answer begins or ends with words to whoever asked; in a message most of these may be the provider's own."""
    if kind == "message":
        return DRAFT.match(answer) is not None
    lines = answer.strip().splitlines()
    around = (lines[0], lines[-1], answer.strip().rsplit("\n\n", 1)[-1]) if lines else ()
    before = BEFORE.match(answer)
    if before and before["head"] and ITEM.match(answer):
        before = None
    return bool(before or AFTER.search(answer[-TAIL:]) or ASIDE.search(answer) or any(map(NOTE.match, around)))
