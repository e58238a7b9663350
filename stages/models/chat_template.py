"""Conversations as a model's chat template puts them, in tokens: one place for training, answering and rating, so that they agree.

A special token within a text is text (`special_tokens`): only the template's own marks begin and end turns.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import TemplateError

from stages.core.errors import ModelError
from stages.models.special_tokens import broken_for

Turn = Mapping[str, str]  # role and content, as OpenAI writes them


def tokens(tokenizer: Any, text: str) -> list[int]:  # noqa: ANN401 - transformers is untyped
    """Return the tokens of a text outside of a template; none of them is special."""
    return _ids(tokenizer, broken_for(tokenizer, text))


def asked(tokenizer: Any, turns: Sequence[Turn]) -> list[int]:  # noqa: ANN401 - as above
    """Return the tokens after which the model's answer begins. Raises ModelError where the template takes no such turns."""
    return _ids(tokenizer, _rendered(tokenizer, turns, asks=True))


def answered(tokenizer: Any, turns: Sequence[Turn]) -> tuple[list[int], list[int]]:  # noqa: ANN401 - as above
    """Return the tokens before the last turn, an answer, and those of the answer with the mark that ends it.

    Raises ModelError where the template puts the same question otherwise when it is to be answered: a model would be trained on
    what it never sees.
    """
    question, whole = asked(tokenizer, turns[:-1]), _ids(tokenizer, _rendered(tokenizer, turns, asks=False))
    if whole[: len(question)] != question:
        raise ModelError(
            f"{tokenizer.name_or_path}: its chat template puts a question otherwise before its answer than where it is to be "
            "answered: training and prediction would differ; mend chat_template.jinja or take another base.source"
        )
    return question, whole[len(question) :]


def _rendered(tokenizer: Any, turns: Sequence[Turn], asks: bool) -> str:  # noqa: ANN401 - as above
    plain = [{**turn, "content": broken_for(tokenizer, turn["content"])} for turn in turns]
    try:
        text: str = tokenizer.apply_chat_template(plain, tokenize=False, add_generation_prompt=asks)
    except TemplateError as error:
        roles = ", ".join(dict.fromkeys(turn["role"] for turn in turns))
        raise ModelError(
            f"{tokenizer.name_or_path}: its chat template takes no turns of {roles} in this order ({type(error).__name__}); "
            "take another base.source, or rows without such turns"
        ) from None
    lost = next((turn["role"] for turn in plain if turn["content"].strip() not in text), None)
    if lost:
        raise ModelError(
            f"{tokenizer.name_or_path}: its chat template leaves out what {lost} says; take another base.source, or rows without it"
        )
    return text


def _ids(tokenizer: Any, text: str) -> list[int]:  # noqa: ANN401 - as above
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids
