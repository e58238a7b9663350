"""Marks of chat templates (`<|im_end|>`, `</s>`, `[INST]`), which in a text are text: taken for marks, they end a turn or begin one."""

import re
from functools import lru_cache
from typing import Any

# Of the common templates: ChatML, Llama 2 to 4, Mistral, Gemma, DeepSeek (its bars are full-width), gpt-oss, Phi, GLM, T5; and of thoughts.
MARKS = re.compile(
    r"<[|｜][^\s<>|｜]{1,40}[|｜]>|</?s>|<(?:bos|eos|pad|unk|mask)>|<(?:start|end)_of_turn>|\[/?INST\]|<</?SYS>>"
    r"|</?(?:think|thinking|reasoning)>|\[/?THINK\]|◁/?think▷|\[/?(?:AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|SYSTEM_PROMPT)\]|\[gMASK\]"
)
SIGNS = ("<", "[", "◁")  # without one of these there is no mark


def marked(text: str) -> bool:
    """Whether a text holds a mark of any common template."""
    return any(sign in text for sign in SIGNS) and MARKS.search(text) is not None


def broken(text: str) -> str:
    """Return the text with a space in each mark of a common template; no model's tokenizer takes it for one any more."""
    return _broken(text, MARKS) if any(sign in text for sign in SIGNS) else text


def broken_for(tokenizer: Any, text: str) -> str:  # noqa: ANN401 - transformers is untyped
    """Return the text with a space in each mark of a common template and in each special token of this tokenizer."""
    own = _special(tokenizer)
    text = broken(text)
    return _broken(text, own) if own else text


def _broken(text: str, marks: re.Pattern[str]) -> str:
    return marks.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)


@lru_cache(maxsize=8)
def _special(tokenizer: Any) -> re.Pattern[str] | None:  # noqa: ANN401 - as above
    """Return what finds the tokenizer's special tokens of two characters and more, the longest first."""
    found = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special} | set(
        tokenizer.all_special_tokens
    )
    longest = sorted((token for token in found if len(token) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest))) if longest else None
