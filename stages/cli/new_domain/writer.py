"""The model that proposes: what it is asked by which meta-prompt, and what its answer becomes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from stages.chat.messages import Chat, Request, author, parse
from stages.cli.new_domain.pack_draft import TODO, Block
from stages.core.dropped import Reason
from stages.core.row import Language, Record
from stages.library.domain_pack import Role, Scene
from stages.library.meta_prompts import Library
from stages.rows.dialogue import Dialogue

PROMPTS = Path("prompts/new_domain")
TITLE = "new-domain"
READ_BY_NOBODY = "not read by a person yet"
TOKENS = 1200  # of an answer with several items in two languages

R = TypeVar("R", bound=Record)


class Question(NamedTuple):
    """A meta-prompt, its fields, the schema of the answer, and the tokens it may have."""

    prompt: str
    language: Language
    fields: Mapping[str, object]
    schema: dict[str, Any]
    max_tokens: int = TOKENS


@dataclass(frozen=True)
class Writer:
    """A model, its meta-prompts, and the conversations that it is shown."""

    chat: Chat
    prompts: Library
    dialogues: Sequence[Dialogue]
    unsorted: Sequence[Dialogue]
    """Those whose scene is asked for, one by one."""
    languages: tuple[Language, ...]
    main: Language

    @property
    def note(self) -> str:
        """What stands above a block that it proposed."""
        return f"proposed by {author(self.chat.identity).partition('@')[0]}, {READ_BY_NOBODY}"

    def ask(self, questions: Iterable[Question], form: type[R]) -> list[tuple[R | Reason, str]]:
        """Return for each question its answer, or why there is none, and what it said besides the conversations."""
        requests, beside = list[Request](), list[str]()
        for number, one in enumerate(questions):
            prompt = self.prompts.get(one.prompt, one.language)
            empty = {name: "" for name in one.fields if name.startswith("excerpt")}
            beside.append(prompt.render(**dict(one.fields) | empty))
            requests.append(
                Request(
                    row=f"{one.prompt} {number + 1}",
                    user=prompt.render(**one.fields),
                    max_tokens=one.max_tokens,
                    answer_schema=one.schema,
                )
            )
        replies = self.chat.ask(requests, TITLE, len(requests))
        return [(parse(reply, form), text) for reply, text in zip(replies, beside, strict=True)]

    @property
    def texts(self) -> str:
        """Return how a text stands in an answer, for the example of one."""
        return "{" + ", ".join(f'"{language}": "…"' for language in self.languages) + "}"

    @property
    def words(self) -> str:
        """How words stand in an answer, for the example of one."""
        return "{" + ", ".join(f'"{language}": ["…"]' for language in self.languages) + "}"


def left(what: str, reason: object) -> str:
    """Return the note above what a person has to write, as the model's does not fit."""
    return f"left to you: the model's {what} {reason}"


def described(blocks: Iterable[Block[Scene]] | Iterable[Block[Role]], language: Language) -> str:
    """Return scenes or roles as the model is told of them; those still to be written are left out."""
    rows = [(block.value.name[language], block.value.description[language]) for block in blocks]
    return listed(f"{name}: {description}" for name, description in rows if TODO not in (name, description))


def listed(lines: Iterable[str]) -> str:
    """Return lines as a list; none: a dash."""
    return "\n".join(f"- {line}" for line in lines) or "-"
