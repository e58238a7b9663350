"""A conversation with a real reply in it, to change one thing of."""

from collections.abc import Sequence

from stages.rows.dialogue import Dialogue, Party, Turn
from tests.samples.conftest import dialogue

TALK: tuple[tuple[Party, str], ...] = (
    ("customer", "Hello, we saw the flat in Harbour Lane on Saturday and we both liked the kitchen."),
    ("provider", "Good to hear. The owner asks for £465,000 and would move out in March."),
    ("customer", "Four fifty is the top of what we can pay, the bank said so."),
    ("provider", "I can put four fifty to the owner."),
    ("customer", "And if the owner says no? [PERSON_2] wants the kitchen so much."),
)
REPLY = "Then we ask whether March can wait: an owner who need not move out so soon may take four fifty after all."
TALK_ZH: tuple[tuple[Party, str], ...] = (
    ("customer", "您好，我们周六看了海港路那套房，厨房很喜欢。"),
    ("provider", "好的，业主要价465万，三月搬走。"),
    ("customer", "我们最多只能出450万，银行就批了这么多。"),
    ("provider", "那我拿450万去跟业主谈。"),
    ("customer", "业主要是不同意呢？[PERSON_2]特别想要那个厨房。"),
)
REPLY_ZH = "业主不同意的话，我们就问问三月能不能晚点搬走，不急着搬的业主，450万说不定也肯谈。"


def talk(said: Sequence[tuple[Party, str]], number: int = 0, **changes: object) -> Dialogue:
    """Return a dialogue of these turns."""
    turns = tuple(Turn(party=party, speaker=f"[{party.upper()}_1]", text=text) for party, text in said)
    return dialogue(number, **{"turns": turns, **changes})
