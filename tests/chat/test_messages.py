import pytest

from stages.chat.messages import Reply, Request, Shot
from stages.core.dropped import Reason


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("  the flat  ", "the flat"),
        ("<think>they want two rooms</think>\n\nthe flat", "the flat"),
        ("they want two rooms</think>the flat", "the flat"),  # the template opened the tag
        ("<think>they want", ""),  # cut off while thinking
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ("~~~\nthe flat\n~~~", "the flat"),
        ("<think>so</think>\n```\nthe flat\n```", "the flat"),
        ("Here it is:\n```\nthe flat\n```", "Here it is:\n```\nthe flat\n```"),  # talk around is for the rules to see
        ("```a``` and ```b```", "```a``` and ```b```"),
    ],
)
def test_thoughts_before_and_a_fence_around_are_no_part_of_the_answer(text: str, answer: str) -> None:
    assert Reply(row="r", text=text, finish="stop").answer == answer


def test_only_stop_is_complete() -> None:
    faults = {
        "stop": None,
        "length": Reason.TRUNCATED,
        "filter": Reason.FILTERED,
        "context": Reason.OVER_CONTEXT,
        "failed": Reason.ENDPOINT_FAILED,
        "missing": Reason.NOT_RECORDED,
    }
    replies = {finish: Reply.model_validate({"row": "r", "text": "x", "finish": finish}) for finish in faults}
    assert {finish: reply.fault for finish, reply in replies.items()} == faults
    assert Reply(row="r", text="<think>so</think>", finish="stop").fault is Reason.NO_ANSWER


def test_shots_are_earlier_turns_and_part_of_the_question() -> None:
    plain = Request(row="r", user="And now?", system="Be brief.", max_tokens=8)
    shown = plain.model_copy(update={"shots": (Shot(user="First?", assistant="Yes."),)})
    assert [(turn["role"], turn["content"]) for turn in shown.messages] == [
        ("system", "Be brief."),
        ("user", "First?"),
        ("assistant", "Yes."),
        ("user", "And now?"),
    ]
    assert shown.key("m@1") != plain.key("m@1") and shown.fingerprint != plain.fingerprint
