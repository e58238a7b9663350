"""Rewrite narrative, output format, guidelines and examples into one directive, and splice the prompt again (§2.2, step 3)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.chat.connect import connect
from stages.chat.messages import Chat, Reply, Request, Shot
from stages.chat.settings import ChatModel
from stages.core import jsonl, metrics, yaml_files
from stages.core.draws import generator
from stages.core.dropped import Reason
from stages.core.params import Section
from stages.core.row import Language, Record
from stages.core.stage import run
from stages.library.meta_prompts import Library, MetaPrompt
from stages.models.special_tokens import marked
from stages.prompting.by_people import Gate
from stages.prompting.keeping import LONGEST, loss
from stages.reviews.decisions import Decision
from stages.rows.prompt import Part, PartKind, Prompt
from stages.text import languages

MERGED: tuple[PartKind, ...] = ("narrative", "format", "guidelines", "examples")
EXAMPLES = "examples.yaml"  # directives by hand, beside the meta-prompts
SHOWN = 2  # examples shown with each question
ROOM = 1.4  # words asked for, to those of the parts
FEWEST = 40  # words asked for at most, even of a one-line ask
TOKENS = 3  # of an answer, for a word or two Chinese characters; English takes 1.4, JSON and tables more


class Enhance(Section):
    """Which prompts the generator rewrites."""

    section: ClassVar[str] = "enhance"
    share: float = Field(ge=0, le=1)
    """Share of the prompts whose narrative, format, guidelines and examples are rewritten into one directive."""
    max_tokens: int = Field(ge=32)
    """Tokens of an answer, at most; each is given what its prompt needs, up to this."""
    seed: int
    """Of the draw of prompts to rewrite, and of the examples shown."""


class Rewritten(Record):
    """A directive written by a person, with the parts it was made from."""

    id: str
    language: Language
    narrative: str
    format: str
    guidelines: str = ""
    examples: str = ""
    directive: str

    @property
    def parts(self) -> dict[str, str]:
        """The texts it was made from."""
        return self.model_dump(exclude={"id", "language", "directive"})


class RewrittenExamples(Record):
    """`prompts/enhance/examples.yaml`."""

    examples: tuple[Rewritten, ...]


class Rewriting:
    """How a prompt's rewriting is asked for, and what came back is taken or not."""

    def __init__(self, params: Enhance, library: Library) -> None:
        """Read the meta-prompts and the examples beside them."""
        self.params, self.library = params, library
        self.examples = yaml_files.load(library.folder / EXAMPLES, RewrittenExamples).examples

    def request(self, prompt: Prompt) -> Request:
        """Return the question: two examples as earlier turns, then the prompt's own parts."""
        asked, texts = self.library.get("directive", prompt.language), _texts(prompt)
        shots = [Shot(user=_question(asked, row.parts), assistant=row.directive.strip()) for row in self.shown(prompt)]
        most = min(self.params.max_tokens, room(prompt))
        return Request(row=prompt.id, user=_question(asked, texts), shots=tuple(shots), max_tokens=most)

    def shown(self, prompt: Prompt) -> list[Rewritten]:
        """Return the examples that are shown with a prompt, drawn for it."""
        rows = [row for row in self.examples if row.language == prompt.language]
        return generator(self.params.seed, prompt.id, "examples").sample(rows, min(SHOWN, len(rows)))

    def taken(self, prompt: Prompt, reply: Reply, author: str) -> Prompt:
        """Return the prompt with the directive in the place of its parts, or as it was with a note."""
        if reply.fault:
            return prompt.model_copy(update={"note": str(reply.fault)})
        return self.spliced(prompt, reply.answer, author)

    def spliced(self, prompt: Prompt, text: str, author: str) -> Prompt:
        """Return the prompt with this directive in the place of its parts, or, if it is no rewriting of them, as it was with a note."""
        if note := self.fault(prompt, text):
            return prompt.model_copy(update={"note": str(note)})
        directive = Part(kind="directive", template="", text=text)
        parts = [directive if part.kind == "narrative" else part for part in prompt.parts]
        kept = [part for part in parts if part.kind not in MERGED]
        return prompt.with_parts(kept, method="enhanced", parents=(prompt.id, *prompt.parents), author=author)

    def fault(self, prompt: Prompt, text: str) -> Reason | None:
        """Return why a directive cannot stand for the parts of a prompt, or None."""
        if marked(text):
            return Reason.UNPARSABLE
        asked = self.library.get("directive", prompt.language)
        texts = [part for part in _texts(prompt).values() if part]
        others = (asked.own_words, *(row.directive for row in self.shown(prompt)))
        return loss(texts, prompt.ask, prompt.language, text, others)


