"""A tokenizer's vocabulary as GGUF holds it: made from tokenizer.json, by which the model was trained and judged.

A base that came as GGUF had a vocabulary of its own there. It is not carried over: where the two cut a text otherwise, what ships would
be another model than the one that was judged.
"""

import json
from pathlib import Path
from typing import Any

from gguf import GGUFWriter, SpecialVocab, TokenType

from stages.core.errors import ModelError

CASES = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+"
REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
BYTES, DIGITS, WORDS = "ByteLevel", "Digits", "ByteLevel words"  # the last cuts words as GPT-2 does
CUTS: dict[tuple[str, ...], str] = {  # how a text is cut before pairs are merged, and llama.cpp's name for it
    (WORDS,): "gpt-2",
    (DIGITS, WORDS): "smollm",
    (CASES + r"|\p{N}" + REST, BYTES): "qwen2",
    (CASES + r"|\p{N}{1,3}" + REST, BYTES): "llama-bpe",
}


def add(writer: GGUFWriter, folder: Path, size: int) -> None:
    """Write the vocabulary of the model in `folder`, `size` tokens; ModelError for a kind of tokenizer that is not byte-level BPE."""
    found = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    writer.add_tokenizer_model("gpt2")  # llama.cpp's name for byte-level BPE
    writer.add_tokenizer_pre(cut(found, folder))
    tokens, kinds = _tokens(found, size)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    special = SpecialVocab(folder, load_merges=True, n_vocab=size)
    special.add_special_token.setdefault("bos", False)  # llama.cpp's default depends on the kind of tokenizer
    special.add_to_gguf(writer, quiet=True)


def cut(tokenizer: dict[str, Any], folder: Path) -> str:
    """Return llama.cpp's name for how a tokenizer cuts a text."""
    before = tokenizer.get("pre_tokenizer") or {}
    steps = tuple(map(_step, before.get("pretokenizers", [before])))
    if (tokenizer["model"].get("type"), steps) == ("BPE", steps) and steps in CUTS:
        return CUTS[steps]
    raise ModelError(
        f"{folder}/tokenizer.json: a kind of tokenizer that cannot be written as GGUF here (known: byte-level BPE that cuts as "
        f"{', '.join(CUTS.values())}); export --formats folder, and convert it with llama.cpp's own script"
    )


def _step(step: dict[str, Any]) -> str:
    match step.get("type"):
        case "ByteLevel":
            return WORDS if step.get("use_regex", True) else BYTES
        case "Digits" if step.get("individual_digits"):
            return DIGITS
        case "Split" if step.get("behavior") == "Isolated" and not step.get("invert"):
            return str(step["pattern"].get("Regex", ""))
        case other:
            return f"unknown {other}"


def _tokens(tokenizer: dict[str, Any], size: int) -> tuple[list[str], list[TokenType]]:
    """Return the tokens by their numbers, with their kinds; rows of the embedding that no token has are unused.

    Tokens that have no row, such as a mark to pad with that was added later, are left out: the model cannot read them.
    """
    tokens, kinds = [f"[PAD{n}]" for n in range(size)], [TokenType.UNUSED] * size
    known = [(number, token, TokenType.NORMAL) for token, number in tokenizer["model"]["vocab"].items()]
    for added in tokenizer["added_tokens"]:
        kind = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
        known.append((added["id"], added["content"], kind))
    for number, token, kind in known:
        if number < size:
            tokens[number], kinds[number] = token, kind
    return tokens, kinds
