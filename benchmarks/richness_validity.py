"""Which reading of "vector representation using the tokenizer" (§3.3) finds the redundancy that is there: sets of known redundancy.

    python benchmarks/richness_validity.py                     the table of docs/richness.md, minutes on two cores
    python benchmarks/richness_validity.py --sentences         with sentence vectors too, many minutes more
    python benchmarks/richness_validity.py --public FOLDER     and public prompts (JSONL with `instruction`), all different

A set has n prompts of k asks, each in up to `WORDINGS` wordings made by rules, within the scaffolds that the packs' templates give.
Its true richness is k/n. Asks are hand-written instructions and combinations of two or three; each belongs to one half, by its hash:
the development half chooses each candidate's threshold, the other half tells how well it does there. No model writes anything.
"""

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import product
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple, get_args

import numpy as np
from scipy import sparse
from scipy.stats import spearmanr

from stages.communities.greedy import claims
from stages.communities.neighbors import Neighbors
from stages.core import jsonl, yaml_files
from stages.core.row import Language
from stages.library.domain_pack import Instructions
from stages.prompting.splicing import PromptParts, Splicer
from stages.rows.instruction import Instruction
from stages.rows.pair import Pair
from stages.rows.prompt import DIALOGUE
from stages.similarity.bounds import Vectors
from stages.similarity.distinct import deduplicate
from stages.similarity.pairs import products
from stages.similarity.vectors import sentence_vectors, tfidf_vectors, token_id_vectors, vectors
from stages.text import tokenizers

PACKS = ("real_estate", "bank_service")
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.82, 0.9, 0.95, 0.98)
WORDINGS = 4
SIZES = (200, 400)  # prompts of a set
SHARES = (0.01, 0.05, 0.2, 0.5, 0.8, 1.0)  # k/n
Kind = Literal["spliced", "fixed", "bare", "slots"]
Mix = Literal["en", "zh", "mixed"]

# Pairs of words of which either stands in a wording; a pair may change the style a little, never what is asked.
WORDS: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        ("customer", "client"), ("conversation", "dialogue"), ("provider", "agent"), ("State", "Say"), ("Give", "Provide"),
        ("give", "provide"), ("Name", "List"), ("Identify", "Find"), ("Extract", "Pick out"), ("Summarize", "Sum up"),
        ("Write", "Compose"), ("reason", "ground"), ("must", "has to"), ("only", "solely"), ("whether", "if"),
        ("such as", "for example"), ("Leave out", "Omit"), ("Do not", "Never"), ("at most", "no more than"), ("short", "brief"),
        ("quote", "cite"), ("words", "wording"), ("important", "relevant"), ("show", "reveal"),
    ),
    "zh": (
        ("客户", "顾客"), ("对话", "沟通记录"), ("服务者", "服务人员"), ("提取", "找出"), ("列出", "写出"), ("说明", "讲明"), ("指出", "点明"),
        ("判断", "评判"), ("总结", "概括"), ("分析", "剖析"), ("给出", "提供"), ("不要", "勿"), ("依据", "根据"), ("原因", "缘由"),
        ("是否", "有没有"), ("需求", "诉求"), ("以及", "和"), ("例如", "比如"), ("必须", "务必"), ("问题", "疑点"), ("简短", "简洁"),
    ),
}  # fmt: skip
OPENINGS: dict[Language, tuple[str, ...]] = {
    "en": ("", "Please do the following. ", "Your job: ", "I would like you to do this: ", "Here is the request. "),
    "zh": ("", "请完成：", "麻烦你做一件事：", "具体要求是：", "需要你做的是："),
}
CLOSINGS: dict[Language, tuple[str, ...]] = {
    "en": ("", " Thank you.", " Take your time.", " That is all."),
    "zh": ("", "谢谢。", "就这些。", "不着急。"),
}
SENTENCE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r".+?(?:[.;?!:](?=\s)|$)", re.DOTALL),
    "zh": re.compile(r"[^。！？；]+[。！？；]?"),
}
SLOTS: dict[Language, str] = {
    "en": "The file is number {0}, opened on {1} for a matter of {2},000 pounds in district {3}. ",
    "zh": "本案编号{0}，于{1}日建档，涉及金额{2}万元，属第{3}片区。",
}


class Ask(NamedTuple):
    """Something asked, and the pack it is of."""

    instruction: Instruction
    pack: str


class Row(NamedTuple):
    """A prompt without its conversation: the whole, the narrative part of it, the bare instruction in the same wording."""

    prompt: str
    narrative: str
    instruction: str


