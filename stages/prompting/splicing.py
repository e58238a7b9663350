"""One prompt: which parts it has, in which order and in which words (§2.2, steps 1 and 2, Fig. 2)."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple, Self, TypeVar

from stages.core import yaml_files
from stages.core.errors import InputError
from stages.core.row import Language, Record
from stages.library import meta_prompts
from stages.library.domain_pack import Domain, Format, Formats, SampleAnswer, Tasks
from stages.library.fence import fenced
from stages.library.knowledge import Knowledge
from stages.library.meta_prompts import render
from stages.library.templates import ALWAYS, Layout, Templates
from stages.library.wording import Place, Wording
from stages.prompting.skeleton import SKELETONS
from stages.rows.instruction import Ask, Instruction
from stages.rows.pair import Pair
from stages.rows.prompt import DIALOGUE, Part, PartKind

# How often a brief has a part that it can do without.
PRESENT: Mapping[PartKind, float] = {"scene": 0.75, "character": 0.75, "guidelines": 0.75, "examples": 0.25}
STANDARD: frozenset[PartKind] = ALWAYS | {
    "scene",
    "character",
    "knowledge",
    "guidelines",
}  # those of a fixed prompt (v0.5)
KNOWN = "\u2983knowledge\u2984"  # where known information goes, until its fence is known
W = TypeVar("W", bound=Wording)
T = TypeVar("T")


class PromptParts(Record):
    """The parts of a domain pack that prompts are made of."""

    domain: Domain
    tasks: Tasks
    formats: Formats
    templates: Templates
    knowledge: Knowledge

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read them from a pack's folder."""
        return cls(
            domain=yaml_files.load(folder / "domain.yaml", Domain),
            tasks=yaml_files.load(folder / "tasks.yaml", Tasks),
            formats=yaml_files.load(folder / "formats.yaml", Formats),
            templates=yaml_files.load(folder / "templates.yaml", Templates),
            knowledge=yaml_files.load(folder / "knowledge.yaml", Knowledge),
        )


class Spliced(NamedTuple):
    """Parts in the order of a layout."""

    layout: str
    parts: list[Part]


