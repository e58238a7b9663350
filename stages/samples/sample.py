"""Draw pairs of conversation and instruction, weighted by scene and task, balanced over the sources (§2.3, step 1).

A row of the ledger is a dialogue, or a further pair of a dialogue that was drawn more than once: in = dialogues + further
pairs; kept are the pairs; dropped are the dialogues without a pair, each with its reason. With `sample.replies` above 0 each reply
that a conversation can be cut before is a row too: kept as a pair whose answer it is, or dropped (docs/replies.md).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, Self

import numpy as np
from pydantic import Field

from stages.core import jsonl, metrics, yaml_files
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.core.params import Section
from stages.core.progress import note
from stages.core.row import Record
from stages.core.stage import run
from stages.library.domain_pack import Domain, Instructions, Tasks
from stages.library.knowledge import Knowledge, fits
from stages.reviews.refinements import refinements
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Ask, Instruction
from stages.rows.missed import Missed
from stages.rows.pair import Pair, pair_id
from stages.rows.sample import Answer
from stages.samples.composition import composition
from stages.samples.drawing import draw
from stages.samples.replies import drawing
from stages.samples.replies.candidates import Least
from stages.samples.replies.drawing import Replied, Wanted
from stages.text import tokenizers


class Sampling(Section):
    """Which pairs of conversation and instruction the training set consists of."""

    section: ClassVar[str] = "sample"
    count: int = Field(ge=0)
    """Pairs to draw; the paper trains on 40,000 and 80,000 (§3.5)."""
    reserve: float = Field(ge=0, le=4)
    """Further pairs beside them, as a share of each cell (scene × task × source): they stand in for those without a usable answer."""
    max_tokens: int = Field(ge=1)
    """Tokens of a dialogue and its instruction together, by the tokenizer of `measure`; longer pairs are not drawn."""
    replies: float = Field(ge=0, le=1)
    """Share of `count` that are real replies: a conversation cut before a turn of the provider's, which is the answer (docs/replies.md)."""
    reply_turns: int = Field(ge=1)
    """Turns that must stand before a reply, at least."""
    reply_words: int = Field(ge=1)
    """Words that a reply must have, at least (Chinese: characters / 2)."""
    reply_statements: Literal["drop", "keep"]
    """Replies with a sentence of neither party whose words were not said, which bring facts without figures or names: `drop` or `keep`."""
    seed: int
    """Of the order among pairs that may as well be drawn."""

    @property
    def wanted(self) -> Wanted:
        """Which real replies are drawn, out of `count`."""
        least = Least(self.reply_turns, self.reply_words, said=self.reply_statements == "drop")
        return Wanted(round(self.replies * self.count), least, self.max_tokens, self.seed)

    @property
    def ordinary(self) -> int:
        """How many of `count` are no replies; they are the ones that are drawn where `count` is no more than that."""
        return self.count - self.wanted.number


