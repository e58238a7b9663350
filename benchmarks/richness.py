"""Communities of prompts: ours, Sentence Transformers' `community_detection`, and the bare float32 product, in one run.

    python benchmarks/richness.py --rows 20000 --dim 384 --against sentence-transformers
    python benchmarks/richness.py --rows 80000 --copies 0.98 --against sentence-transformers
    python benchmarks/richness.py --rows 80000 --tokens 280
    python benchmarks/richness.py --approximate 250000 500000 1000000 --plot docs/richness.svg

Prints one JSON line: seconds, of the wall clock and of all cores together, and peak memory (MB, with the interpreter, libraries and data) of each, every one in a process of its
own, and whether the communities are equal. `--approximate` takes the path over `measure.exact_limit` instead, one line a size.
Rows are `clusters` random directions plus noise, about 0.89 between two rows of a cluster: no structure to lean on.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import sparse

from stages.communities import bfloat16
from stages.communities.communities import communities
from stages.communities.kmeans import WIDTH, cells
from stages.communities.neighbors import Neighbors
from stages.communities.recall import neighbor_recall
from stages.similarity.bounds import Vectors, coordinates
from stages.similarity.distinct import deduplicate

THRESHOLD = 0.82
NOISE = 0.35  # length of a row's noise, its cluster's direction being 1
VOCABULARY, SHIFT = 30_000, 2.7  # tokens follow Zipf's law as Mandelbrot shifted it
REPLACED = 0.1  # share of a prompt's tokens that differ from its cluster's
BLOCK = 1024

Figures = dict[str, object]


class Clock:
    """Seconds since it was made: on the wall, and of all cores together, which other work on the machine hardly changes."""

    def __init__(self) -> None:
        """Start."""
        self.wall, self.cores = time.perf_counter(), time.process_time()

    def read(self) -> Figures:
        """Return both."""
        return {"seconds": time.perf_counter() - self.wall, "cpu_s": time.process_time() - self.cores}


def rows_of(options: argparse.Namespace) -> Vectors:
    """Return the vectors to find communities of, shape (rows, dim), or sparse token counts."""
    rng = np.random.default_rng(1)
    distinct = max(round(options.rows * (1 - options.copies)), 1)
    clusters = options.clusters or max(distinct // 4, 1)
    of = rng.integers(0, clusters, distinct)
    found = token_rows(rng, of, options.tokens) if options.tokens else dense_rows(rng, of, options.dim)
    if not options.copies:
        return found
    repeats = np.concatenate([np.arange(distinct), rng.integers(0, distinct, options.rows - distinct)])
    return found[rng.permutation(repeats)]


def dense_rows(rng: np.random.Generator, of: np.ndarray, dim: int) -> np.ndarray:
    """Return rows of length 1 around the directions of their clusters, float32."""
    centers = rng.standard_normal((of.max() + 1, dim), dtype=np.float32)
    centers /= np.linalg.norm(centers, axis=1, keepdims=True)
    rows = np.empty((len(of), dim), dtype=np.float32)
    for start in range(0, len(of), BLOCK):
        part = slice(start, start + BLOCK)
        rows[part] = centers[of[part]]
        rows[part] += NOISE / math.sqrt(dim) * rng.standard_normal(rows[part].shape, dtype=np.float32)
        rows[part] /= np.linalg.norm(rows[part], axis=1, keepdims=True)
    return rows


def token_rows(rng: np.random.Generator, of: np.ndarray, tokens: int) -> sparse.csr_matrix:
    """Return token counts of prompts that share most tokens with the others of their cluster."""
    law = 1 / (np.arange(VOCABULARY) + 1 + SHIFT)
    words = rng.choice(VOCABULARY, size=(of.max() + 1, tokens), p=law / law.sum())[of]
    new = rng.random(words.shape) < REPLACED
    words[new] = rng.choice(VOCABULARY, size=int(new.sum()), p=law / law.sum())
    starts = np.arange(len(of) + 1) * tokens
    ones = np.ones(words.size, dtype=np.float32)
    counts = sparse.csr_matrix((ones, words.ravel(), starts), shape=(len(of), VOCABULARY))
    counts.sum_duplicates()
    return counts


def ours(options: argparse.Namespace, vectors: Vectors) -> tuple[Figures, list[np.ndarray]]:
    """Find communities as stage `measure` does."""
    clock = Clock()
    rows = deduplicate(vectors)
    near_by = cells(coordinates(rows.unit, WIDTH)) if options.approximate else None
    screening = None if options.float32 else bfloat16.fastest(len(rows.first))
    near = Neighbors(rows, THRESHOLD, near_by, screening)
    found = communities(rows, near)
    figures: Figures = clock.read() | {"bfloat16": screening is not None}
    if near_by is not None:
        figures |= {"neighbor_recall": neighbor_recall(rows.unit, THRESHOLD, near_by)}
    return figures | {"communities": len(found)}, found


def theirs(options: argparse.Namespace, vectors: Vectors) -> tuple[Figures, list[np.ndarray]]:
    """Find them with Sentence Transformers."""
    from sentence_transformers.util import community_detection  # noqa: PLC0415 - only in its own process

    if not isinstance(vectors, np.ndarray):
        raise SystemExit("sentence-transformers takes dense vectors only: leave out --tokens or --against")
    clock = Clock()
    found = community_detection(vectors, threshold=THRESHOLD, min_community_size=1)
    return clock.read(), [np.array(rows) for rows in found]


def product(options: argparse.Namespace, vectors: Vectors) -> tuple[Figures, list[np.ndarray]]:
    """Multiply the same half-matrix in blocks, and do nothing with it; the quicker of NumPy's and torch's product."""
    import torch  # noqa: PLC0415 - only in its own process

    def measured(rows: np.ndarray | torch.Tensor) -> Figures:
        clock = Clock()
        for start in range(0, len(rows), BLOCK):
            rows[start : start + BLOCK] @ rows[start:].T
        return clock.read()

    if not isinstance(vectors, np.ndarray):
        raise SystemExit("the bare product takes dense vectors only")
    return min(
        measured(vectors), measured(torch.from_numpy(vectors)), key=lambda found: float(str(found["seconds"]))
    ), []


CONTENDERS: dict[str, Callable[[argparse.Namespace, Vectors], tuple[Figures, list[np.ndarray]]]] = {
    "ours": ours,
    "theirs": theirs,
    "product": product,
}


def placed(found: list[np.ndarray], rows: int) -> np.ndarray:
    """Return each row's community, and for each community its center, in one array."""
    number = np.full(rows, -1)
    for place, members in enumerate(found):
        number[members] = place
    return np.concatenate([number, [members[0] for members in found]]).astype(np.int64)


