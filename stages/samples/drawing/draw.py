"""Which pairs of dialogue and instruction are drawn: by a hash of the pair, so that a new row changes no other pair's place."""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from stages.core.shares import part
from stages.samples.drawing.quotas import quotas

# Not by stages.core.draws: of millions of pairs each needs a number, and NumPy hashes a million in the time of a few generators.
CELLS = 1 << 22  # hashes computed at once (32 MiB)
LAST = np.uint64(2**64 - 1)  # the key of a pair that may not be drawn
FIRST = np.uint64(40)  # bits by which the key of a pair that comes first is shifted down
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Dialogues(NamedTuple):
    """Columns of equal length, a dialogue each."""

    key: np.ndarray  # uint64, see `keys`
    group: np.ndarray  # int: a dialogue and an instruction of one group can be paired
    tokens: np.ndarray  # int
    scene: np.ndarray  # int
    source: np.ndarray  # int


class Prompts(NamedTuple):
    """Columns of equal length, an instruction in one of its forms each."""

    key: np.ndarray  # uint64
    group: np.ndarray  # int
    tokens: np.ndarray  # int
    task: np.ndarray  # int


class Candidates(NamedTuple):
    """What can be paired: prompts with dialogues of their group, up to `limit` tokens together."""

    dialogues: Dialogues
    prompts: Prompts
    limit: int
    first: Mapping[int, np.ndarray] = {}  # of a dialogue, the prompts that come before all others


def keys(ids: Iterable[str], seed: int = 0) -> np.ndarray:
    """Return one uint64 for each id, the same on every machine."""
    salt = str(seed).encode()[:16]
    digests = [hashlib.blake2b(key.encode(), digest_size=8, key=salt).digest() for key in ids]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def mixed(values: np.ndarray) -> np.ndarray:
    """Return the values scrambled: the finalizer of SplitMix64, a bijection of 64-bit numbers."""
    # No generator and no state: a pair's place among all pairs must not depend on which other rows there are, nor on the
    # order they are read in. Multiplying and shifting does that for whole matrices at once; SHA-256 would hash pair by pair.
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def pair_keys(dialogues: np.ndarray, prompts: np.ndarray) -> np.ndarray:
    """Return the rendezvous hash of every pair, uint64, shape (dialogues, prompts)."""
    # The dialogue is mixed by itself first: a bare XOR would give (a, b) and (b, a), and any two pairs of equal XOR, one key.
    return mixed(mixed(dialogues * GOLDEN)[:, None] ^ prompts[None, :])


def supplies(candidates: Candidates, tasks: int) -> np.ndarray:
    """Return how many prompts of each task fit each dialogue, int, shape (dialogues, tasks)."""
    dialogues, prompts, limit, _ = candidates
    fits = np.zeros((len(dialogues.key), tasks), dtype=np.int64)
    for group in np.unique(dialogues.group):
        members = dialogues.group == group
        for task in range(tasks):
            # Sorted once, the prompts that fit are a prefix: a bisection a dialogue instead of a comparison a pair.
            lengths = np.sort(prompts.tokens[(prompts.group == group) & (prompts.task == task)])
            fits[members, task] = np.searchsorted(lengths, limit - dialogues.tokens[members], side="right")
    return fits


def draw(
    count: int, reserve: float, scenes: Sequence[float], tasks: Sequence[float], sources: int, candidates: Candidates
) -> list[tuple[int, int, bool]]:
    """Return up to `count` pairs (dialogue, prompt, False), in order: weighted by scene and task, balanced over the sources.

    `reserve` more of each cell, as a share rounded up, come with True; they do not change the others.

    Within a scene and source, no dialogue is drawn a second time before each that has a fitting prompt was drawn once, over
    all tasks together (tasks in order, as nearly as supplies allow). Which dialogues, and which of their prompts, the
    hash of the pair says.
    """
    dialogues, fits = candidates.dialogues, supplies(candidates, len(tasks))
    cells = np.zeros((len(scenes), len(tasks), sources), dtype=np.int64)
    for task in range(len(tasks)):
        np.add.at(cells[:, task], (dialogues.scene, dialogues.source), fits[:, task])
    wanted = quotas(count, scenes, tasks, cells)
    used = np.zeros(len(dialogues.key), dtype=np.int64)
    drawn: list[tuple[int, int, bool]] = []
    for scene, source in np.argwhere(wanted.sum(axis=1) > 0).tolist():
        members = np.flatnonzero((dialogues.scene == scene) & (dialogues.source == source))
        for task in np.flatnonzero(wanted[scene, :, source]).tolist():
            # `used` runs on over the tasks of a scene and source: who was drawn for an earlier task waits in the next one.
            main = wanted[scene, task, source]
            quota = min(main + math.ceil(part(reserve, main)), fits[members, task].sum())
            turns = _turns(quota, used[members], fits[members, task])
            pairs = _cell(members, turns, task, used, candidates)[:quota]
            np.add.at(used, pairs[:main, 0], 1)
            drawn += ((*pair, place >= main) for place, pair in enumerate(pairs.tolist()))
    return sorted(drawn)


def _turns(quota: int, used: np.ndarray, fits: np.ndarray) -> np.ndarray:
    """Return how many pairs of each dialogue can come into question: those up to the turn that fills the quota."""
    # Turn t is the dialogue's t-th draw. The lowest t by which the cell has `quota` pairs is looked for by bisection, as the
    # number of pairs up to t only grows: so no key is computed of a pair that cannot be drawn.
    low, high = int(used.min()), int((used + fits).max())
    while low < high:
        middle = (low + high) // 2
        enough = np.clip(middle - used, 0, fits).sum() >= quota
        low, high = (low, middle) if enough else (middle + 1, high)
    return np.asarray(np.clip(low - used, 0, fits))


def _cell(members: np.ndarray, turns: np.ndarray, task: int, used: np.ndarray, candidates: Candidates) -> np.ndarray:
    """Return pairs of one cell, int, shape (pairs, 2): the lowest turns (times drawn before) first, ties by key."""
    groups = candidates.dialogues.group[members]
    parts = [
        part
        for group in np.unique(groups[turns > 0])
        for part in _first(
            members[(groups == group) & (turns > 0)], turns[(groups == group) & (turns > 0)], task, candidates
        )
    ]
    place, key, dialogue, prompt = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((key, used[dialogue] + place))
    return np.stack([dialogue[order], prompt[order]], axis=1)


def _first(
    rows: np.ndarray, depth: np.ndarray, task: int, candidates: Candidates
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Yield (place, key, dialogue, prompt) of the first `depth` pairs by key of each dialogue of one group, in blocks."""
    dialogues, prompts, limit, ahead = candidates
    columns = np.flatnonzero((prompts.group == dialogues.group[rows[0]]) & (prompts.task == task))
    size = max(CELLS // max(len(columns), 1), 1)
    for start in range(0, len(rows), size):
        block, deep = rows[start : start + size], depth[start : start + size]
        key = pair_keys(dialogues.key[block], prompts.key[columns])
        for number, dialogue in enumerate(block.tolist()):
            if dialogue in ahead:
                key[number, np.isin(columns, ahead[dialogue])] >>= FIRST
        # Too long pairs sort behind all others; `depth` counts fitting prompts only, so none of them is ever reached.
        key[dialogues.tokens[block][:, None] + prompts.tokens[columns][None, :] > limit] = LAST
        first = np.argsort(key, axis=1, kind="stable")[:, : deep.max()]
        row, place = np.nonzero(np.arange(first.shape[1])[None, :] < deep[:, None])
        column = first[row, place]
        yield place, key[row, column], block[row], columns[column]