def enhance(prompts: Sequence[Prompt], params: Enhance, library: Library, chat: Chat) -> Iterator[Prompt]:
    """Yield every prompt, in order: rewritten where it was drawn and the rewriting holds, else as it was assembled.

    A rewriting that is empty, cut off, in another language, loops, repeats the meta-prompt or an example, leaves two of the parts
    word for word, or lost a name, a number, a limit, a quotation or the content of a part is not taken; the assembled prompt of step
    2 stays in its place and `note` says why.
    """
    rewriting = Rewriting(params, library)
    drawn = [row.id for row in prompts if generator(params.seed, row.id).random() < params.share]
    wanted = set(drawn)
    requests = (rewriting.request(row) for row in prompts if row.id in wanted)
    replies = chat.ask(requests, "enhance", len(drawn)) if drawn else iter(())
    for row in prompts:
        if row.id in wanted:
            (reply,) = islice(replies, 1)
            row = rewriting.taken(row, reply, chat.identity)
        yield row


def room(prompt: Prompt) -> int:
    """Return the tokens that the rewriting of a prompt needs: what it is given where `enhance.max_tokens` allows."""
    return round(TOKENS * _words(_texts(prompt).values()))


def _texts(prompt: Prompt) -> dict[str, str]:
    parts = {part.kind: part.text for part in prompt.parts}
    return {kind: parts.get(kind, "") for kind in MERGED}


def _words(texts: Iterable[str]) -> int:
    """Return how many words a directive may have, a multiple of ten: more than its parts, less than what counts as too long."""
    words = min(ROOM, LONGEST) * languages.words("\n".join(texts))
    return max(FEWEST, 10 * round(words / 10))


def _question(asked: MetaPrompt, texts: dict[str, str]) -> str:
    words = _words(texts.values()) * (2 if asked.language == "zh" else 1)  # in Chinese: characters
    return asked.render(**texts, words=words)


def figures(rows: Sequence[Prompt]) -> dict[str, object]:
    """Return how many were drawn, answered and rewritten, and why the others were not; acceptance is of the answered ones."""
    notes = Counter(row.note for row in rows if row.note)
    rewritten = sum(row.method == "enhanced" for row in rows)
    drawn = rewritten + notes.total()
    answered = drawn - sum(notes[fault] for fault in UNANSWERED)
    return {
        "prompts": len(rows),
        "drawn": drawn,
        "answered": answered,
        "rewritten": rewritten,
        "acceptance": rewritten / answered if answered else None,
        "not_taken": dict(sorted(notes.items())),
    }


UNANSWERED = ("not_recorded", "endpoint_failed", "over_context", "filtered")  # nothing came back to be judged


def main(*, source: Path, prompts: Path, reviews: Path, base: Path, target: Path, report: Path) -> None:
    """Read assembled prompts, write them enhanced as people decided, and count what was rewritten and what was not taken, and why."""
    params, model, library = Enhance.load(), ChatModel.load(), Library(prompts)
    rows = jsonl.read(source, Prompt)
    gate = Gate(jsonl.read(reviews, Decision, by_hand=True), Rewriting(params, library).spliced)
    made = list(enhance(rows, params, library, connect(model, base)))
    jsonl.write(target, gate.passed(rows, made))
    metrics.write(report, figures(made) | gate.figures)


if __name__ == "__main__":
    run(main)
