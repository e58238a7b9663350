"""Which measure tells the same ask from another one, for instructions in both languages.

    python benchmarks/similarity.py
    python benchmarks/similarity.py --model FOLDER      # and the mean-pooled hidden states of a model folder

Prints the area under the ROC curve (AUC) of each measure, with a 95 % interval whose clusters are instructions, by what it
has to tell apart and by language:

- drift: children that people kept, from those that lost the task, each beside its parent;
- family: a child beside its parent, from the same child beside the other parents of its task;
- rewriting: an instruction of the test set beside the one it was rewritten from, from those of the same task;
- nothing new: children that people call unchanged or stagnant, from those they kept, each beside its parent;
- paraphrase: the same ask in other words, from another ask in much the same words (made to be hard).

Then, of the shipped measure, what people kept and what they eliminated, as quantiles: the bounds of `evolve` lie between them.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from threadpoolctl import threadpool_limits

from stages.cli.marked_child import MarkedChild, Paraphrase
from stages.core import jsonl, yaml_files
from stages.core.row import Language
from stages.library.domain_pack import Instructions
from stages.rows.instruction import Instruction
from stages.similarity.instructions import instruction_similarity
from stages.similarity.vectors import count_vectors, sentence_vectors
from stages.statistics.bootstrap import Resampling, paired
from stages.text import tokenizers

RESAMPLING = Resampling(confidence=0.95, resamples=500, seed=1)
NEW_TEXT = ("unchanged", "stagnant")
Measure = Callable[["Pair"], float]


class Pair(NamedTuple):
    """Two instructions, and whether the measure should be high (as `high`: the same ask, or nothing new)."""

    question: str
    language: Language
    left: str
    right: str
    high: bool


def child_pairs(rows: Sequence[MarkedChild]) -> Iterator[Pair]:
    """Yield the pairs of marked children; crossovers have two parents and are left out."""
    own = {(row.language, row.task, row.parent.text) for row in rows}
    for row in rows:
        kept, same = row.verdict == "keep", row.reason in NEW_TEXT
        if row.operator == "crossover" or not (kept or same or row.reason == "lost_task"):
            continue
        text, beside = text_of(row), row.parent.text
        if kept or row.reason == "lost_task":
            yield Pair("drift", row.language, text, beside, kept)
        if kept or same:
            yield Pair("nothing new", row.language, text, beside, same)
            yield Pair("family", row.language, text, beside, True)
            others = sorted(other for language, task, other in own if (language, task) == (row.language, row.task))
            yield from (Pair("family", row.language, text, other, False) for other in others if other != beside)


def text_of(row: MarkedChild) -> str:
    """Return the instruction of a reply: of the object in it, or the free text before its list of fields."""
    found = re.search(r"\{.*\}", row.reply, re.DOTALL)
    if found:
        return str(json.loads(found[0])["instruction"])
    return re.split(r"\s*(?:Fields|字段)[:：]", row.reply)[0]


def rewriting_pairs(stored: Sequence[Instruction], pack: Sequence[Instruction]) -> Iterator[Pair]:
    """Yield each rewritten instruction of the test set with its parent and with the others of its task."""
    known = {row.id: row for row in pack}
    for row in stored:
        if len(row.parents) == 1 and (parent := known.get(row.parents[0])):
            for other in pack:
                if (other.language, other.task) == (row.language, row.task):
                    yield Pair("rewriting", row.language, row.text, other.text, other.id == parent.id)


def paraphrase_pairs(rows: Sequence[Paraphrase]) -> Iterator[Pair]:
    """Yield each instruction with its paraphrase and with its neighbor."""
    for row in rows:
        yield Pair("paraphrase", row.language, row.text, row.paraphrase, True)
        yield Pair("paraphrase", row.language, row.text, row.other, False)


def measures(texts: Sequence[str], pack: Sequence[str], model: Path | None) -> dict[str, Measure]:
    """Return the candidates by name. Inverse document frequencies are those of the pack's instructions."""
    place = {text: number for number, text in enumerate(texts)}

    def cosine(matrix: np.ndarray) -> Measure:
        unit = matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)
        return lambda pair: float(unit[place[pair.left]] @ unit[place[pair.right]])

    found: dict[str, Measure] = {
        "shipped: pairs of characters, stems": lambda pair: instruction_similarity(
            pair.left, pair.right, pair.language
        ),
        "token counts": cosine(count_vectors(texts, tokenizers.QWEN).toarray()),
        "MiniLM": cosine(sentence_vectors(texts)),
    }
    for runs in ((2, 2), (2, 3)):
        name = f"runs of {'–'.join(map(str, sorted(set(runs))))} characters"
        plain = CountVectorizer(analyzer="char", ngram_range=runs).fit_transform(texts)
        weighted = TfidfVectorizer(analyzer="char", ngram_range=runs).fit(pack).transform(texts)
        found |= {name: cosine(plain.toarray()), f"{name}, idf": cosine(weighted.toarray())}
    for layer, states in hidden_states(texts, model).items():
        found[f"{layer} states"] = cosine(states)
        found[f"{layer} states, centered"] = cosine(states - states.mean(axis=0))
    return found


