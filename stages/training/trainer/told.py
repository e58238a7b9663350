"""What is told of a training: its metrics, and a warning where rounding undid it."""

from stages.core.progress import note
from stages.models import loading
from stages.training.trainer import saving, sft
from stages.training.trainer.mixture import Mixed
from stages.training.trainer.settings import Finetune


def summary(
    rows: int, canaries: int, mixed: Mixed, params: Finetune, job: sft.Job, trained: sft.TrainingResult
) -> dict[str, object]:
    """Return what metrics/training.json holds; losses in nats a token of the answers."""
    losses = [step.loss for step in trained.steps]
    return {
        "rows": rows,
        "canaries": canaries,
        "mixed_rows": len(mixed.rows),
        "mix": mixed.counts,
        "epochs": params.epochs,
        "steps": len(losses),
        "tokens": trained.tokens,
        "parameters": loading.parameters(job.base),
        "packs": job.packed_sequences,
        "processes": trained.processes,
        "dtype": job.dtype,
        "loss": {"first": losses[0], "last": losses[-1], "mean": sum(losses) / len(losses)},
        "saved": trained.saved.model_dump() if trained.saved else None,
    }


def warn_of_rounding(saved: saving.Saved) -> None:
    """Say when rounding undid more of the update than `saving.LEAST` allows."""
    if saved.survives is not None and saved.survives < saving.LEAST:
        note(
            f"finetune: {saved.survives:.0%} of the update survive saving in {saved.dtype}, {saved.equal_to_base:.0%} of the weights are "
            "the base's again: what follows is not the trained model; set finetune.save_dtype: float32, or base to halve the disk it takes"
        )