class Known(NamedTuple):
    """A set of prompts and its true richness."""

    name: str
    rows: list[Row]
    richness: float


def asks(half: int, root: Path = Path()) -> list[Ask]:
    """Return the hand-written instructions of a half: those of the packs and of the test sets, but rewordings of others."""
    found = list[Ask]()
    for pack in PACKS:
        written = yaml_files.load(root / "prompts" / pack / "instructions.yaml", Instructions).instructions
        own = (Instruction.new(**row.model_dump(exclude={"id"}), origin="pack") for row in written)
        # the first version: the figures of docs/richness.md are of it
        stored = min(
            (root / "data/test" / pack).glob("*/instructions.jsonl"),
            key=lambda path: path.parent.name != "v1",
            default=None,
        )
        others = jsonl.stream(stored, Instruction) if stored else ()
        found += [Ask(row, pack) for row in (*own, *others) if row.operator != "rephrase" and not row.knowledge]
    return [row for row in found if blake2b(row.instruction.text.encode(), digest_size=1).digest()[0] % 2 == half]


def distinct_asks(base: Sequence[Ask], language: Language, count: int, rng: Random) -> list[Ask]:
    """Return `count` different asks: single ones first, then combinations of two or three of one pack."""
    single = [row for row in base if row.instruction.language == language]
    rng.shuffle(single)
    made, known = single[:count], set[frozenset[str]]()
    while len(made) < count:
        first = rng.choice(single)
        others = [row for row in single if row.pack == first.pack and row is not first]
        parts = [first, *rng.sample(others, rng.choice((1, 1, 2)))]
        key = frozenset(row.instruction.id for row in parts)
        if key not in known:
            known.add(key)
            text = ("" if language == "zh" else " ").join(row.instruction.text for row in parts)
            made.append(Ask(first.instruction.model_copy(update={"text": text}), first.pack))
    return made


def reworded(text: str, language: Language, number: int) -> str:
    """Return wording `number` of a text, 0 being its own: other words, its later sentences in another order, a frame."""
    if not number:
        return text
    rng = Random(f"{text}/{number}")
    for one, other in WORDS[language]:
        if rng.random() < 0.5:
            text = re.sub(rf"\b{one}\b", other, text) if language == "en" else text.replace(one, other)
    head, *tail = (part.strip() for part in SENTENCE[language].findall(text))
    if rng.random() < 0.5:
        rng.shuffle(tail)
    body = ("" if language == "zh" else " ").join([head, *tail])
    return rng.choice(OPENINGS[language]) + body + rng.choice(CLOSINGS[language])


def spliced(ask: Ask, text: str, pack: PromptParts, kind: Kind, rng: Random) -> Row:
    """Return a prompt around `text`, in a scaffold of the pack."""
    if kind == "bare":
        return Row(text, text, text)
    instruction = ask.instruction.model_copy(update={"text": text})
    scene = rng.choice(pack.domain.scenes).id
    pair = Pair.new(
        dialogue="d",
        instruction=instruction.id,
        language=instruction.language,
        scene=scene,
        source=rng.choice(pack.domain.sources).id,
        role=rng.choice([row for row in pack.domain.roles if scene in row.scenes]).id,
        task=instruction.task,
        ask=instruction.ask(rng.choice(instruction.formats)),
    )
    splicer = Splicer(pack, 1 if kind == "fixed" else 0)
    parts = splicer.splice(pair, instruction, "", kind == "fixed" or rng.random() < 0.5, rng).parts
    whole = "\n\n".join(part.text for part in parts).replace(DIALOGUE, "")
    return Row(whole, next(part.text for part in parts if part.kind == "narrative"), text)