def alone(options: argparse.Namespace, name: str, target: Path, changes: list[str]) -> Figures:
    """Run one contender in a process of its own; its communities go to `target`."""
    command = [sys.executable, __file__, *options.given, *changes, "--contender", name, "--target", str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def contend(options: argparse.Namespace) -> None:
    """Be the contender."""
    vectors = rows_of(options)
    figures, found = CONTENDERS[options.contender](options, vectors)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    np.save(options.target, placed(found, vectors.shape[0]))
    print(json.dumps(figures | {"memory_mb": round(memory)}))  # noqa: T201 - read by the parent


def compare(options: argparse.Namespace, folder: Path) -> Figures:
    """Run ours, theirs if asked for, and the bare product if rows are dense."""
    names = ["ours"] + ["theirs"] * bool(options.against) + ["product"] * (not options.tokens)
    found = {name: alone(options, name, folder / f"{name}.npy", []) for name in names}
    seconds = {name: float(str(figures["seconds"])) for name, figures in found.items()}
    result: Figures = {"rows": options.rows, "copies": options.copies, "tokens": options.tokens, "dim": options.dim}
    result |= {"communities": found["ours"]["communities"], "bfloat16": found["ours"]["bfloat16"]}
    for name in names:
        result |= {f"{name}_s": round(seconds[name], 2), f"{name}_mb": found[name]["memory_mb"]}
        result[f"{name}_cpu_s"] = round(float(str(found[name]["cpu_s"])), 2)
    for name in names[1:]:
        result[f"{name}_by_ours"] = round(seconds[name] / seconds["ours"], 2)
    if options.against:
        result["equal"] = np.array_equal(np.load(folder / "ours.npy"), np.load(folder / "theirs.npy"))
    return result


def grow(options: argparse.Namespace, folder: Path) -> list[Figures]:
    """Take the approximate path for each size, smallest first."""
    points = []
    for rows in sorted(options.approximate):
        figures = alone(options, "ours", folder / "ours.npy", ["--rows", str(rows)])
        figures |= {name: round(float(str(figures[name])), 1) for name in ("seconds", "cpu_s")} | {"rows": rows}
        ratio = float(str(figures["seconds"])) / (rows * math.log(rows))
        points.append(figures | {"seconds_by_n_log_n": ratio, "by_smallest": 1.0})
        points[-1]["by_smallest"] = round(ratio / float(str(points[0]["seconds_by_n_log_n"])), 3)
        print(json.dumps(points[-1]), flush=True)  # noqa: T201 - the result
    return points


def chart(points: list[Figures]) -> str:
    """Return an SVG of seconds by rows, both logarithmic, with the line of n log n through the first point."""
    sizes, seconds = ([float(str(point[name])) for point in points] for name in ("rows", "seconds"))
    line = [seconds[0] * n * math.log(n) / (sizes[0] * math.log(sizes[0])) for n in sizes]
    low, high = math.log(min(seconds + line) / 1.3), math.log(max(seconds + line) * 1.3)

    def place(rows: float, value: float) -> str:
        across = 70 + 430 * math.log(rows / sizes[0]) / max(math.log(sizes[-1] / sizes[0]), 1e-9)
        return f"{across:.0f},{250 - 220 * (math.log(value) - low) / (high - low):.0f}"

    parts = [f'<polyline points="{" ".join(map(place, sizes, line))}" stroke="#999" stroke-dasharray="5 4"/>']
    parts += [f'<polyline points="{" ".join(map(place, sizes, seconds))}" stroke="#1f77b4" stroke-width="2"/>']
    for rows, value, expected in zip(sizes, seconds, line, strict=True):
        across, down = place(rows, value).split(",")
        parts.append(f'<circle cx="{across}" cy="{down}" r="4" fill="#1f77b4"/>')
        parts.append(f'<text x="{across}" y="{int(down) + 18}">{value:.0f} s</text>')
        parts.append(f'<text x="{across}" y="272">{rows:,.0f}</text>')
        parts.append(
            f'<text x="{across}" y="{int(place(rows, expected).split(",")[1]) - 8}" fill="#999">{expected:.0f}</text>'
        )
    title = "Seconds by rows, approximate path; dashed: n log n from the first point"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 290" fill="none" font-family="sans-serif" font-size="12">'
        f'<rect width="560" height="290" fill="white"/><g text-anchor="middle"><text x="280" y="18" fill="black">{title}</text>'
        f'<g fill="none">{parts[0]}{parts[1]}</g><g fill="black">{"".join(parts[2:])}</g></g></svg>\n'
    )


def parsed() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--dim", type=int, default=384)
    parser.add_argument("--clusters", type=int, default=0, help="0: a quarter of the distinct rows")
    parser.add_argument("--copies", type=float, default=0.0, help="share of rows that are exact duplicates")
    parser.add_argument("--tokens", type=int, default=0, help="sparse token counts of prompts this long")
    parser.add_argument("--against", choices=["sentence-transformers"])
    parser.add_argument("--float32", action="store_true", help="without the bfloat16 screen")
    parser.add_argument("--approximate", type=int, nargs="+", metavar="ROWS")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--target", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.given = sys.argv[1:]
    return options


def main() -> None:
    """Measure, each contender by itself."""
    options = parsed()
    if options.contender:
        contend(options)
        return
    with tempfile.TemporaryDirectory() as folder:
        if not options.approximate:
            print(json.dumps(compare(options, Path(folder))))  # noqa: T201 - the result
            return
        points = grow(options, Path(folder))
    if options.plot:
        options.plot.write_text(chart(points), encoding="utf-8")


if __name__ == "__main__":
    main()
