"""Table 3's contrast on this corpus: how rich are prompts of v0.5's fixed few instructions, and of v1.0's library (§3.3).

It needs no model: for each version and language the same number of prompts is spliced around conversations drawn for it.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple, get_args

from pydantic import Field

from stages.communities.grouping import grouped
from stages.communities.settings import LITERAL, Measure, literal
from stages.core import jsonl, metrics, yaml_files, yaml_text
from stages.core.draws import generator
from stages.core.errors import InputError
from stages.core.params import Section, value
from stages.core.row import Language
from stages.core.stage import run
from stages.library.domain_pack import Instructions
from stages.prompting.splicing import PromptParts, Splicer
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Instruction
from stages.rows.pair import Pair
from stages.rows.prompt import DIALOGUE


class Contrast(Section):
    """How the two data versions of Table 3 are contrasted."""

    section: ClassVar[str] = "contrast"
    pairs: int = Field(ge=1)
    """Pairs of conversation and instruction drawn for each version in each language."""
    fixed: int = Field(ge=1)
    """Hand-written instructions of v0.5 in each language, the tasks in turns."""
    seed: int
    """Of the draws of pairs and of their prompts' wordings."""


class Version(NamedTuple):
    """Where a data version's prompts come from: its instructions, the wordings of each part (0: all), the share of briefs."""

    name: str
    instructions: Sequence[Instruction]
    wordings: int
    brief: float


class Drawn(NamedTuple):
    """A prompt of a version without its conversation, and the instruction it was spliced from."""

    instruction: str
    prompt: str


def fixed(written: Sequence[Instruction], count: int) -> list[Instruction]:
    """Return the first `count` of them, the tasks in turns."""
    seen, turns = Counter[str](), list[tuple[int, int]]()
    for place, row in enumerate(written):
        turns.append((seen[row.task], place))
        seen[row.task] += 1
    return [written[place] for _, place in sorted(turns)[:count]]


def prompts(dialogues: Sequence[Dialogue], version: Version, pack: PromptParts, params: Contrast) -> list[Drawn]:
    """Draw pairs uniformly, conversation first, and splice a prompt for each; none if no instruction fits any conversation."""
    splicer = Splicer(pack, version.wordings)
    fitting = {
        place: [row for row in version.instructions if fits(row, *place, pack)]
        for place in {(row.language, row.scene, row.role) for row in dialogues}
    }
    talks = [row for row in dialogues if fitting[row.language, row.scene, row.role]]
    drawn = list[Drawn]()
    for number in range(params.pairs if talks else 0):
        rng = generator(params.seed, version.name, number)
        talk = rng.choice(talks)
        asked = rng.choice(fitting[talk.language, talk.scene, talk.role])
        pair = Pair.new(
            dialogue=talk.id,
            instruction=asked.id,
            language=talk.language,
            scene=talk.scene,
            source=talk.source,
            role=talk.role,
            task=asked.task,
            ask=asked.ask(rng.choice(asked.formats)),
        )
        brief = rng.random() < version.brief or version.wordings == 1  # as stage assemble has it
        parts = splicer.splice(pair, asked, talk.context, brief, rng).parts
        prompt = "\n\n".join(part.text for part in parts).replace(DIALOGUE, "")
        drawn.append(Drawn(asked.text, prompt))
    return drawn


def fits(instruction: Instruction, language: Language, scene: str, role: str, pack: PromptParts) -> bool:
    """Whether an instruction applies to conversations of that place, and the pack has what must be known for it."""
    return (
        instruction.language == language
        and (not instruction.scenes or scene in instruction.scenes)
        and (not instruction.roles or role in instruction.roles)
        and all(pack.knowledge.of(kind, scene, language) for kind in instruction.knowledge)
    )


def figures(drawn: Sequence[Drawn], params: Measure) -> dict[str, object] | None:
    """Return the richness of prompts by the headline and by the literal readings; None without prompts."""
    if not drawn:
        return None
    whole = [row.prompt for row in drawn]

    def richness(texts: Sequence[str], settings: Measure) -> float:
        return sum(min(size, settings.top_n) for size in grouped(texts, settings).sizes) / len(texts)

    rich = richness(whole if params.part == "prompt" else [row.instruction for row in drawn], params)
    asks = len({row.instruction for row in drawn})
    return {
        "prompts": len(drawn),
        "distinct_prompts": len(set(whole)),
        "instructions": asks,
        "instructions_by_prompts": asks / len(drawn),
        "richness": rich,
        "redundancy": 1 - rich,
        "richness_literal": {name: richness(whole, literal(params, kind)) for name, kind in LITERAL.items()},
    }


def contrast(
    dialogues: Sequence[Dialogue], versions: Sequence[Version], pack: PromptParts, params: Contrast, measure: Measure
) -> dict[str, object]:
    """Return the figures of each version, each language apart."""
    return {
        language: {
            version.name: figures(
                prompts([row for row in dialogues if row.language == language], version, pack, params), measure
            )
            for version in versions
        }
        for language in get_args(Language)
    }


def main(*, dialogues: Path, library: Path, pack: Path, paper: Path, report: Path) -> None:
    """Read train dialogues, the instruction library and the pack, write both versions' richness beside the paper's."""
    params, measure = Contrast.load(), Measure.load()
    talks, rich = jsonl.read(dialogues, Dialogue), jsonl.read(library, Instruction)
    if not talks:
        raise InputError(f"{dialogues}: no conversations to draw from; run `dvc repro split`")
    written = [
        Instruction.new(**row.model_dump(exclude={"id"}), origin="pack", author=row.id)
        for row in yaml_files.load(pack / "instructions.yaml", Instructions).instructions
    ]
    few, many = list[Instruction](), list[Instruction]()
    for language in get_args(Language):
        here = [row for row in written if row.language == language]
        few += fixed(here, params.fixed)
        many += [row for row in rich if row.language == language] or here  # a library in one language only
    versions = (
        Version("v0.5", few, 1, 1.0),
        Version("v1.0", many, value("assemble.templates", int), value("assemble.brief", float)),
    )
    published = yaml_text.load(paper.read_text(encoding="utf-8"))["quality"]
    theirs = {row["version"]: {"rows": row["rows"], "richness": row["richness"]} for row in published}
    ours = contrast(talks, versions, PromptParts.read(pack), params, measure)
    metrics.write(report, {"ours": ours, "paper": theirs, "measured_with": measure.model_dump()})


if __name__ == "__main__":
    run(main)
