"""Draw pairs of dialogue and prompt, weighted by scene and task, balanced over the sources (§2.3, step 1).

A row of the ledger is a dialogue, or a further pair of a dialogue that was drawn more than once: in = dialogues + further
pairs; kept are the pairs; dropped are the dialogues without a pair, each with its reason.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from stages.core import jsonl, metrics, yaml_files
from stages.core.dropped import Dropped, Reason
from stages.core.params import Section
from stages.core.progress import track
from stages.core.row import Record, Split
from stages.core.stage import run
from stages.library.domain_pack import Domain, Tasks
from stages.library.fence import fenced
from stages.rows.dialogue import Dialogue
from stages.rows.prompt import DIALOGUE, SOURCE, Prompt
from stages.rows.sample import Sample
from stages.samples.drawing import draw
from stages.samples.drawing.slot import around
from stages.text import tokenizers


class Sampling(Section):
    """Which pairs of dialogue and prompt a split consists of."""

    section: ClassVar[str] = "sample"
    count: int = Field(ge=0)
    """Pairs of dialogue and prompt to draw; the paper trains on 40,000 and 80,000 (§3.5) and tests on 286 (§3.4)."""
    max_tokens: int = Field(ge=1)
    """Tokens of a pair, by the tokenizer of `measure`; longer pairs are not drawn."""
    seed: int
    """Of the order among pairs that may as well be drawn."""


class SamplingPack(Record):
    """What sampling reads of a domain pack."""

    domain: Domain
    tasks: Tasks


def sample(
    dialogues: Sequence[Dialogue], prompts: Sequence[Prompt], pack: SamplingPack, params: Sampling, tokenizer: str
) -> Iterator[Sample | Dropped]:
    """Yield every dialogue's drawn pairs, or the dialogue as dropped, in the dialogues' order."""
    candidates = _candidates(dialogues, prompts, pack, params, tokenizer)
    scenes, tasks = [scene.weight for scene in pack.domain.scenes], [task.weight for task in pack.tasks.tasks]
    drawn = defaultdict[int, list[int]](list)
    for place, chosen in draw.draw(params.count, scenes, tasks, len(pack.domain.sources), candidates):
        drawn[place].append(chosen)
    fits = draw.supplies(candidates, len(tasks)).sum(axis=1)
    offered = set(candidates.prompts.group.tolist())
    for number, dialogue in enumerate(track(dialogues, "sample", "dialogues", len(dialogues))):
        if drawn[number]:
            yield from (spliced(dialogue, prompts[chosen], pack.domain) for chosen in drawn[number])
        elif int(candidates.dialogues.group[number]) not in offered:
            yield Dropped(id=dialogue.id, reason=Reason.NO_PROMPT)
        else:
            yield Dropped(id=dialogue.id, reason=Reason.NOT_DRAWN if fits[number] else Reason.OVER_CONTEXT)


def spliced(dialogue: Dialogue, prompt: Prompt, domain: Domain) -> Sample:
    """Return the pair as one text in three parts, the dialogue safe in its fence."""
    before, after = around(prompt, domain.source(dialogue.source).name[dialogue.language])
    return Sample.new(
        dialogue=dialogue.id,
        prompt=prompt.id,
        instruction=prompt.instruction,
        language=dialogue.language,
        scene=dialogue.scene,
        source=dialogue.source,
        role=dialogue.role,
        task=prompt.task,
        ask=prompt.ask,
        before=before,
        conversation=fenced(dialogue.render(), before, after),
        after=after,
    )


def _candidates(
    dialogues: Sequence[Dialogue], prompts: Sequence[Prompt], pack: SamplingPack, params: Sampling, tokenizer: str
) -> draw.Candidates:
    """Return both sides as numbers; a pair is as long as its prompt, its source's name and its dialogue, each tokenized alone."""
    scenes = {scene.id: number for number, scene in enumerate(pack.domain.scenes)}
    tasks = {task.id: number for number, task in enumerate(pack.tasks.tasks)}
    sources = {source.id: number for number, source in enumerate(pack.domain.sources)}
    places = [(row.language, row.scene, row.role) for row in dialogues]
    places += [(row.language, row.scene, row.role) for row in prompts]
    numbers = {place: number for number, place in enumerate(dict.fromkeys(places))}
    groups = np.array([numbers[place] for place in places], dtype=np.int64)
    named = [pack.domain.source(row.source).name.get(row.language, "") for row in dialogues]  # "": no prompt in it
    names = dict(zip(set(named), tokenizers.lengths(set(named), tokenizer), strict=True))
    talks = np.array(tokenizers.lengths((row.render() for row in dialogues), tokenizer), dtype=np.int64)
    bare = (row.text.replace(DIALOGUE, "").replace(SOURCE, "") for row in prompts)
    return draw.Candidates(
        draw.Dialogues(
            key=draw.keys((row.id for row in dialogues), params.seed),
            group=groups[: len(dialogues)],
            tokens=talks + np.array([names[name] for name in named], dtype=np.int64),
            scene=np.array([scenes[row.scene] for row in dialogues], dtype=np.int64),
            source=np.array([sources[row.source] for row in dialogues], dtype=np.int64),
        ),
        draw.Prompts(
            key=draw.keys((row.id for row in prompts), params.seed),
            group=groups[len(dialogues) :],
            tokens=np.array(tokenizers.lengths(bare, tokenizer), dtype=np.int64),
            task=np.array([tasks[row.task] for row in prompts], dtype=np.int64),
        ),
        params.max_tokens,
    )


def figure(split: str, counts: Mapping[tuple[str, str], int]) -> list[dict[str, object]]:
    """Return the rows of Figure 3 from counts by (task or format, its name): tasks first, of each kind the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (item[0][0] != "task", -item[1], item[0]))
    return [{"split": split, "kind": kind, "name": name, "rows": number} for (kind, name), number in ordered]


def main(*, split: Split, dialogues: Path, prompts: Path, pack: Path, target: Path, ledger: Path, plot: Path) -> None:
    """Read dialogues and prompts of a split, write the drawn samples and how they divide over tasks and formats."""
    params, tokenizer = Sampling.load(split), tokenizers.chosen()
    parts = SamplingPack(
        domain=yaml_files.load(pack / "domain.yaml", Domain), tasks=yaml_files.load(pack / "tasks.yaml", Tasks)
    )
    rows, pairs, shown = jsonl.read(dialogues, Dialogue), Counter[str](), Counter[tuple[str, str]]()

    def counted() -> Iterator[Sample | Dropped]:
        for outcome in sample(rows, jsonl.read(prompts, Prompt), parts, params, tokenizer):
            if isinstance(outcome, Sample):
                pairs[outcome.dialogue] += 1
                shown.update([("task", outcome.task), ("format", outcome.ask.kind)])
            yield outcome

    jsonl.write_outcomes(target, counted(), ledger, lambda: len(rows) + pairs.total() - len(pairs))
    metrics.write(plot, figure(split, shown))


if __name__ == "__main__":
    run(main)
