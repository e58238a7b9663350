"""Entailment by likelihood: how much likelier a model finds an answer after its conversation, and after one with the sides exchanged.

An answer that the conversation bears out should become likelier by it, sentence for sentence, and less likely where the provider said
what the customer said. The language model is the base model; of the shipped one, which knows no Chinese, English rows alone say anything.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.invention_signals import Signal, key
from stages.core.progress import track
from stages.models import chat_template
from stages.rows.dialogue import PARTY_NAMES
from stages.rows.sample import LabeledSample
from stages.samples.rules.rules import SENTENCE

ENOUGH = 5  # tokens of a sentence that is looked at by itself


class Rated(NamedTuple):
    """Negative log-likelihoods of an answer's sentences in nats: after its conversation, alone, after the exchanged one; and their tokens."""

    given: list[float]
    alone: list[float]
    swapped: list[float]
    tokens: list[int]

    def gain(self, before: Sequence[float]) -> float:
        """Return nats a token that the answer is less likely after its conversation than `before`; above zero is suspicious."""
        return (sum(self.given) - sum(before)) / sum(self.tokens)

    def worst(self, before: Sequence[float]) -> float:
        """Return the same of the sentence where it is most; of the whole answer where no sentence is long enough."""
        each = zip(self.given, before, self.tokens, strict=True)
        return max(((given - other) / n for given, other, n in each if n >= ENOUGH), default=self.gain(before))


def exchanged(row: LabeledSample) -> str:
    """Return the conversation with provider and customer in each other's place at the head of each turn."""
    names = PARTY_NAMES[row.language]
    other = {names["provider"]: names["customer"], names["customer"]: names["provider"]}
    return re.sub(rf"^({'|'.join(other)})\b", lambda found: other[found[1]], row.conversation, flags=re.MULTILINE)


def rated(rows: Sequence[LabeledSample], base: Path | None, kept: Path) -> dict[str, Rated]:
    """Return what the model in `base` makes of each answer, by row and answer; without a model, what the file `kept` has of before."""
    known = _read(kept)
    left = [row for row in rows if key(row) not in known]
    if left and base:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with kept.open("a", encoding="utf-8") as file:
            for row, one in track(_computed(left, base), "invention: likelihoods", "answers", len(left)):
                file.write(json.dumps({"key": key(row), **one._asdict()}) + "\n")
                file.flush()
                known[key(row)] = one
    return known


def _read(kept: Path) -> dict[str, Rated]:
    lines = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()] if kept.exists() else []
    return {line.pop("key"): Rated(**line) for line in lines}


def _computed(rows: Sequence[LabeledSample], base: Path) -> Iterator[tuple[LabeledSample, Rated]]:
    import torch  # noqa: PLC0415 - seconds, and only where something is left to compute

    from stages.models import loading  # noqa: PLC0415 - as above

    model, tokenizer = loading.load(base)
    for row in rows:
        encoded = tokenizer(row.answer, add_special_tokens=False, return_offsets_mapping=True)
        ids, ends = encoded["input_ids"], [found.end() for found in SENTENCE.finditer(row.answer)]
        place = [bisect_right(ends, start) for start, _ in encoded["offset_mapping"]]

        def by_sentence(text: str, ids: list[int] = ids, place: list[int] = place) -> list[float]:
            before = chat_template.asked(tokenizer, [{"role": "user", "content": text}])
            with torch.inference_mode():
                logits = model(
                    input_ids=torch.tensor([before + ids]), use_cache=False, logits_to_keep=len(ids) + 1
                ).logits
            losses = torch.nn.functional.cross_entropy(logits[0, :-1], torch.tensor(ids), reduction="none").tolist()
            return [round(sum(losses[n] for n in at), 4) for at in _grouped(place)]

        given, alone, swapped = map(by_sentence, (row.conversation, "", exchanged(row)))
        yield row, Rated(given, alone, swapped, [len(at) for at in _grouped(place)])


def _grouped(place: Sequence[int]) -> list[list[int]]:
    """Return the numbers of the tokens of each sentence that has some."""
    return [[n for n, at in enumerate(place) if at == sentence] for sentence in sorted(set(place))]


def likelihoods(found: Mapping[str, Rated]) -> dict[str, Signal]:
    """Return the signals of likelihood; None for rows that have not been rated."""
    told: dict[str, Callable[[Rated], float]] = {
        "likelihood, gained by the conversation, mean": lambda one: one.gain(one.alone),
        "likelihood, gained by the conversation, worst sentence": lambda one: one.worst(one.alone),
        "likelihood, lost with the sides exchanged, mean": lambda one: one.gain(one.swapped),
        "likelihood, lost with the sides exchanged, worst sentence": lambda one: one.worst(one.swapped),
        "likelihood after the conversation (perplexity)": lambda one: sum(one.given) / sum(one.tokens),
    }

    def of_rated(tell: Callable[[Rated], float]) -> Signal:
        return lambda row: tell(found[key(row)]) if key(row) in found else None

    return {name: of_rated(tell) for name, tell in told.items()}
