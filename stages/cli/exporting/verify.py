"""The exported file before the verdict: what llama.cpp makes of it, beside the model that was judged and beside the base.

The same rows, requests, questions, passages and margins as the graph's: answers to the test set and to the suites of conduct by the
file's own chat template; references, benchmark questions and passages in the judged model's tokens; then stage retain's comparison,
paired by item.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from stages.chat.connect import connect
from stages.chat.messages import Chat
from stages.cli.exporting import references, through_llama_cpp
from stages.cli.exporting.served import Served, Speed
from stages.cli.exporting.through_llama_cpp import FileScorer
from stages.core import jsonl
from stages.core.row import Language, Record
from stages.evaluation import conduct as conducting
from stages.evaluation import predict as predicting
from stages.evaluation.asking.greedy import greedy
from stages.evaluation.benchmarks import rounds as benchmarking
from stages.evaluation.benchmarks.settings import Bench
from stages.evaluation.predict import Predict, drawn, predict
from stages.evaluation.retain import Retain, retain
from stages.evaluation.retention.verdicts import conclusion
from stages.evaluation.rows.conduct import ConductOutcome
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import BenchmarkOutcome, Passage
from stages.evaluation.rows.overlap import Hit
from stages.evaluation.rows.pair import Pair
from stages.evaluation.rows.remote import Remote
from stages.evaluation.rows.score import Score
from stages.evaluation.score import ScoreParams, cosines, score
from stages.evaluation.suites import items as suites
from stages.evaluation.suites.items import Item
from stages.models import chat_template, loading
from stages.models.special_tokens import broken_for
from stages.rows.sample import LabeledSample, Likelihood, Prediction

GROUPS = (
    "accuracy",
    "right_answer",
    "text",
    "kl",
    "disagreement",
    "conduct",
    "references",
)  # what a verdict may rest on
READ = 512  # tokens of a question that is timed


class Same(Record):
    """How many answers are the judged model's, to the character."""

    rows: int
    same: int


class Verified(Record):
    """What was found of a file: the verdict against the judged model and against the base, answers by language, texts cut alike, speed."""

    sha256: str
    judged: dict[str, Any]  # metrics/retention.json's form, and `references` by language
    base: dict[str, Any]
    answers: dict[Language, Same]
    texts: Same  # of the passages and the test rows' questions, how many llama.cpp cuts into the judged model's tokens
    speed: dict[str, float]  # tokens a second, one request at a time: read, said
    threads: int


class Model(NamedTuple):
    """What the graph holds of a model: its folder, outcomes, scores, answers and conduct."""

    folder: Path
    outcomes: Sequence[BenchmarkOutcome]
    scores: Sequence[Score]
    answers: Sequence[Prediction]
    conducts: Sequence[ConductOutcome] = ()


class Asked(NamedTuple):
    """What a file is asked: rows of the test set, rounds of questions with how many a subject, passages, requests that show conduct.

    `seen` are the questions and passages that stood in training rows: they count nowhere, as in the graph.
    """

    rows: Sequence[LabeledSample]
    plan: Sequence[benchmarking.Round]
    limit: int
    passages: Sequence[Passage]
    seen: Sequence[Hit] = ()
    items: Sequence[Item] = ()


class Made(NamedTuple):
    """What llama.cpp made of a file: answers with the references' likelihoods, conduct, outcomes, distances, texts cut alike, speed."""

    answers: Mapping[str, Prediction]
    conducts: Sequence[ConductOutcome]
    outcomes: Sequence[BenchmarkOutcome]
    from_judged: Sequence[Drift]
    from_base: Sequence[Drift]
    texts: Same
    speed: Speed


def held(name: str) -> Model:
    """Return what the graph made of model `name`."""
    data = Path("data")
    return Model(
        Path("models") / name,
        jsonl.read(data / "outcomes" / f"{name}.jsonl", BenchmarkOutcome),
        jsonl.read(data / "scores" / f"{name}.jsonl", Score),
        jsonl.read(data / "predictions" / f"{name}.jsonl", Prediction),
        jsonl.read(data / "outcomes" / f"conduct_{name}.jsonl", ConductOutcome),
    )


