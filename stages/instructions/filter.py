"""How instructions are sorted out: people decide first, rules decide on the rest (§2.1, steps 1 and 2.2)."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from pydantic import Field

from stages.core import jsonl, yaml_files
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.core.params import Section
from stages.library.domain_pack import Domain
from stages.reviews.decisions import Decision, decisions
from stages.rows.instruction import Instruction
from stages.similarity.representatives import earlier_alike
from stages.similarity.vectors import count_vectors
from stages.text import languages, refusals, tokenizers

Undecided = Literal["screen", "drop", "fail"]
MENTIONS = (
    *("conversation", "dialogue", "chat", "call", "talk", "said", "speaker", "message"),
    *("customer", "client", "provider"),
    *("对话", "沟通", "通话", "聊天", "双方", "客户", "服务者"),
)  # of any domain; a pack adds its own names for customers


class FilterParams(Section):
    """Which instructions stay; params that `curate` and `screen` share."""

    min_words: int = Field(ge=1)
    """Instructions with fewer words are dropped; 2 Chinese characters count as one."""
    max_words: int = Field(ge=10)
    """Instructions with more words are dropped."""
    redundancy: float = Field(gt=0, le=1)
    """Dropped as redundant from this cosine of token counts to a kept instruction, earlier ones first."""
    undecided: Undecided
    """Instructions that no person decided on: `screen` by these rules, `drop` them, or `fail` the stage."""


class Rules(NamedTuple):
    """What an instruction must be."""

    min_words: int
    max_words: int
    mentions: tuple[str, ...]  # in lower case; an instruction with none of them is not about a dialogue


def mentions(domain: Domain) -> tuple[str, ...]:
    """Return the words that tell that an instruction is about a dialogue: those of any domain, and the domain's own."""
    return (*MENTIONS, *(name for names in domain.customers.values() for name in names))


def filter_file(*, source: Path, reviews: Path, domain: Path, target: Path, ledger: Path, params: FilterParams) -> None:
    """Read instructions, people's decisions and the domain, write what stays."""
    rows = jsonl.read(source, Instruction)
    words = mentions(yaml_files.load(domain, Domain))
    jsonl.write_outcomes(target, filter_rows(rows, decisions(reviews), params, words), ledger, len(rows))


def filter_rows(
    rows: Sequence[Instruction],
    decided: Mapping[str, Decision],
    params: FilterParams,
    words: tuple[str, ...] = MENTIONS,
) -> Iterator[Instruction | Dropped]:
    """Yield one outcome for each row, in order.

    A decision holds whatever the rules say: keep, discard, or rewrite (the new text takes the row's place, its parent being
    the old one). Undecided rows are screened by the rules (length, language, echo of nothing but itself, mention of the
    conversation) and by likeness to rows kept before them; hand-written ones of the pack count as decided. `words` are those of which one must stand in an instruction.
    """
    waiting = [row for row in rows if row.id not in decided and row.origin != "pack"]
    if waiting and params.undecided == "fail":
        raise InputError(
            f"{params.section}: {len(waiting)} instructions wait for a person, the first is {waiting[0].id}; "
            f"decide in data/review/{params.section}.jsonl or set {params.section}.undecided: screen"
        )
    rules = Rules(params.min_words, params.max_words, words)
    settled = [_settle(row, decided.get(row.id), params.undecided, rules) for row in rows]
    alive = [row for row in settled if isinstance(row, Instruction)]
    held = np.array([row.origin == "reviewer" or row.id in decided for row in alive], dtype=bool)
    alike = iter(earlier_alike(count_vectors([row.text for row in alive], tokenizers.QWEN), params.redundancy, held))
    for row in settled:
        other = next(alike) if isinstance(row, Instruction) else None
        if isinstance(row, Instruction) and other is not None:
            yield Dropped(id=row.id, reason=Reason.REDUNDANT, detail=f"like {alive[other].id}", parents=row.parents)
        else:
            yield row


def _settle(row: Instruction, decision: Decision | None, undecided: Undecided, rules: Rules) -> Instruction | Dropped:
    if decision is None:
        if row.origin == "pack":
            return row
        reason = Reason.UNDECIDED if undecided == "drop" else fault(row, rules)
        return Dropped(id=row.id, reason=reason, parents=row.parents) if reason else row
    if decision.action == "discard":
        return Dropped(id=row.id, reason=Reason.DISCARDED, detail=decision.reviewer, parents=row.parents)
    if decision.action == "keep":
        return row
    changes = {"text": decision.text, "origin": "reviewer", "author": decision.reviewer, "parents": (row.id,)}
    return Instruction.new(**{**row.model_dump(exclude={"id"}), **changes})


def fault(row: Instruction, rules: Rules) -> Reason | None:
    """Return why the rules refuse an instruction, or None."""
    text, length = row.text.lower(), languages.words(row.text)
    if length < rules.min_words:
        return Reason.TOO_SHORT
    if length > rules.max_words:
        return Reason.TOO_LONG
    if languages.language_of(row.text) != row.language:
        return Reason.WRONG_LANGUAGE
    if languages.loops(row.text):
        return Reason.LOOPS
    if refusals.is_no_instruction(row.text):
        return Reason.REFUSED
    return None if any(word in text for word in rules.mentions) else Reason.NOT_ABOUT_DIALOGUE