class Splicer(NamedTuple):
    """Splices one pair after the other; `wordings` of each part may be drawn (0: all; 1: the first, and the standard parts)."""

    pack: PromptParts
    wordings: int

    def splice(self, pair: Pair, instruction: Instruction, context: str, brief: bool, rng: Random) -> Spliced:
        """Return a brief or a plain ask, all its parts drawn with `rng`; `context` is what came with the conversation."""
        layout = self._layout(brief, rng)
        known, source = self._known(pair, instruction, context, rng)
        drawn = [kind for kind in layout.order if (known or kind != "knowledge") and self._drawn(kind, rng)]
        form = self._form(pair, self._places(pair, instruction, drawn)["format"], brief, rng)
        example, sample = self._example(form, pair.ask, pair.language, rng)
        places = self._places(pair, instruction, [kind for kind in drawn if example or kind != "examples"])
        put = {"knowledge": source, "examples": sample, "format": form.id}
        names = self._names(pair, instruction) | {"example": example}
        names["format"] = _form_text(form.text[pair.language], form.id, pair.ask, pair.language)
        parts = list[Part]()
        for kind, place in places.items():
            if wording := self._wording(kind, place, brief, rng):
                text = _rendered(kind, wording, pair.language, known, names)
                inline = layout.plain and kind == "format" and bool(parts) and parts[-1].kind == "narrative"
                name = f"{wording.id}/{put[kind]}" if kind in put else wording.id
                parts.append(Part(kind=kind, template=name, text=text, inline=inline))
        return Spliced(layout.id, parts)

    def _pick(self, options: Sequence[T], rng: Random) -> T:
        return rng.choice(options[: self.wordings or None])

    def _drawn(self, kind: PartKind, rng: Random) -> bool:
        if self.wordings == 1:
            return kind in STANDARD
        return kind not in PRESENT or rng.random() < PRESENT[kind]

    def _layout(self, brief: bool, rng: Random) -> Layout:
        layouts = self.pack.templates.layout
        return self._pick([row for row in layouts if row.plain != brief] or layouts, rng)

    def _places(self, pair: Pair, instruction: Instruction, kinds: Sequence[PartKind]) -> dict[PartKind, Place]:
        trade, has = (instruction.task, instruction.requirement) in self.pack.tasks.beyond, frozenset(kinds)
        return {
            kind: Place.of(instruction, pair.ask, trade, has, frozenset(kinds[:n]), pair.cut > 0)
            for n, kind in enumerate(kinds)
        }

    def _wording(self, kind: PartKind, place: Place, brief: bool, rng: Random) -> Wording | None:
        """Draw one that suits; None: the pack has no wording of such a part."""
        options = [row for row in self.pack.templates.of(kind) if row.suits(place)]
        return self._pick(options if brief else _plain(options), rng) if options else None

    def _form(self, pair: Pair, place: Place, brief: bool, rng: Random) -> Format:
        """Draw a wording of the form: in a brief one that says all of it, in a plain ask a short one."""
        forms = [row for row in self.pack.formats.formats if row.kind == pair.ask.kind and row.suits(place)]
        if not forms:
            raise InputError(
                f"pair {pair.id}: instruction {pair.instruction} may be answered by {pair.ask.kind}, of which formats.yaml of the pack "
                "has no wording; write one, or take the form out of the instruction (dial-insight review)"
            )
        return self._pick([row for row in forms if row.plain != brief] or forms, rng)

    def _known(self, pair: Pair, instruction: Instruction, context: str, rng: Random) -> tuple[str, str]:
        """Return known information and where it is from: what came with the conversation, or else what the instruction needs."""
        if context:
            return context.replace(DIALOGUE, ""), "context"
        drawn = []
        for kind in instruction.knowledge:
            entries = self.pack.knowledge.of(kind, pair.scene, pair.language)
            if not entries:
                raise InputError(
                    f"pair {pair.id}: instruction {instruction.id} needs {kind}, of which knowledge.yaml of the pack has none "
                    f"for scene {pair.scene} in {pair.language}; write one"
                )
            drawn.append(self._pick(entries, rng))
        return "\n\n".join(item.text[pair.language].strip() for item in drawn), "+".join(item.id for item in drawn)

    def _example(self, form: Format, ask: Ask, language: Language, rng: Random) -> tuple[str, str]:
        """Return what an answer in the form looks like, and where it is from; empty if the pack has no sample that shows it."""
        if ask.kind in SKELETONS and ask.fields:
            return SKELETONS[ask.kind](ask.fields), "skeleton"
        samples = [row for row in self.pack.formats.samples if row.shows(form) and language in row.text]
        return _sample(self._pick(samples, rng), language) if samples else ("", "")

    def _names(self, pair: Pair, instruction: Instruction) -> dict[str, str]:
        language, domain = pair.language, self.pack.domain
        scene, role = domain.scene(pair.scene), domain.role(pair.role)
        return {
            "scene": scene.name[language],
            "scene_description": scene.description[language],
            "source": domain.source(pair.source).name[language],
            "role": role.name[language],
            "role_description": role.description[language],
            "instruction": instruction.text,
            "task": self.pack.tasks.get(instruction.task).name[language],
            "knowledge": KNOWN,
            "dialogue": DIALOGUE,
        }


def _plain(options: list[W]) -> list[W]:
    return [row for row in options if row.plain] or options


def _sample(row: SampleAnswer, language: Language) -> tuple[str, str]:
    return row.text[language].strip(), row.id


@lru_cache(maxsize=65536)
def _form_text(wording: str, name: str, ask: Ask, language: Language) -> str:
    """Return the wording of an output format for the fields and labels asked."""
    comma, quote = ("、", "“{}”") if language == "zh" else (", ", '"{}"')
    fields = comma.join(quote.format(field) for field in ask.fields)
    return render(wording, f"formats.yaml: {name}", fields=fields, labels=comma.join(ask.labels))


def _rendered(kind: PartKind, wording: Wording, language: Language, known: str, names: Mapping[str, str]) -> str:
    template, place = wording.text[language], f"templates.yaml: {kind} {wording.id}"
    text = _filled(template, place, tuple((name, names[name]) for name in _used(template, place) if name in names))
    if kind != "knowledge":
        return text
    before, _, after = text.partition(KNOWN)
    return before + fenced(known, before, after) + after


@lru_cache(maxsize=65536)
def _filled(template: str, place: str, given: tuple[tuple[str, str], ...]) -> str:
    """Render with what the template names, so that the same words in the same place are rendered once."""
    return render(template, place, **dict(given))


@lru_cache(maxsize=4096)
def _used(template: str, place: str) -> tuple[str, ...]:
    return tuple(sorted(meta_prompts.names(template, place)))
