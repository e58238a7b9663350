"""What saving makes of a training, and what reading makes of the difference: the same trained weights, saved and read in several ways.

    python -m benchmarks.saving --rows data/train/train.jsonl --base models/base --folder /tmp/saving

Trains the first `--first` of `--rows` at `--rate` (by default the training of benchmarks/short_training.py, whatever params.yaml says; once: FOLDER/float32 is
used again) and saves the weights in float32, rounded to the base's
dtype to the nearest, and at random with `--seeds` seeds. Then one JSON line for each: the figures that stage `finetune` gives
(`survives`, `noise`, norms, weights equal to the base's), the loss on the training rows, nats a token of the answers, as trained
and as saved, and KL(trained‖saved) on general text. Last, a line for each pair of models and dtype of reading: KL(base‖model),
disagreement, and the same of the base against itself by another attention (`noise`). One pair is the control: the base,
saved by the trainer's code without a step.
"""

import argparse
import copy
import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from benchmarks import short_training
from stages.core import jsonl
from stages.evaluation.divergence.kl import Divergence, ModelPair
from stages.evaluation.rows.outcome import Passage
from stages.models import loading
from stages.models.likelihood import LikelihoodScorer
from stages.rows.training import Example, TrainingRow
from stages.training.trainer import saving, sft
from stages.training.trainer.settings import Finetune, SaveDtype


def trained(examples: Sequence[Example], recipe: Finetune, base: Path, target: Path) -> None:
    """Train as stage `finetune` would, one process and no packing, into `target`, saved in float32."""
    with TemporaryDirectory(dir=target.parent) as held:
        folder = Path(held)
        jsonl.write(folder / "rows.jsonl", examples)
        job = sft.Job(
            recipe=recipe.model_copy(update={"save_dtype": "float32", "interpolate": 1.0}),
            rows=folder / "rows.jsonl",
            base=base,
            target=target,
            checkpoints=folder,
            every_s=86400.0,
            dtype=sft.product_dtype(),
            tokens=recipe.epochs * sum(sft.lengths(examples, base)),
            packed_sequences=0,
            processes=1,
        )
        sft.train(job)


def examples_of(rows: Sequence[TrainingRow]) -> list[Example]:
    """Return what stage `finetune` reads of the rows."""
    return [Example(id=row.id, messages=row.messages) for row in rows]


def saved(source: Path, base: Path, target: Path, how: SaveDtype, seed: int, share: float = 1.0) -> saving.Saved:
    """Save the model in `source`, or a share of its way from `base`, as stage `finetune` saves what it trained from there."""
    model, tokenizer = loading.load(source)
    weights = {name: weight for name, weight in model.state_dict().items() if name not in model.all_tied_weights_keys}
    figures = saving.save(model, weights, base, target, how, seed, share)
    tokenizer.save_pretrained(target)
    return figures


def loss(model: Path, rows: Sequence[TrainingRow], tokens: int) -> float:
    """Return the mean loss of the rows' answers, nats a token."""
    pairs = [(row.messages[0].content, row.messages[-1].content) for row in rows]
    found = [one for one in LikelihoodScorer(model, tokens, "predict").given(pairs, f"loss: {model.name}") if one]
    return sum(one.nll for one in found) / sum(one.tokens for one in found)


def pair(base: Path, model: Path, dtype: torch.dtype) -> ModelPair:
    """Return both models read in `dtype`, with logits in float32 as they were read up to 0.2.0."""
    read = ModelPair(base, model)
    if dtype != torch.float32:
        for each in (read.base, read.tuned):
            head = copy.deepcopy(each.get_output_embeddings())
            head.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))
            each.to(dtype).set_output_embeddings(head)
    return read


def figures(read: Sequence[Divergence]) -> dict[str, float]:
    """Return KL in nats a token and the share of tokens at which another one is preferred."""
    tokens, kl, agree = (sum(column) for column in zip(*read, strict=True))
    return {"kl": round(kl / tokens, 9), "disagreement": round(1 - agree / tokens, 6)}


def rounding(options: argparse.Namespace, texts: Sequence[str]) -> Iterator[dict[str, object]]:
    """Yield a line for the base and for each way of saving what was trained."""
    rows, whole = short_training.rows(options)[:: options.every], options.folder / "float32"
    yield {"saved": "base", "loss": round(loss(options.base, rows, options.batch_tokens), 4)}
    plans: list[tuple[SaveDtype, int]] = [
        ("float32", 1),
        ("base_nearest", 1),
        *(("base", seed) for seed in range(1, options.seeds + 1)),
    ]
    for how, seed in plans:
        target = options.folder / f"{how}_{seed}"
        kept = saved(whole, options.base, target, how, seed).model_dump()
        apart = figures([models.compare(text) for models in [ModelPair(whole, target)] for text in texts])
        yield {
            "saved": target.name,
            **kept,
            "loss": round(loss(target, rows, options.batch_tokens), 4),
            "from_trained": apart,
        }


def reading(options: argparse.Namespace, texts: Sequence[str]) -> Iterator[dict[str, object]]:
    """Yield a line for each model and dtype of reading, the base saved again first."""
    control = options.folder / "base_again"
    saved(options.base, options.base, control, "float32", 1)
    for model in (control, options.folder / "float32", options.folder / "base_nearest_1", options.folder / "base_1"):
        for dtype in (torch.bfloat16, torch.float32):
            models = pair(options.base, model, dtype)
            yield {
                "model": model.name,
                "read_in": str(dtype).removeprefix("torch."),
                **figures([models.compare(text) for text in texts]),
                "noise": figures([models.noise(text) for text in texts[:: options.noise]]),
            }


def main() -> None:
    """Train if needed, save, read, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    short_training.add_arguments(parser)
    parser.add_argument("--folder", type=Path, required=True, help="for the trained model and its variants")
    parser.add_argument("--every", type=int, default=1, help="of so many training rows the loss of one is measured")
    parser.add_argument("--passages", type=int, default=40, help="of data/bench/general_text.jsonl, evenly spaced")
    parser.add_argument("--noise", type=int, default=4, help="of so many passages the noise is read in one")
    parser.add_argument("--seeds", type=int, default=1, help="of rounding at random")
    parser.add_argument("--batch-tokens", type=int, default=2048)
    options = parser.parse_args()
    short_training.claim(options)
    if not (options.folder / "float32").is_dir():
        examples = examples_of(short_training.rows(options))
        trained(examples, short_training.recipe(options), options.base, options.folder / "float32")
    passages = jsonl.read(Path("data/bench/general_text.jsonl"), Passage)
    texts = [passage.text for passage in passages[:: max(1, len(passages) // options.passages)]]
    for line in chain(rounding(options, texts), reading(options, texts)):
        print(json.dumps(line), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
