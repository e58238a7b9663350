"""TRL's trainer with the output layer over the answers alone, where TRL itself takes it over every position: without Triton, so on a CPU."""

from typing import Any

import torch
from torch.nn.functional import cross_entropy
from trl import SFTTrainer

IGNORED = -100  # the label of a position without loss


class AnswerTrainer(SFTTrainer):  # type: ignore[misc]
    """The same loss and gradients: hidden states of what is given never meet the vocabulary, and entropy and hits are not counted."""

    def compute_loss(
        self,
        model: Any,  # noqa: ANN401 - transformers is untyped
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:  # noqa: ANN401 - as above
        """Return the summed loss of the batch's answers over `num_items_in_batch`, the answer tokens of the whole step."""
        if return_outputs or self.aux_loss_enabled or inputs["input_ids"].device.type != "cpu":
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        labels = inputs["labels"]
        following = torch.cat([labels[:, 1:], labels.new_full((len(labels), 1), IGNORED)], dim=1)
        predicting = following != IGNORED
        given = {name: value for name, value in inputs.items() if name != "labels"}
        logits = model(**given, use_cache=False, logits_to_keep=predicting).logits  # (answer tokens, vocabulary)
        loss = cross_entropy(logits.float().flatten(0, -2), following[predicting], reduction="sum")
        count = predicting.sum() if num_items_in_batch is None else num_items_in_batch
        shared = (
            self.accelerator.num_processes if num_items_in_batch is not None else 1
        )  # gradients are averaged over them
        return loss * shared / torch.as_tensor(count).clamp(min=1)
