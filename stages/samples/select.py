"""Choose the training rows by quality and diversity, and write them as a data set (§3.3)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import ClassVar, NamedTuple, Self, get_args

from pydantic import Field, model_validator

from stages.core import jsonl, metrics
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.core.params import Section, value
from stages.core.progress import track
from stages.core.row import Language
from stages.core.stage import run
from stages.rows.instruction import FormatKind
from stages.rows.label_quality import Floor, LabelQuality, Quality
from stages.rows.sample import LabeledSample
from stages.rows.training import TrainingRow
from stages.samples.indicators.profile import Traits, profile
from stages.samples.rows.brief import Brief, Briefs
from stages.samples.rows.community import Membership
from stages.samples.rows.difficulty import Difficulty
from stages.samples.selection import dataset_info
from stages.samples.selection.dataset_info import Described
from stages.samples.selection.quotas import RANK, fill, rooms
from stages.samples.selection.strategies import STRATEGIES, Pool, Strategy
from stages.text import tokenizers

REST = ("", "")  # the cell of rows that no quota names

Stratum = tuple[str, str]  # scene and task; task "" stands for all tasks of the scene that have no quota of their own
Quota = float


class Select(Section):
    """Which labeled rows are trained on."""

    section: ClassVar[str] = "select"
    strategy: Strategy
    """`communities`: one row of each in turn, centers first (§3.3); `random`; `deita`; `ifd`: hardest to follow first."""
    target: int = Field(ge=0)
    """Rows wanted for training; 0: all that pass."""
    floor: Floor
    """The lowest quality kept: `high` (a judge model or a person said so), `no_fault`, `medium` (and `doubtful`, the rules' word) or `low` (and `faulty`). A label that a person called low, which is a discard, trains at no floor."""
    languages: frozenset[Language]
    """Of the rows trained on; empty: all. A model learns nothing from rows in a language that it does not know."""
    max_tokens: int = Field(ge=0)
    """Of a prompt with its conversation; longer rows are not trained on. 0: any length."""
    near_duplicate: float = Field(gt=0, le=1)
    """With `communities`: of rows whose prompts + dialogues have at least this cosine, one is taken."""
    quotas: dict[str, Quota | dict[str, Quota]]
    """Share of the target for a scene, or for each task of a scene; all others share the rest."""
    seed: int
    """Of strategy `random`."""

    @model_validator(mode="after")
    def _dividable(self) -> Self:
        shares = list(self.shares.values())
        if any(not 0 <= share <= 1 for share in shares) or sum(shares) > 1 + 1e-9:
            raise ValueError("quotas must be shares from 0 to 1, together at most 1")
        if shares and not self.target:
            raise ValueError("quotas are shares of target: set target above 0, or quotas to {}")
        return self

    @property
    def shares(self) -> dict[Stratum, Quota]:
        """The quotas by cell."""
        return {
            (scene, task): share
            for scene, quota in self.quotas.items()
            for task, share in (quota.items() if isinstance(quota, dict) else [("", quota)])
        }


class Known(NamedTuple):
    """What earlier stages found of the rows, by their ids."""

    verdicts: Mapping[str, LabelQuality]
    places: Mapping[str, Membership]
    difficulties: Mapping[str, Difficulty]


def select(
    rows: Iterable[LabeledSample], briefs: Briefs, known: Known, params: Select
) -> Iterator[TrainingRow | Dropped]:
    """Yield one outcome for each row, in order; `briefs` are the same rows, by which all are judged before the first is yielded.

    Rows that a person discarded go first, whatever the floor, then those below it, in other languages or too long, then those that the strategy leaves out. The others
    are taken in the strategy's order while their cell's quota and the target have room; a quota that the rows cannot fill is
    not filled from elsewhere.
    """
    verdicts = [known.verdicts[row.id] for row in briefs.rows]
    grades = [verdict.quality for verdict in verdicts]
    found = misfits(briefs, grades, params)
    unfit = [Reason.DISCARDED if discarded(one) else reason for one, reason in zip(verdicts, found, strict=True)]
    fit = [n for n, reason in enumerate(unfit) if reason is None]
    pool = Pool(briefs.some(fit), *known, params.near_duplicate, params.seed)
    ranking = STRATEGIES[params.strategy](pool)
    cells = [cell(row, params) for row in pool.rows]
    taken = fill(ranking.order, cells, wanted(params, len(fit)))
    place = {n: position for position, n in enumerate(fit)}
    for n, row in enumerate(rows):
        pool_index = place.get(n, -1)
        if reason := unfit[n]:
            yield Dropped(id=row.id, reason=reason)
        elif pool_index in ranking.out:
            yield ranking.out[pool_index]
        elif pool_index in taken:
            yield TrainingRow.of(row, grades[n])
        else:
            yield Dropped(id=row.id, reason=Reason.OVER_TARGET if cells[pool_index] == REST else Reason.OVER_QUOTA)


def discarded(verdict: LabelQuality) -> bool:
    """Whether a person threw the label out, which low is in a person's mouth; rules and judges call it low (or faulty), and the floor decides."""
    return verdict.layer == "human" and verdict.quality == "low"


def misfits(briefs: Briefs, grades: Sequence[Quality], params: Select) -> list[Reason | None]:
    """Return why each row cannot be trained on, whatever the others are, or None."""
    both = zip(briefs.prompts.lengths, briefs.talks.lengths, strict=True)
    tokens = (prompt + talk for prompt, talk in both)
    return [_misfit(row, long, grade, params) for row, long, grade in zip(briefs.rows, tokens, grades, strict=True)]


def _misfit(row: Brief, tokens: int, grade: Quality, params: Select) -> Reason | None:
    if RANK[grade] > RANK[params.floor]:
        return Reason.LOW_QUALITY
    if params.languages and row.language not in params.languages:
        return Reason.OTHER_LANGUAGE
    return Reason.TOO_LONG if params.max_tokens and tokens > params.max_tokens else None


def cell(row: Brief, params: Select) -> Stratum:
    """Return the quota that counts a row: its scene and task, else its scene, else the rest."""
    strata = ((row.scene, row.task), (row.scene, ""))
    return next((stratum for stratum in strata if stratum in params.shares), REST)


def wanted(params: Select, fit: int) -> dict[Stratum, int]:
    """Return the rows wanted of each cell; what no quota names gets what is left of the target (or of the `fit` rows)."""
    counts = rooms(params.target, params.shares)
    return counts | {REST: (params.target or fit) - sum(counts.values())}


def check_names(rows: Sequence[Brief], params: Select) -> None:
    """Refuse quotas of scenes and tasks that no row has: a slip of the pen would pass for a shortage."""
    scenes, tasks = {row.scene for row in rows}, {row.task for row in rows}
    for scene, task in params.shares:
        if scene not in scenes or (task and task not in tasks):
            raise InputError(
                f"params.yaml: select.quotas: {scene}{task and f'.{task}'}: no labelled row has it; "
                f"scenes: {', '.join(sorted(scenes))}; tasks: {', '.join(sorted(tasks))}"
            )


def check_floor(rows: Sequence[Brief], known: Known, params: Select) -> None:
    """Refuse the floor `high` where no row is: rules alone never say so, and an empty data set would pass for a result."""
    if rows and params.floor == "high" and all(known.verdicts[row.id].quality != "high" for row in rows):
        raise InputError(
            f"params.yaml: select.floor is high, but none of the {len(rows)} labelled rows is: rules alone say no_fault at most; "
            "set select.floor=no_fault, or llm.judge, or decide in data/review/judge.jsonl"
        )


def figures(briefs: Briefs, chosen: Set[str], known: Known, params: Select, top_n: int) -> dict[str, object]:
    """Return what metrics/selection.json holds: the indicators of all rows and of the chosen ones, and how quotas were met.

    Both are counted over the communities of all rows, so that the richness of two selections can be compared.
    """
    rows = briefs.rows
    traits = Traits(
        briefs.prompts.lengths,
        briefs.talks.lengths,
        [known.places[row.id].community for row in rows],
        [known.verdicts[row.id].quality for row in rows],
        [(row.task, row.ask.kind) for row in rows],
    )
    possible = len({row.task for row in rows}) * len(get_args(FormatKind))
    taken = [n for n, row in enumerate(rows) if row.id in chosen]
    return {
        "strategy": params.strategy,
        "target": params.target,
        "all": profile(traits, top_n, possible),
        "selected": profile(traits.of(taken), top_n, possible),
        "quotas": _quotas(rows, chosen, params),
    }


def _quotas(rows: Sequence[Brief], chosen: Set[str], params: Select) -> dict[str, object]:
    there, taken = (Counter(cell(row, params) for row in some) for some in (rows, (r for r in rows if r.id in chosen)))
    return {
        ".".join(filter(None, stratum)): {"wanted": count, "labelled": there[stratum], "taken": taken[stratum]}
        for stratum, count in wanted(params, len(rows)).items()
        if stratum != REST
    }


def main(
    *,
    source: Path,
    qualities: Path,
    communities: Path,
    difficulties: Path,
    target: Path,
    ledger: Path,
    report: Path,
) -> None:
    """Read labelled rows and what is known of them, write the data set, its description and the metrics.

    The rows are read twice, so that no more than their tokens are in memory.
    """
    params, tokenizer = Select.load(), tokenizers.chosen()
    briefs = Briefs.of(track(jsonl.stream(source, LabeledSample), "select: reading", "rows"), tokenizer)
    known = Known(
        jsonl.by_id(qualities, LabelQuality),
        jsonl.by_id(communities, Membership),
        jsonl.by_id(difficulties, Difficulty),
    )
    rows = briefs.rows
    if missing := [row.id for row in rows if row.id not in known.verdicts or row.id not in known.places]:
        raise InputError(f"{communities}: {len(missing)} rows without verdict or community; run `dvc repro measure`")
    check_names(rows, params)
    check_floor(rows, known, params)
    chosen = list[Described]()
    outcomes = described(select(jsonl.stream(source, LabeledSample), briefs, known, params), chosen)
    jsonl.write_outcomes(target / "train.jsonl", track(outcomes, "select", "rows", len(rows)), ledger, len(rows))
    selection = figures(briefs, {row.id for row in chosen}, known, params, value("measure.top_n", int))
    metrics.write(report, selection)
    dataset_info.card(target, chosen, selection, params.floor)
    dataset_info.entry(target)


def described(outcomes: Iterable[TrainingRow | Dropped], chosen: list[Described]) -> Iterator[TrainingRow | Dropped]:
    """Yield the outcomes, and keep of each row that is chosen what the card says of it."""
    for outcome in outcomes:
        if isinstance(outcome, TrainingRow):
            chosen.append(Described.of(outcome))
        yield outcome


if __name__ == "__main__":
    run(main)
