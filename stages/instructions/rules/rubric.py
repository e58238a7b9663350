"""A judge model's verdict on evolved instructions by the paper's criteria: clear, unambiguous, richer than the seed (§2.1, step 2.2)."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ConfigDict, Field

from stages.chat.messages import Chat, Points, Remark, Request, parse, strict_schema
from stages.core.dropped import Reason
from stages.core.row import Record
from stages.library.fence import marked
from stages.library.meta_prompts import Library
from stages.rows.instruction import Instruction

PROMPT = "rubric"


class Scores(Record):
    """What the judge answers: 1 to 5 for each criterion, the reason before them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    reason: Remark = ""
    clear: Points = Field(ge=1, le=5)
    unambiguous: Points = Field(ge=1, le=5)
    richer: Points = Field(ge=1, le=5)


class Verdict(NamedTuple):
    """On the instruction `id`: its scores, or why there are none."""

    id: str
    scores: Scores | Reason

    def refusal(self, least: float, richer: bool) -> Reason | None:
        """Return the first criterion with less than `least`, or None; `richer` says whether that one counts."""
        if isinstance(self.scores, Reason):
            return None
        if self.scores.clear < least:
            return Reason.UNCLEAR
        if self.scores.unambiguous < least:
            return Reason.AMBIGUOUS
        return Reason.NOT_RICHER if richer and self.scores.richer < least else None


def worth(
    children: Sequence[tuple[Instruction, Instruction]], library: Library, chat: Chat, max_tokens: int
) -> list[float | None]:
    """Return what the judge makes of each child beside its root seed, 0 to 1, the mean of the criteria; None where it cannot be read."""
    verdicts = [verdict.scores for verdict in rubric(children, library, chat, max_tokens)]
    return [
        None if isinstance(one, Reason) else (one.clear + one.unambiguous + one.richer - 3) / 12 for one in verdicts
    ]


def rubric(
    children: Sequence[tuple[Instruction, Instruction]], library: Library, chat: Chat, max_tokens: int
) -> list[Verdict]:
    """Return the judge's verdict on each child beside its root seed, in order."""
    if not children:
        return []
    asked = [_request(child, root, library, max_tokens) for child, root in children]
    replies = chat.ask(asked, "screen, rubric", len(asked))
    return [Verdict(reply.row, parse(reply, Scores)) for reply in replies]


def _request(child: Instruction, root: Instruction, library: Library, max_tokens: int) -> Request:
    user = library.get(PROMPT, child.language).render(**marked(seed=root.text, instruction=child.text))
    return Request(row=child.id, user=user, max_tokens=max_tokens, answer_schema=strict_schema(Scores))