def known_set(base: Sequence[Ask], packs: dict[str, PromptParts], mix: Mix, n: int, share: float, kind: Kind) -> Known:
    """Return n prompts of share × n asks, each ask at least once."""
    rng = Random(f"{mix}/{n}/{share}/{kind}")
    count = max(round(share * n), 1)
    halves: list[tuple[Language, int]] = [("en", count - count // 2), ("zh", count // 2)]
    wanted = halves if mix == "mixed" else [(language, count) for language in get_args(Language) if language == mix]
    found = [row for language, part in wanted if part for row in distinct_asks(base, language, part, rng)]
    rows = list[Row]()
    for ask in [*found, *rng.choices(found, k=n - len(found))]:
        language = ask.instruction.language
        text = reworded(ask.instruction.text, language, rng.randrange(WORDINGS))
        if kind == "slots":
            numbers = (rng.randrange(10**5), rng.randrange(1, 29), rng.randrange(100, 999), rng.randrange(40))
            text = SLOTS[language].format(*numbers) + text
        rows.append(spliced(ask, text, packs[ask.pack], kind, rng))
    return Known(f"{mix} n={n} k/n={share} {kind}", rows, len(found) / n)


def public(folder: Path, packs: dict[str, PromptParts], base: Sequence[Ask], most: int) -> Iterator[Known]:
    """Yield public prompts, all taken as different: bare, and each within a scaffold."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in {".jsonl", ".json"})
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        texts = dict.fromkeys(
            str(row["instruction"]) for row in map(json.loads, filter(None, lines)) if row.get("instruction")
        )
        language: Language = "zh" if "zh" in path.stem else "en"
        frames = [row for row in base if row.instruction.language == language]
        for kind in ("bare", "spliced"):
            rng = Random(f"{path.name}/{kind}")
            rows = [
                spliced(row, text, packs[row.pack], kind, rng)
                for text in list(texts)[:most]
                for row in [rng.choice(frames)]
            ]
            yield Known(f"public {path.stem} n={len(rows)} {kind}", rows, 1.0)


def shingles(texts: Sequence[str], width: int, letters: bool = False) -> sparse.csr_matrix:
    """Return runs of `width` tokens (or characters) × their rarity, one column a run."""
    rows: Sequence[Sequence[int] | str] = texts if letters else tokenizers.encoder(tokenizers.QWEN)(texts)
    runs = [[tuple(row[n : n + width]) for n in range(max(len(row) - width + 1, 1))] for row in rows]
    names: dict[tuple[object, ...], int] = {}
    columns = [sorted({names.setdefault(run, len(names)) for run in row}) for row in runs]
    starts = np.cumsum([0, *map(len, columns)])
    flat = np.array([column for row in columns for column in row], dtype=np.int64)
    rarity = np.log(len(texts) / np.bincount(flat, minlength=len(names))).astype(np.float32)
    found = sparse.csr_matrix((rarity[flat], flat, starts), shape=(len(texts), len(names)))
    found.eliminate_zeros()
    return found


def without_common_runs(texts: Sequence[str], width: int = 4, share: float = 0.01, least: int = 6) -> sparse.csr_matrix:
    """Return tfidf vectors of what is left when runs of `width` tokens that many prompts share are taken out."""
    rows = tokenizers.encoder(tokenizers.QWEN)(texts)
    holders: dict[tuple[int, ...], int] = {}
    for row in rows:
        for run in {tuple(row[n : n + width]) for n in range(len(row) - width + 1)}:
            holders[run] = holders.get(run, 0) + 1
    most = max(share * len(rows), least)
    names: dict[int, int] = {}
    left = list[list[int]]()
    for row in rows:
        common = {
            n + step
            for n in range(len(row) - width + 1)
            if holders[tuple(row[n : n + width])] > most
            for step in range(width)
        }
        left.append([names.setdefault(token, len(names)) for n, token in enumerate(row) if n not in common])
    flat = np.array([token for row in left for token in row], dtype=np.int64)
    starts = np.cumsum([0, *map(len, left)])
    counts = sparse.csr_matrix(
        (np.ones(len(flat), dtype=np.float32), flat, starts), shape=(len(rows), max(len(names), 1))
    )
    counts.sum_duplicates()
    counts.data *= np.log(len(rows) / np.bincount(counts.indices, minlength=counts.shape[1]))[counts.indices].astype(
        np.float32
    )
    counts.eliminate_zeros()
    return counts


Make = Callable[[Sequence[str]], Vectors]
MAKES: dict[str, Make] = {
    "token counts": lambda texts: vectors(texts, "tokens"),
    "padded token ids": lambda texts: token_id_vectors(texts, tokenizers.QWEN),
    "tfidf": lambda texts: tfidf_vectors(texts, tokenizers.QWEN),
    "tfidf of 3 tokens": lambda texts: shingles(texts, 3),
    "tfidf of 4 characters": lambda texts: shingles(texts, 4, letters=True),
    "tfidf without common runs": without_common_runs,
    "sentence vectors": sentence_vectors,
}
HEADINGS = (
    "compared",
    "by",
    "threshold",
    "error, development half",
    "error, other half",
    "rank",
    "worst",
    "error at .82",
)
CANDIDATES = [
    *product(("prompt",), MAKES),
    *product(("narrative", "instruction"), ("token counts", "tfidf", "tfidf of 3 tokens", "tfidf of 4 characters")),
]


class AllPairs(Neighbors):
    """Neighborhoods at one threshold of cosines that are all at hand, for small sets and many thresholds."""

    def __init__(self, cosines: np.ndarray, weights: np.ndarray, threshold: float) -> None:
        """Compare."""
        near = cosines >= threshold - 1e-6
        self.listed = True
        self.neighborhood_size = near @ weights
        self.matrix = sparse.csr_matrix(near)

    def graph(self) -> sparse.csr_matrix:
        """Return who is near whom."""
        return self.matrix


def richness(texts: Sequence[str], make: Make, thresholds: Sequence[float]) -> list[float]:
    """Return the richness of texts at each threshold, by the communities of stage `measure`."""
    places = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    rows = deduplicate(make(list(places)))
    cosines = products(rows.unit, rows.unit)
    np.fill_diagonal(cosines, 1)
    weights = np.bincount(rows.group[[places[text] for text in texts]], minlength=len(rows.first))
    return [len(claims(AllPairs(cosines, weights, threshold))) / len(texts) for threshold in thresholds]


def evaluated(sets: Sequence[Known], part: str, name: str, thresholds: Sequence[float]) -> np.ndarray:
    """Return richness, shape (sets, thresholds)."""
    return np.array([richness([getattr(row, part) for row in one.rows], MAKES[name], thresholds) for one in sets])


def half_sets(half: int, packs: dict[str, PromptParts], sizes: Sequence[int]) -> list[Known]:
    """Return the sets of a half: spliced, in fixed scaffolds, bare, and with slots filled in."""
    base = asks(half)
    mixes: tuple[Mix, ...] = get_args(Mix)
    plans: list[tuple[Mix, int, float, Kind]] = [
        (mix, n, share, "spliced") for mix in mixes for n in sizes for share in SHARES
    ]
    others: tuple[tuple[float, Kind], ...] = (
        (0.05, "fixed"),
        (1.0, "fixed"),
        (0.05, "bare"),
        (1.0, "bare"),
        (0.05, "slots"),
    )
    plans += [(mix, sizes[0], share, kind) for mix in mixes[:2] for share, kind in others]
    return [known_set(base, packs, *plan) for plan in plans]


def main() -> None:
    """Choose thresholds on one half, print how every candidate does on the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--large", type=int, default=4000, help="rows of three further sets of the other half; 0: none")
    parser.add_argument("--parts", nargs="+", default=Row._fields, choices=Row._fields, help="what is compared")
    parser.add_argument("--by", nargs="+", default=list(MAKES), choices=MAKES, help="how it is compared")
    parser.add_argument("--sentences", action="store_true")
    parser.add_argument("--public", type=Path)
    options = parser.parse_args()
    packs = {name: PromptParts.read(Path("prompts") / name) for name in PACKS}
    development, other = (half_sets(half, packs, options.sizes) for half in (0, 1))
    base = asks(1)
    large = [
        known_set(base, packs, "mixed", options.large, share, "spliced")
        for share in (0.002, 0.05, 0.25)
        if options.large
    ]
    large += list(public(options.public, packs, base, options.large or 1000)) if options.public else []
    line(*HEADINGS, *(f"{one.name}: {one.richness:.4f}" for one in large), "seconds")
    line(*["---"] * (len(HEADINGS) + len(large) + 1))
    truth, told = (np.array([one.richness for one in sets])[:, None] for sets in (development, other))
    for part, name in CANDIDATES:
        if (
            part not in options.parts
            or name not in options.by
            or (name == "sentence vectors" and not options.sentences)
        ):
            continue
        started = time.perf_counter()
        errors = np.abs(evaluated(development, part, name, THRESHOLDS) - truth).mean(axis=0)
        threshold, error = THRESHOLDS[int(errors.argmin())], float(errors.min())
        found = evaluated(other, part, name, (threshold, 0.82))
        missed = np.abs(found - told)
        rank = spearmanr(found[:, 0], told[:, 0]).statistic
        shown = [f"{float(evaluated([one], part, name, (threshold,))[0, 0]):.4f}" for one in large]
        figures = (
            threshold,
            *(f"{value:.3f}" for value in (error, missed[:, 0].mean(), rank, missed[:, 0].max(), missed[:, 1].mean())),
        )
        line(part, name, *figures, *shown, f"{time.perf_counter() - started:.0f}")


def line(*cells: object) -> None:
    """Print a row of the table."""
    print("|", " | ".join(map(str, cells)), "|", flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