class SamplingPack(Record):
    """What sampling reads of a domain pack."""

    domain: Domain
    tasks: Tasks
    knowledge: Knowledge

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the pack in `folder`."""
        return cls(
            domain=yaml_files.load(folder / "domain.yaml", Domain),
            tasks=yaml_files.load(folder / "tasks.yaml", Tasks),
            knowledge=yaml_files.load(folder / "knowledge.yaml", Knowledge),
        )


class Asked(NamedTuple):
    """An instruction in one of its forms, for the dialogues of one place."""

    instruction: Instruction
    ask: Ask
    place: tuple[str, str, str]  # language, scene, role


def sample(
    dialogues: Sequence[Dialogue],
    instructions: Sequence[Instruction],
    answers: Iterable[Answer],
    pack: SamplingPack,
    params: Sampling,
    tokenizer: str,
) -> Iterator[Pair | Dropped]:
    """Yield every dialogue's drawn pairs, or the dialogue as dropped, in the dialogues' order.

    In its cell, of the pairs of dialogues that were drawn equally often, one with a provided answer comes before those without one.
    """
    asked = list(fitting(dialogues, instructions, pack))
    candidates = _candidates(dialogues, asked, answers, pack, params, tokenizer)
    scenes, tasks = [scene.weight for scene in pack.domain.scenes], [task.weight for task in pack.tasks.tasks]
    drawn = defaultdict[int, list[Pair]](list)
    for place, chosen, extra in draw.draw(
        params.ordinary, params.reserve, scenes, tasks, len(pack.domain.sources), candidates
    ):
        drawn[place].append(pair(dialogues[place], asked[chosen], reserve=extra))
    possible = draw.supplies(candidates, len(tasks)).sum(axis=1)
    offered = {row.place for row in asked}
    for number, dialogue in enumerate(dialogues):
        if drawn[number]:
            yield from drawn[number]
        elif (dialogue.language, dialogue.scene, dialogue.role) not in offered:
            yield Dropped(id=dialogue.id, reason=Reason.NO_INSTRUCTION)
        else:
            yield Dropped(id=dialogue.id, reason=Reason.NOT_DRAWN if possible[number] else Reason.OVER_CONTEXT)


def fitting(dialogues: Sequence[Dialogue], instructions: Sequence[Instruction], pack: SamplingPack) -> Iterator[Asked]:
    """Yield each instruction in each of its forms for every place of the dialogues that it applies to."""
    places = sorted({(row.language, row.scene, row.role) for row in dialogues})
    for instruction in instructions:
        for language, scene, role in places:
            if (
                language == instruction.language
                and (not instruction.scenes or scene in instruction.scenes)
                and (not instruction.roles or role in instruction.roles)
                and fits(instruction, scene, pack.knowledge)
            ):
                yield from (
                    Asked(instruction, instruction.ask(kind), (language, scene, role)) for kind in instruction.formats
                )


def pair(dialogue: Dialogue, asked: Asked, *, reserve: bool = False) -> Pair:
    """Return the two as a row."""
    return Pair.new(
        dialogue=dialogue.id,
        instruction=asked.instruction.id,
        language=dialogue.language,
        scene=dialogue.scene,
        source=dialogue.source,
        role=dialogue.role,
        task=asked.instruction.task,
        ask=asked.ask,
        reserve=reserve,
    )


def _candidates(
    dialogues: Sequence[Dialogue],
    asked: Sequence[Asked],
    answers: Iterable[Answer],
    pack: SamplingPack,
    params: Sampling,
    tokenizer: str,
) -> draw.Candidates:
    """Return both sides as numbers; a pair is as long as its dialogue and its instruction, each tokenized alone."""
    scenes = {scene.id: number for number, scene in enumerate(pack.domain.scenes)}
    tasks = {task.id: number for number, task in enumerate(pack.tasks.tasks)}
    sources = {source.id: number for number, source in enumerate(pack.domain.sources)}
    at = [(row.language, row.scene, row.role) for row in dialogues]
    groups = {place: number for number, place in enumerate(dict.fromkeys([*at, *(row.place for row in asked)]))}
    texts = list(dict.fromkeys(row.instruction.text for row in asked))
    long = dict(zip(texts, tokenizers.lengths(texts, tokenizer), strict=True))
    return draw.Candidates(
        draw.Dialogues(
            key=draw.keys((row.id for row in dialogues), params.seed),
            group=np.array([groups[place] for place in at], dtype=np.int64),
            tokens=np.array(
                tokenizers.lengths_up_to(params.max_tokens, ([*row.rendered()] for row in dialogues), tokenizer),
                dtype=np.int64,
            ),
            scene=np.array([scenes[row.scene] for row in dialogues], dtype=np.int64),
            source=np.array([sources[row.source] for row in dialogues], dtype=np.int64),
        ),
        draw.Prompts(
            key=draw.keys((f"{row.instruction.id} {row.ask.kind}" for row in asked), params.seed),
            group=np.array([groups[row.place] for row in asked], dtype=np.int64),
            tokens=np.array([long[row.instruction.text] for row in asked], dtype=np.int64),
            task=np.array([tasks[row.instruction.task] for row in asked], dtype=np.int64),
        ),
        params.max_tokens,
        answered(dialogues, asked, answers),
    )


def answered(
    dialogues: Sequence[Dialogue], asked: Sequence[Asked], answers: Iterable[Answer]
) -> Mapping[int, np.ndarray]:
    """Return, for the dialogues that people answered something about, the places in `asked` that they answered.

    An answer to the same instruction with other fields or labels than it has now is of another pair, and stands for none.
    """
    talks = {row.id: (number, (row.language, row.scene, row.role)) for number, row in enumerate(dialogues)}
    at = {(row.instruction.id, row.ask.kind, row.place): number for number, row in enumerate(asked)}
    found = defaultdict[int, list[int]](list)
    for answer in answers:
        number, place = talks.get(answer.dialogue, (-1, ("", "", "")))
        chosen = at.get((answer.instruction, answer.form, place))
        if chosen is not None and answer.id == pair_id(answer.dialogue, answer.instruction, asked[chosen].ask):
            found[number].append(chosen)
    return {number: np.array(chosen) for number, chosen in found.items()}


def orphaned(answers: Iterable[Answer], dialogues: Set[str], instructions: Set[str]) -> dict[str, int]:
    """Return how many answers are about no dialogue that is here, and how many of the others about no instruction that is here."""
    without = Counter(
        "dialogue" if row.dialogue not in dialogues else "instruction"
        for row in answers
        if row.dialogue not in dialogues or row.instruction not in instructions
    )
    return {f"answers_without_{what}": without[what] for what in ("dialogue", "instruction")}


def reworded(answers: Iterable[Answer], library: Iterable[Instruction]) -> dict[str, int]:
    """Return how many answers are about an instruction of the library that has the same words and asks for other fields or labels now; nothing if none is."""
    known = {row.id: row for row in library}
    asked = ((row, known[row.instruction].ask(row.form)) for row in answers if row.instruction in known)
    others = sum(row.id != pair_id(row.dialogue, row.instruction, ask) for row, ask in asked)
    return {"answers_to_other_fields": others} if others else {}


def reply_asks(pack: Path, library: Iterable[Instruction]) -> list[Instruction]:
    """Return what the pack asks for real replies in the languages of the library; a pack that asks for none is refused."""
    languages = {row.language for row in library}
    asks = [row for row in Instructions.read(pack).reply_asks if row.language in languages]
    if not asks:
        raise InputError(
            f"{pack / 'instructions.yaml'}: nothing under replies in {', '.join(sorted(languages)) or 'any language'}, which "
            "params.yaml: sample.replies needs; write what is asked for (prompts/real_estate/instructions.yaml has some), or set it to 0"
        )
    return asks


def main(
    *,
    dialogues: Path,
    missed: Path,
    instructions: Path,
    answers: Path,
    pack: Path,
    target: Path,
    replies: Path,
    ledger: Path,
    plot: Path,
) -> None:
    """Read the train dialogues and the library, write the drawn pairs, the answers of real replies, and how the pairs divide."""
    rows, given, params = jsonl.read(dialogues, Dialogue), refinements(answers), Sampling.load()
    library, read, tokenizer = jsonl.read(instructions, Instruction), SamplingPack.read(pack), tokenizers.chosen()
    outcomes = list(sample(rows, library, given.values(), read, params, tokenizer))
    asks = reply_asks(pack, library) if params.replies else []
    left = jsonl.by_id(missed, Missed)
    looked_at = list(drawing.drawn(rows, asks, left, read.domain, params.wanted, tokenizer)) if asks else []
    taken = [row for row in looked_at if isinstance(row, Replied)]
    if len(taken) < params.wanted.number:
        note(
            f"sample: {len(taken)} real replies instead of {params.wanted.number}; {jsonl.dropped_path(target)} says why not more"
        )
    pairs = [row for row in outcomes if isinstance(row, Pair)]
    drawn = len({row.dialogue for row in pairs})
    outcomes += [row.pair if isinstance(row, Replied) else row for row in looked_at]
    lost = orphaned(given.values(), {row.id for row in rows}, {row.id for row in (*library, *asks)})
    if any(lost.values()):
        note(
            "sample: {answers_without_dialogue} of {all} answers in {path} are about conversations that are not trained on (another "
            "domain's, a test dialogue, or not in data/raw), {answers_without_instruction} about instructions that the library "
            "lacks; none of them is used".format(**lost, all=len(given), path=answers)
        )
    if others := reworded(given.values(), library):
        note(
            "sample: {answers_to_other_fields} of {all} answers in {path} are about instructions that ask for other fields or labels "
            "now; none of them is used".format(**others, all=len(given), path=answers)
        )
    jsonl.write(replies, (row.answer for row in taken))
    jsonl.write_outcomes(target, outcomes, ledger, len(rows) + len(pairs) - drawn + len(looked_at), lost | others)
    pairs += [row.pair for row in taken]
    metrics.write(plot, composition("train", (row for row in pairs if not row.reserve)))


if __name__ == "__main__":
    run(main)
