"""How many samples each cell gets: weighted, balanced, never more than it can supply (§2.3, step 1)."""

from collections.abc import Sequence

import numpy as np

from stages.samples import largest_remainder


def apportion(count: int, weights: np.ndarray, supply: np.ndarray, owed: np.ndarray) -> np.ndarray:
    """Return whole numbers near the shares of `count` by `weights`, at most `supply`, summing to min(count, all supply).

    Largest remainder; what a full entry cannot take goes to the others by their weights. `owed` is added to the shares
    beforehand: what rounding kept from an entry earlier. Ties: the earlier entry.
    """
    return largest_remainder.whole(shares(count, weights, supply) + owed, count, supply)


def shares(count: int, weights: np.ndarray, supply: np.ndarray) -> np.ndarray:
    """Return `count` divided by `weights` over the entries with supply, none above it: real numbers."""
    portions, left, free = np.zeros(len(supply)), float(min(count, supply.sum())), supply > 0
    while left > 0 and free.any():
        part = left * weights / weights[free].sum()
        full = free & (part >= supply)
        if not full.any():
            return np.where(free, part, portions)
        portions[full] = supply[full]
        left -= supply[full].sum()
        free &= ~full
    return portions


def quotas(count: int, scenes: Sequence[float], tasks: Sequence[float], supply: np.ndarray) -> np.ndarray:
    """Return the samples of each cell, int, shape (scenes, tasks, sources), as `supply`: the pairs a cell has.

    A cell weighs its scene's × its task's weight; the sources of a scene share evenly. Divided in that order (scenes, then
    tasks in a scene, then sources), so that few samples over many cells keep the weights of scenes and tasks; what
    rounding keeps from a task or a source in one scene it is owed in the next.
    """
    counts = np.zeros(supply.shape, dtype=np.int64)
    task_weights, even = np.asarray(tasks, dtype=float), np.ones(supply.shape[2])
    owed_tasks, owed_sources = np.zeros(supply.shape[1]), np.zeros(supply.shape[2])
    by_scene = apportion(count, np.asarray(scenes, float), supply.sum(axis=(1, 2)), np.zeros(supply.shape[0]))
    for scene, in_scene in enumerate(by_scene.tolist()):
        room = supply[scene].sum(axis=1)
        by_task = apportion(in_scene, task_weights, room, owed_tasks)
        owed_tasks += shares(in_scene, task_weights, room) - by_task
        for task, in_task in enumerate(by_task.tolist()):
            counts[scene, task] = apportion(in_task, even, supply[scene, task], owed_sources)
            owed_sources += shares(in_task, even, supply[scene, task]) - counts[scene, task]
    return counts
