"""General instruction data to mix in: OpenAI messages, ShareGPT or Alpaca; JSONL, JSON or Parquet; a local file or the hub."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pyarrow.parquet
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled
from pydantic import ValidationError

from stages.core.errors import InputError
from stages.rows.training import Example, Message

# A branch or a tag would move under the same params: the hub's revision is a commit.
HUB = re.compile(r"hf:(?P<name>[\w.-]+/[\w.-]+)@(?P<revision>[0-9a-f]{40})/(?P<file>[\w./ -]+\.(?:jsonl|json|parquet))")
LOCAL = re.compile(r"[\w][\w.-]*\.(?:jsonl|json|parquet)")
SPEAKERS = {
    **{"human": "user", "user": "user", "system": "system"},
    **{"gpt": "assistant", "chatgpt": "assistant", "model": "assistant", "assistant": "assistant"},
}


def is_source(text: str) -> bool:
    """Whether `text` names a file of the folder for such data, or hf:OWNER/NAME@COMMIT/FILE."""
    return bool(LOCAL.fullmatch(text) or HUB.fullmatch(text))


def read(source: str, folder: Path) -> Iterator[Example | None]:
    """Yield the source's rows in file order; None for one that is no conversation which ends with an answer."""
    for record in _records(_fetched(source, folder)):
        yield _example(record)


def _fetched(source: str, folder: Path) -> Path:
    found = HUB.fullmatch(source)
    if not found:
        return folder / source
    try:
        return Path(hf_hub_download(found["name"], found["file"], repo_type="dataset", revision=found["revision"]))
    except (
        *(httpx2.HTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError, ValueError),
        RuntimeError,  # of the hub's storage, Xet
    ) as error:
        raise InputError(
            f"params.yaml: finetune.mix: {source}: the hub does not give it ({type(error).__name__}); "
            f"check network, name and commit, or put the file into {folder}"
        ) from None


def _records(path: Path) -> Iterable[object]:
    try:
        if path.suffix == ".parquet":
            with path.open("rb") as file:
                return list(pyarrow.parquet.read_table(file).to_pylist())
        text = path.read_text(encoding="utf-8-sig")
        whole = json.loads(text) if path.suffix == ".json" else list(_lines(path, text))
    except FileNotFoundError:
        raise InputError(f"{path}: not there; put it there, or take it out of finetune.mix") from None
    except (ValueError, RecursionError, pyarrow.ArrowException) as error:
        raise InputError(f"{path}: not {path.suffix[1:]} ({type(error).__name__}); export it again") from None
    if not isinstance(whole, list):
        raise InputError(f"{path}: expected a list of rows; export it as JSONL")
    return whole


def _lines(path: Path, text: str) -> Iterator[object]:
    """Yield what the lines hold that are not blank."""
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if line.strip():
                yield json.loads(line)
        except (ValueError, RecursionError):
            raise InputError(f"{path}:{number}: not JSON; mend the line, or export the file again") from None


def _example(record: object) -> Example | None:
    try:
        if not isinstance(record, Mapping):
            return None
        return Example.general(tuple(_messages(record)))
    except (ValidationError, ValueError, KeyError, TypeError):
        return None


def _messages(record: Mapping[str, Any]) -> Iterator[Message]:
    """Yield the turns of a record; `system` beside them stands first, Alpaca's `history` of [question, answer] before the last."""
    if system := record.get("system"):
        yield Message(role="system", content=system)
    if turns := record.get("messages"):
        for turn in turns:
            yield Message(role=turn["role"], content=_text(turn["content"]))
    elif turns := record.get("conversations"):
        for turn in turns:
            yield Message.model_validate({"role": SPEAKERS[turn["from"]], "content": turn["value"]})
    else:
        for question, answer in record.get("history") or ():
            yield Message(role="user", content=question)
            yield Message(role="assistant", content=answer)
        given = record.get("input") or ""
        yield Message(role="user", content=record["instruction"] + (f"\n\n{given}" if given else ""))
        yield Message(role="assistant", content=record["output"])


def _text(content: object) -> Any:  # noqa: ANN401 - what is no text, the model refuses
    """Return the text of a content in parts; one with anything else in it, an image, stays what it is."""
    if isinstance(content, list) and all(part["type"] == "text" for part in content):
        return "".join(part["text"] for part in content)
    return content
