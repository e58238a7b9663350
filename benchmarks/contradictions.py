r"""How many prompts have parts that contradict each other or what is asked, by kind, in files of any version.

    python benchmarks/contradictions.py --pack prompts/real_estate data/prompts/assembled.jsonl --instructions data/instructions/library.jsonl
    python benchmarks/contradictions.py --pack prompts/real_estate data/test/real_estate/current/prompts.jsonl \
        --instructions data/test/real_estate/current/instructions.jsonl --references data/test/real_estate/current/references.jsonl

What a wording says is looked up in the pack as it is now, by its id; what wordings said that were since mended is looked for in the
texts, word for word. Prints one JSON line: prompts, how many of each kind, how many with any; and with `--references` the labels
that are the same answer each time they are asked, three times at least.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from stages.core import jsonl
from stages.library.domain_pack import Instructions
from stages.prompting.contradictions import contradictions
from stages.prompting.splicing import PromptParts
from stages.rows.instruction import Instruction
from stages.rows.prompt import Prompt
from stages.rows.sample import Reference

# What mended wordings said.
MATCHED = ("in the same order under every key", "matched by position across keys; give", "parallel to each other", "same order under all keys",
           "or parallel arrays", "各键的顺序一一对应", "（各键按位置对应）", "多项时为相互对应的字符串数组", "各键顺序一致", "或相互对应的字符串数组")  # fmt: skip
ONE_SENTENCE = ("Each item is one sentence", "每条一句话")
RANKED = (
    "most important item first",
    "one to a line, the weightiest first",
    "按重要程度从高到低",
    "每行一条，最重要的排在最前",
)
ASSERTED = ("are discussed.", "双方围绕", "内容涉及")  # of a scene
NUMBERED = ('"1."', "“1.”")
NAMES = {  # of the kinds, by what a wording says or is
    "only_conversation": "only the conversation, beside other knowledge",
    "every_point": "every point, of a label or a message",
    "announces": "the conversation is announced after it",
    "matched_arrays": "arrays matched by position, of unrelated fields",
    "one_record": "one record, of a list of items",
    "manner": "a length or a tone of its own, of what was really said",
}
CONSTANT = 3  # times that a label is asked


def kinds(prompt: Prompt, asked: Instruction, pack: PromptParts) -> Iterator[str]:
    """Yield the kinds of contradiction in a prompt."""
    form = next((part.text for part in prompt.parts if part.kind in ("format", "directive")), "")
    matched = any(phrase in form for phrase in MATCHED)
    for line in contradictions(prompt, asked, pack):
        said = next((name for name in NAMES if f"says {name} " in line), "")
        if said == "one_record" and matched:  # what the wording of that id said before
            continue
        label = "unsuited to format label" in line and ("task_type_named" in line or "class_named" in line)
        yield NAMES.get(said) or (
            "a label, and the task is called reasoning or the like" if label else "unsuited to the form or task"
        )
    items = not {"table", "list"}.isdisjoint(asked.formats)
    if prompt.ask.kind == "json" and not items and matched:
        yield NAMES["matched_arrays"]
    if prompt.ask.kind == "list" and len(asked.fields) > 1 and any(phrase in form for phrase in ONE_SENTENCE):
        yield "one sentence an item, of several sub-items"
    if prompt.ask.kind == "list" and any(phrase in form for phrase in RANKED):
        yield "ranked, whatever order the task sets"
    scene, example = prompt.part("scene"), prompt.part("examples")
    if scene and any(phrase in scene.text for phrase in ASSERTED):
        yield "a scene says what is discussed"
    if example and prompt.ask.kind == "list" and any(mark in form for mark in NUMBERED) != ("1. " in example.text):
        yield "an example with other marks"
    if prompt.ask.kind == "label" and (asked.fields or prompt.ask.fields):
        yield "a label, and fields are asked for"


def constant(prompts: Sequence[Prompt], answers: dict[str, Reference]) -> dict[str, str]:
    """Return the labels that are the same in all references of an instruction, by its id: `ANSWER × TIMES`."""
    given = defaultdict[str, list[str]](list)
    for row in prompts:
        if row.ask.kind == "label" and row.pair in answers:
            given[row.instruction].append(answers[row.pair].answer)
    return {
        key: f"{found[0]} × {len(found)}"
        for key, found in given.items()
        if len(found) >= CONSTANT and len(set(found)) == 1
    }


def main() -> None:
    """Count over all files together."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prompts", type=Path, nargs="+")
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--instructions", type=Path, required=True)
    parser.add_argument("--references", type=Path)
    options = parser.parse_args()
    pack, library = PromptParts.read(options.pack), jsonl.by_id(options.instructions, Instruction)
    library |= {row.id: row for row in Instructions.read(options.pack).reply_asks}
    prompts = [row for path in options.prompts for row in jsonl.read(path, Prompt)]
    found = [set(kinds(row, library[row.instruction], pack)) for row in prompts]
    figures: dict[str, object] = {"prompts": len(prompts), "with_any": sum(bool(row) for row in found)}
    figures |= dict(sorted(Counter(kind for row in found for kind in row).items()))
    if options.references:
        figures["constant_labels"] = constant(prompts, jsonl.by_id(options.references, Reference))
    print(json.dumps(figures, ensure_ascii=False))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