def asked(judged: Model, count: int, *, questions: bool, conduct: bool) -> Asked:
    """Return what the judged model was asked: up to `count` rows of each language, its own ones first, questions, passages, requests."""
    params, known = Predict.load(), {row.id for row in judged.answers}
    rows, chosen = jsonl.read(Path("data/labels/test.jsonl"), LabeledSample), list[LabeledSample]()
    for language in sorted({row.language for row in rows} if count else ()):
        here = params.model_copy(update={"languages": frozenset({language}), "rows": count})
        answered = [row for row in rows if row.id in known]
        chosen += drawn(answered, here) or drawn(rows, here)
    bench = Bench.load()
    plan = list(benchmarking.rounds(bench, Path("data/bench"), Path(bench.data))) if questions else []
    passages = jsonl.read(Path("data/bench/general_text.jsonl"), Passage)
    hits = jsonl.read(Path("data/outcomes/overlap.jsonl"), Hit)
    return Asked(chosen, plan, bench.limit, passages, hits, list(_items()) if conduct else [])


def _items() -> Iterator[Item]:
    params = conducting.Conduct.load()
    return suites.load(Path("data/conduct"), params.subjects, params.languages, params.limit)


def verify(path: Path, digest: str, judged: Model, base: Model, what: Asked, threads: int) -> Verified:
    """Have llama.cpp answer and rate all of it, and compare."""
    served = Served(path, threads=threads)
    try:
        made = _made(served, digest, judged, base, what)
    finally:
        served.close()
    reference = _judged(what.rows, judged)
    known = {score.id for score in judged.scores}
    scores = [*judged.scores, *_scores([row for row in what.rows if row.id not in known], reference)]
    own = _scores(what.rows, made.answers)
    answered = {row.id for row in what.rows}
    gained = references.gains([pair for pair in _pairs(base.scores, scores) if pair.base.id in answered], Retain.load())
    return Verified(
        sha256=digest,
        judged=_compared(judged._replace(scores=scores), made, made.from_judged, own, what.seen, gained),
        base=_compared(base, made, made.from_base, own, what.seen, {}),
        answers=_same(what.rows, made.answers, reference),
        texts=made.texts,
        speed=made.speed._asdict(),
        threads=threads,
    )


def _made(served: Served, digest: str, judged: Model, base: Model, what: Asked) -> Made:
    chat, scorer = _through(served, digest), FileScorer(judged.folder, served)
    answers = _answers(what.rows, chat)
    near = references.likelihoods(what.rows, scorer.tokenizer, scorer.max_length, served)
    conducts = conducting.conduct(what.items, conducting.Conduct.load(), chat) if what.items else ()
    texts = [row.text for row in what.rows] + [passage.text for passage in what.passages]
    from_judged, from_base = _drifts(what.passages, scorer, base, served)
    return Made(
        answers=_rated(what.rows, answers, near),
        conducts=list(conducts),
        outcomes=list(benchmarking.bench(scorer, what.plan, what.passages, what.limit)),
        from_judged=from_judged,
        from_base=from_base,
        texts=_cut_alike(texts, scorer.tokenizer, served),
        speed=served.speed(_prompt(what.rows, served)),
    )


def _compared(
    other: Model,
    made: Made,
    drifts: Sequence[Drift],
    scores: Sequence[Score],
    seen: Sequence[Hit],
    gained: Mapping[Language, float],
) -> dict[str, Any]:
    """Return stage retain's comparison with the references among its measures, and the conclusion from all of them.

    `gained` is what may be lost of the references, by language, where the other is the judged model.
    """
    params, pairs = Retain.load(), _pairs(other.scores, scores)
    outcomes, conducts = _pairs(other.outcomes, made.outcomes), _pairs(other.conducts, made.conducts)
    found = retain(outcomes, drifts, pairs, params, conducts, seen).model_dump()
    found["references"] = {
        language: change.model_dump() for language, change in references.changes(pairs, params, gained).items()
    }
    verdicts = {f"{group} {name}": change["verdict"] for group in GROUPS for name, change in found[group].items()}
    return found | conclusion(verdicts, params.tail).model_dump()


