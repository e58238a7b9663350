"""Rewrite narrative, output format and guidelines into one directive, and splice the prompt again (§2.2, step 3)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.chat.connect import connect
from stages.chat.messages import Chat, Reply, Request
from stages.chat.settings import ChatModel
from stages.core import jsonl, metrics
from stages.core.draws import generator
from stages.core.dropped import Reason
from stages.core.params import Section
from stages.core.row import Split
from stages.core.stage import run
from stages.library.meta_prompts import Library, MetaPrompt
from stages.rows.prompt import DIALOGUE, SOURCE, Part, Prompt
from stages.text import languages

MERGED = ("narrative", "format", "guidelines")
KEPT = 0.5  # of what tells each part's content; directives written by hand keep 0.86 and more, those that lost a part at most 0.27
SHORTEST, LONGEST = 0.4, 2.0  # a directive's words to those of the three parts: outside, something was lost or added


class Enhance(Section):
    """Which prompts of a split the generator rewrites."""

    section: ClassVar[str] = "enhance"
    share: float = Field(ge=0, le=1)
    """Share of the prompts whose narrative, format and guidelines are rewritten into one directive."""
    max_tokens: int = Field(ge=32)
    """Tokens of the generator's answer, at most."""
    seed: int
    """Of the draw of prompts to rewrite."""


def enhance(prompts: Sequence[Prompt], params: Enhance, library: Library, chat: Chat) -> Iterator[Prompt]:
    """Yield every prompt, in order: rewritten where it was drawn and the rewriting holds, else as it was assembled.

    A rewriting that is empty, cut off, in another language, loops, repeats the meta-prompt, leaves two of the three parts word
    for word, or lost one of them, a field or a label is not taken; the assembled prompt of step 2 stays in its place and `note` says why.
    """
    drawn = [row for row in prompts if generator(params.seed, row.id).random() < params.share]
    requests = [_request(row, params, library) for row in drawn]
    answers = dict(zip((row.id for row in drawn), chat.ask(requests, "enhance"), strict=True)) if drawn else {}
    for row in prompts:
        yield _spliced(row, answers[row.id], _asked(row, library), chat) if row.id in answers else row


def _request(prompt: Prompt, params: Enhance, library: Library) -> Request:
    text = _asked(prompt, library).render(**_texts(prompt))
    return Request(row=prompt.id, user=text, max_tokens=params.max_tokens)


def _asked(prompt: Prompt, library: Library) -> MetaPrompt:
    return library.get("directive", prompt.language)


def _texts(prompt: Prompt) -> dict[str, str]:
    return {part.kind: part.text for part in prompt.parts if part.kind in MERGED}


def _spliced(prompt: Prompt, reply: Reply, asked: MetaPrompt, chat: Chat) -> Prompt:
    if note := reply.fault or loss(prompt, reply.answer, asked):
        return prompt.model_copy(update={"note": str(note)})
    directive = Part(kind="directive", template="", text=reply.answer)
    parts = [directive if part.kind == "narrative" else part for part in prompt.parts]
    kept = [part for part in parts if part.kind not in MERGED]
    return prompt.with_parts(kept, method="enhanced", parents=(prompt.id, *prompt.parents), author=chat.identity)


def loss(prompt: Prompt, directive: str, asked: MetaPrompt) -> Reason | None:
    """Return what is wrong with a rewriting of the three parts that `asked` asked for, or None."""
    length = languages.words(directive) / max(languages.words("\n".join(_texts(prompt).values())), 1)
    if length < SHORTEST:
        return Reason.TOO_SHORT
    if length > LONGEST:
        return Reason.TOO_LONG
    if languages.language_of(directive) != prompt.language:
        return Reason.WRONG_LANGUAGE
    if languages.loops(directive):
        return Reason.LOOPS
    repeats = languages.echoes(directive, asked.own_words, languages.OWN_SPAN[asked.language])
    if repeats or DIALOGUE in directive or SOURCE in directive:
        return Reason.PROMPT_ECHO
    texts = _texts(prompt).values()
    if (
        sum(languages.holds(directive, text) for text in texts) > 1
    ):  # one may well stay as it is, the rest is woven around it
        return Reason.UNCHANGED
    if min(map(partial(_kept, directive), texts), default=1.0) < KEPT:
        return Reason.DRIFTED
    names = prompt.ask.labels if prompt.ask.kind == "label" else _listed(prompt)
    return None if all(name in directive for name in names) else Reason.DRIFTED


def _kept(directive: str, text: str) -> float:
    """Return the share of what tells a part's content that the directive says too."""
    told = languages.marks(text)
    return len(told & languages.marks(directive)) / max(len(told), 1)


def _listed(prompt: Prompt) -> tuple[str, ...]:
    """Return the fields that the format part names: those a parser will look for."""
    form = prompt.part("format")
    return tuple(field for field in prompt.ask.fields if form and field in form.text)


def main(*, split: Split, source: Path, prompts: Path, base: Path, target: Path, report: Path) -> None:
    """Read assembled prompts, write them enhanced, and count what was rewritten and what was not taken."""
    params, model = Enhance.load(split), ChatModel.load()
    rows = list(enhance(jsonl.read(source, Prompt), params, Library(prompts), connect(model, base)))
    jsonl.write(target, rows)
    notes = Counter(row.note for row in rows if row.note)
    rewritten = sum(row.method == "enhanced" for row in rows)
    counts = {"prompts": len(rows), "drawn": rewritten + notes.total(), "rewritten": rewritten}
    metrics.write(report, counts | {"not_taken": dict(sorted(notes.items()))})


if __name__ == "__main__":
    run(main)