def hidden_states(texts: Sequence[str], folder: Path | None) -> dict[str, np.ndarray]:
    """Return the mean-pooled states of the middle and the last layer, shape (texts, width); nothing without a model."""
    if folder is None:
        return {}
    import torch  # noqa: PLC0415 - seconds to import, and mostly no model is asked for

    from stages.models import loading  # noqa: PLC0415

    torch.set_num_threads(1)
    model, tokenizer = loading.load(folder)
    pooled: dict[str, list[np.ndarray]] = {"middle": [], "last": []}
    with torch.inference_mode():
        for text in texts:
            states = model(
                **tokenizer(text, return_tensors="pt").to(model.device), output_hidden_states=True
            ).hidden_states
            for name, layer in (("middle", states[len(states) // 2]), ("last", states[-1])):
                pooled[name].append(layer[0].float().mean(dim=0).cpu().numpy())
    return {name: np.stack(rows) for name, rows in pooled.items()}


def lead(scores: Sequence[float], high: Sequence[float]) -> float | None:
    """Return Somers' D, 2 · AUC − 1: how much more often a high pair scores above another than below; None without both kinds."""
    places, wanted = rankdata(scores), np.asarray(high, dtype=bool)
    count = int(wanted.sum())
    if count in (0, len(wanted)):
        return None
    return 2 * float((places[wanted].sum() - count * (count + 1) / 2) / (count * (len(wanted) - count))) - 1


def compared(pairs: Sequence[Pair], found: dict[str, Measure]) -> Iterator[str]:
    """Yield a line a question, language and measure."""
    for question, language in sorted({(pair.question, pair.language) for pair in pairs}):
        some = [pair for pair in pairs if (pair.question, pair.language) == (question, language)]
        yield f"{question}, {language}: {sum(pair.high for pair in some)} of {len(some)} pairs"
        for name, measure in found.items():
            scores = [measure(pair) for pair in some]
            made = paired(lead, scores, [float(pair.high) for pair in some], [pair.left for pair in some], RESAMPLING)
            if made and made.low is not None and made.high is not None:
                area, low, high = ((1 + end) / 2 for end in (made.value, made.low, made.high))
                yield f"  {area:.3f} [{low:.3f}, {high:.3f}]  {name}"


def bounded(rows: Sequence[MarkedChild]) -> Iterator[str]:
    """Yield quantiles of the shipped measure, child beside parent, by part, language and what people say."""
    plain = [row for row in rows if row.operator != "crossover"]
    kinds: dict[str, Callable[[MarkedChild], bool]] = {
        "kept, points": lambda row: row.verdict == "keep" and row.operator != "breadth",
        "kept, breadth": lambda row: row.verdict == "keep" and row.operator == "breadth",
        "unchanged or stagnant": lambda row: row.reason in NEW_TEXT,
        "lost task": lambda row: row.reason == "lost_task",
    }
    for part, language in (("dev", "en"), ("dev", "zh"), ("held_out", "en"), ("held_out", "zh")):
        for kind, chosen in kinds.items():
            some = [row for row in plain if (row.part, row.language) == (part, language) and chosen(row)]
            alike = [instruction_similarity(text_of(row), row.parent.text, row.language) for row in some]
            if alike:
                low, five, half, ninety, top = np.quantile(alike, [0, 0.05, 0.5, 0.95, 1])
                yield f"{part} {language} {kind} ({len(alike)}): {low:.2f} | 5 % {five:.2f} | median {half:.2f} | 95 % {ninety:.2f} | {top:.2f}"


def main() -> None:
    """Read the marked texts, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="folder of a causal model in safetensors: its hidden states, too")
    parser.add_argument("--questions", nargs="*", help="these alone; all without")
    options = parser.parse_args()
    children = jsonl.read(Path("data/calibration/children.jsonl"), MarkedChild)
    pack = pack_rows(Path("prompts/real_estate/instructions.yaml"))
    stored = jsonl.read(Path("data/test/real_estate/v1/instructions.jsonl"), Instruction)
    pairs = [
        *child_pairs(children),
        *rewriting_pairs(stored, pack),
        *paraphrase_pairs(jsonl.read(Path("data/calibration/paraphrases.jsonl"), Paraphrase)),
    ]
    pairs = [pair for pair in pairs if not options.questions or pair.question in options.questions]
    texts = sorted({text for pair in pairs for text in (pair.left, pair.right)})
    with threadpool_limits(1):
        for line in compared(pairs, measures(texts, [row.text for row in pack], options.model)):
            print(line, flush=True)  # noqa: T201 - the result
    print(*bounded(children), sep="\n")  # noqa: T201


def pack_rows(path: Path) -> list[Instruction]:
    """Return the hand-written instructions of a domain pack as rows."""
    written = yaml_files.load(path, Instructions).instructions
    return [Instruction.new(**row.model_dump(exclude={"id"}), origin="pack", author=row.id) for row in written]


if __name__ == "__main__":
    main()
