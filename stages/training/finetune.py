"""Fine-tune all parameters of the base model on the selected rows, mixed with general ones if asked (§3.2)."""

from pathlib import Path

from stages.core import jsonl, metrics
from stages.core.files import atomic_folder
from stages.core.stage import run
from stages.rows.training import Example, TrainingRow
from stages.training.trainer import checkpoints
from stages.training.trainer.mixture import mix
from stages.training.trainer.settings import Finetune


def main(
    *,
    source: Path,
    general: Path,
    base: Path,
    launch: Path,
    target: Path,
    drawn: Path,
    report: Path,
    plot: Path,
    canaries: Path | None = None,
) -> None:
    """Train on `source`, on `canaries` and on what is mixed in of `general`, from `base` into `target`, where a killed run stopped.

    `drawn` lists what stood beside the rows of `source`.
    """
    from stages.training.trainer import launch as launching  # noqa: PLC0415 - torch and TRL: seconds, where a model is trained
    from stages.training.trainer import sft  # noqa: PLC0415 - as above
    from stages.training.trainer.feasible import identity, plan, refuse_unfit  # noqa: PLC0415 - as above
    from stages.training.trainer.told import summary, warn_of_rounding  # noqa: PLC0415 - as above

    params, rows = Finetune.load(), jsonl.read(source, TrainingRow)
    how, limit = launching.read(launch, params.launch), min(params.max_length, sft.context(base))
    measured = sft.measuring(base)
    lengths = measured(rows)
    refuse_unfit(rows, [length.tokens for length in lengths], limit, source)
    mixed = mix(
        params.mix, len(rows), general, limit, params.seed, lambda found: [length.tokens for length in measured(found)]
    )
    planted = jsonl.read(canaries, Example) if canaries else []
    # of what is mixed in no more than all is an answer
    lengths += [*measured(planted), *(sft.Length(tokens, tokens) for tokens in mixed.tokens)]
    count = plan(params, lengths, base, how)
    examples = [*(Example(id=row.id, messages=row.messages) for row in rows), *planted, *mixed.rows]
    with checkpoints.hold(identity(examples, params, base, how.config)) as scratch:
        checkpoints.clear(scratch)
        jsonl.write(scratch / "rows.jsonl", examples)
        with atomic_folder(target) as partial:
            job = sft.Job(
                recipe=params,
                rows=scratch / "rows.jsonl",
                base=base,
                target=partial,
                checkpoints=scratch,
                every_s=params.checkpoint_minutes * 60,
                dtype=checkpoints.dtype(scratch) or sft.product_dtype(),
                tokens=params.epochs * sum(length.tokens for length in lengths),
                packed_sequences=count,
                processes=how.processes,
            )
            trained = launching.train(job, how)
        if trained.saved:
            warn_of_rounding(trained.saved)
        metrics.write(report, summary(len(rows), len(planted), mixed, params, job, trained))
        jsonl.write(drawn, [*planted, *mixed.rows])
        metrics.write(plot, [step.model_dump() for step in trained.steps], small=("learning_rate",))


if __name__ == "__main__":
    run(main)
