"""How fast prompts are spliced, and how many of them are distinct, against the way it was: every template compiled anew.

    python benchmarks/prompts.py --pairs 40000

Pairs are drawn at random from the pack's hand-written instructions. Prints one JSON line: seconds, CPU seconds and prompts a second
of both ways (`anew_*` over a tenth of the pairs, scaled up), distinct prompts and their share, mean and longest prompt in tokens,
and the distinct prompts and mean tokens by `assemble.brief`, over 2,000 pairs.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from unittest.mock import patch

from stages.core import yaml_files
from stages.library import meta_prompts
from stages.library.domain_pack import Instructions
from stages.library.knowledge import fits
from stages.prompting import splicing
from stages.prompting.assemble import Assemble, assemble
from stages.prompting.splicing import PromptParts
from stages.rows.instruction import Instruction
from stages.rows.pair import Pair
from stages.rows.prompt import DIALOGUE, Prompt
from stages.text import tokenizers

SETTINGS = Assemble(brief=0.7, templates=0, max_tokens=1000, seed=1)


def drawn(instructions: Sequence[Instruction], pack: PromptParts, count: int) -> Iterator[Pair]:
    """Yield pairs of one conversation each, over all instructions, scenes, roles, sources and forms."""
    rng = Random(1)
    places = [(scene, role) for role in pack.domain.roles for scene in role.scenes]
    while count:
        row, (scene, role) = rng.choice(instructions), rng.choice(places)
        if scene not in (row.scenes or [scene]) or role.id not in (row.roles or [role.id]):
            continue
        if fits(row, scene, pack.knowledge):
            count -= 1
            yield Pair.new(
                dialogue=f"dialogue-{count}",
                instruction=row.id,
                language=row.language,
                scene=scene,
                source=rng.choice(pack.domain.sources).id,
                role=role.id,
                task=row.task,
                ask=row.ask(rng.choice(row.formats)),
            )


def timed(
    pairs: Sequence[Pair], instructions: Sequence[Instruction], pack: PromptParts
) -> tuple[list[Prompt], float, float]:
    """Return the prompts, and the seconds and CPU seconds they took."""
    wall, cpu = time.perf_counter(), time.process_time()
    prompts = list(assemble(pairs, instructions, pack, SETTINGS))
    return prompts, time.perf_counter() - wall, time.process_time() - cpu


def anew(pairs: Sequence[Pair], instructions: Sequence[Instruction], pack: PromptParts) -> tuple[float, float]:
    """Return seconds and CPU seconds when each wording is compiled for each prompt."""
    compile_now = meta_prompts.SANDBOX.from_string
    with (
        patch.object(meta_prompts, "_compiled", compile_now),
        patch.object(splicing, "_filled", splicing._filled.__wrapped__),
    ):
        _, wall, cpu = timed(pairs, instructions, pack)
    return wall, cpu


def tokens(prompts: Sequence[Prompt]) -> list[int]:
    """Return the length of each prompt without its conversation."""
    return tokenizers.lengths((row.text.replace(DIALOGUE, "") for row in prompts), tokenizers.QWEN)


def by_brief(pairs: Sequence[Pair], instructions: Sequence[Instruction], pack: PromptParts) -> dict[str, list[float]]:
    """Return distinct prompts and mean tokens for some shares of briefs."""
    found = {}
    for brief in (0.0, 0.5, 0.7, 1.0):
        prompts = list(assemble(pairs, instructions, pack, SETTINGS.model_copy(update={"brief": brief})))
        found[str(brief)] = [len({row.text for row in prompts}), round(sum(tokens(prompts)) / len(prompts), 1)]
    return found


def main() -> None:
    """Measure both ways in one run, the old one first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=40_000)
    parser.add_argument("--pack", type=Path, default=Path("prompts/real_estate"))
    options = parser.parse_args()
    pack = PromptParts.read(options.pack)
    written = yaml_files.load(options.pack / "instructions.yaml", Instructions).instructions
    instructions = [Instruction.new(**row.model_dump(exclude={"id"}), origin="pack") for row in written]
    pairs = list(drawn(instructions, pack, options.pairs))
    tokenizers.lengths(["warm"], tokenizers.QWEN)  # its vocabulary is loaded once for all stages
    tenth = pairs[: max(len(pairs) // 10, 1)]
    scale = len(pairs) / len(tenth)
    old = [scale * seconds for seconds in anew(tenth, instructions, pack)]
    prompts, wall, cpu = timed(pairs, instructions, pack)
    distinct, lengths = len({row.text for row in prompts}), tokens(prompts)
    figures: dict[str, object] = {"pairs": len(pairs), "instructions": len(instructions)}
    figures |= {"seconds": round(wall, 2), "cpu_seconds": round(cpu, 2), "prompts_per_second": round(len(pairs) / wall)}
    figures |= {
        "anew_seconds": round(old[0], 2),
        "anew_cpu_seconds": round(old[1], 2),
        "times_faster": round(old[1] / cpu, 1),
    }
    figures |= {"distinct": distinct, "share": round(distinct / len(pairs), 4)}
    figures |= {"tokens": round(sum(lengths) / len(lengths), 1), "longest": max(lengths)}
    figures |= {"by_brief": by_brief(pairs[:2000], instructions, pack)}
    print(json.dumps(figures))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