def _cut_alike(texts: Sequence[str], tokenizer: Any, served: Served) -> Same:  # noqa: ANN401 - transformers is untyped
    """Count the texts that llama.cpp cuts into the judged model's tokens."""
    plain = [broken_for(tokenizer, text) for text in texts]
    alike = sum(served.tokens(text) == chat_template.tokens(tokenizer, text) for text in plain)
    return Same(rows=len(texts), same=alike)


def _through(served: Served, digest: str) -> Chat:
    """Return the chat with a file; its answers are cached under its name and hash."""
    remote = Remote(
        model=f"{served.path.stem}@{digest[:12]}",
        base_url=f"{served.address}/v1",
        key_env="",
        concurrency=1,
        timeout_s=600,
        retries=1,
        max_requests=0,
    )
    return connect(greedy(Predict.section, Predict.load().batch_tokens, remote), served.path)


def _answers(rows: Sequence[LabeledSample], chat: Chat) -> dict[str, Prediction]:
    return {row.id: row for row in predict(rows, Predict.load(), chat)}


def _rated(
    rows: Sequence[LabeledSample], answers: Mapping[str, Prediction], found: Iterable[Likelihood | None]
) -> dict[str, Prediction]:
    """Return the answers to these rows with how likely their references were found, which an endpoint does not tell."""
    near = zip(rows, found, strict=True)
    return {row.id: answers[row.id].model_copy(update={"reference": likelihood}) for row, likelihood in near}


def _judged(rows: Sequence[LabeledSample], judged: Model) -> dict[str, Prediction]:
    """Return the judged model's answers: the graph's, and what it says now to the rows that the graph did not ask."""
    known = {row.id: row for row in judged.answers}
    open_ = [row for row in rows if row.id not in known]
    if not open_:
        return known
    params = Predict.load()
    answers = _answers(open_, connect(greedy(Predict.section, params.batch_tokens), judged.folder))
    unrated = [row for row in open_ if answers[row.id].reference is None]
    return known | answers | _rated(unrated, answers, predicting.references(unrated, params, judged.folder))


def _drifts(
    passages: Sequence[Passage], scorer: FileScorer, base: Model, served: Served
) -> tuple[list[Drift], list[Drift]]:
    """Return how far the file is from the judged model and from the base, which share a tokenizer."""
    told = "export: KL from the {}"
    to_judged = list(
        through_llama_cpp.drifts(passages, scorer.model, scorer.tokenizer, served, told.format("judged model"))
    )
    model, tokenizer = loading.load(base.folder)
    return to_judged, list(through_llama_cpp.drifts(passages, model, tokenizer, served, told.format("base")))


def _scores(rows: Sequence[LabeledSample], predictions: Mapping[str, Prediction]) -> list[Score]:
    """Return reference similarity; no judge is asked."""
    near = cosines(rows, [predictions[row.id].answer for row in rows], ScoreParams.load().encoder)
    return score(rows, predictions, near, {}) if rows else []


def _pairs(base: Sequence[Any], model: Sequence[Any]) -> list[Pair[Any]]:
    """Return what both were asked, in the order of the first."""
    others = {row.id: row for row in model}
    return [Pair(row, others[row.id]) for row in base if row.id in others]


def _same(
    rows: Sequence[LabeledSample], own: Mapping[str, Prediction], reference: Mapping[str, Prediction]
) -> dict[Language, Same]:
    alike = [(row.language, own[row.id].answer == reference[row.id].answer) for row in rows]
    counts, same = Counter(language for language, _ in alike), Counter(language for language, equal in alike if equal)
    return {language: Same(rows=count, same=same[language]) for language, count in sorted(counts.items())}


def _prompt(rows: Sequence[LabeledSample], served: Served) -> list[int]:
    """Return the first tokens of the test rows' questions."""
    found: list[int] = []
    for row in rows:
        found += served.tokens(row.text)
        if len(found) >= READ:
            break
    return found[:READ] or [0]
