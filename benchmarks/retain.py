"""One pair of logs before `dial-insight retain`, evalsig and statsmodels: the table in docs/retain.md.

    pip install evalsig statsmodels
    python -m benchmarks.retain --base docs/retain/base --tuned docs/retain/tuned

The others have no margin: they say whether a change differs from zero, not whether a loss is small enough. What is compared is what
all have: the change of accuracy, an interval of 95 %, a p.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import statsmodels.api as sm
from cyclopts import run
from evalsig import compare
from evalsig.io import read_lm_eval_json
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.weightstats import DescrStatsW

from stages.cli.logs.pairing import Both, paired
from stages.cli.logs.run import read
from stages.cli.two_runs.command import Logs, judge

Line = tuple[str, int, float, float, float, float | None]


def of_retain(base: Path, tuned: Path) -> Iterator[Line]:
    """Yield what this project says."""
    for change in judge(Logs(base, tuned)).accuracy.values():
        if change.low is not None and change.high is not None:
            name = "dial-insight retain, subjects drawn whole"
            yield name, change.n, change.delta, change.low, change.high, change.mcnemar_p


def of_evalsig(base: Path, tuned: Path) -> Iterator[Line]:
    """Yield evalsig's comparison by questions and by subjects."""
    for name, cluster in (("evalsig, questions", None), ("evalsig, subjects", "subject")):
        runs = [
            read_lm_eval_json(
                next(path.glob("*.jsonl")), model_id="m", task_id="t", metric_name="acc_norm", cluster_key=cluster
            )
            for path in (base, tuned)
        ]
        found = compare(*runs, cluster=cluster)
        yield f"{name} ({found.method})", found.n_pairs, found.delta, *found.ci, found.p_value


def of_statsmodels(both: Sequence[Both]) -> Iterator[Line]:
    """Yield McNemar's exact test, Student's interval of the paired differences, and one with errors clustered by subject."""
    base, tuned = (np.array([pair[side].right for _, pair in both]) for side in (0, 1))
    table = [[np.sum((base == a) & (tuned == b)) for b in (1, 0)] for a in (1, 0)]
    change, n = tuned - base, len(both)
    exact = float(mcnemar(table, exact=True).pvalue)
    yield "statsmodels, questions (t; McNemar)", n, change.mean(), *DescrStatsW(change).tconfint_mean(), exact
    subjects = np.unique([key.subject for key, _ in both], return_inverse=True)[1]
    fit = sm.OLS(change, np.ones(n)).fit(cov_type="cluster", cov_kwds={"groups": subjects}, use_t=True)
    yield "statsmodels, subjects (clustered errors)", n, change.mean(), *fit.conf_int()[0], float(fit.pvalues[0])


def main(*, base: Path, tuned: Path) -> None:
    """Print the table."""
    both = paired(read(base, "lm-eval", ""), read(tuned, "lm-eval", "")).items
    print("| tool, what is drawn | n | change, points | interval | p |\n|---|---:|---:|---:|---:|")  # noqa: T201 - what is asked for
    for name, n, change, low, high, p in (*of_retain(base, tuned), *of_evalsig(base, tuned), *of_statsmodels(both)):
        shown = f"{100 * low:+.2f} … {100 * high:+.2f}"
        print(f"| {name} | {n} | {100 * change:+.2f} | {shown} | {p:.3f} |")  # noqa: T201 - as above


if __name__ == "__main__":
    run(main)
