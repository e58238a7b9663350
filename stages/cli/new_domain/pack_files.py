"""The seven files of a pack from its draft, as YAML with comments that a person reads; nothing that is there is overwritten."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel
from ruamel.yaml import YAML

from stages.cli.new_domain import sorting
from stages.cli.new_domain.material import Material
from stages.cli.new_domain.pack_draft import Block, PackDraft, neutral
from stages.core import files, yaml_files
from stages.core.errors import InputError
from stages.library.domain_pack import Domain, HandWritten, Task
from stages.library.wording import Text

FOLDER = Path(__file__).with_name("skeleton")
WITH_FORMATS = ("bank_service", "real_estate")  # packs whose formats.yaml is taken over: it is of no domain
VERSION_FILES = ("instructions.jsonl", "prompts.jsonl", "references.jsonl")
HEAD = "# Wordings of the eight forms of an answer. They are of no domain and ready to use; their kinds are fixed, as answers are checked by them.\n"


def write(draft: PackDraft, material: Material, sort: bool, root: Path = Path()) -> Iterator[str]:
    """Write what is not there yet of the pack, its conversations and its test set, and yield a line for each file.

    With `sort`, conversations are written with the scene that the writer found instead of being copied, if it found any.
    """
    for path, text in texts(draft, material, root).items():
        if (root / path).exists():
            yield f"{path}: was there, is left as it was"
            continue
        with files.atomic(root / path) as file:
            file.write(text)
        yield f"{path}: written"
    if sort and draft.sorted_into:
        sources = yaml_files.load(root / "prompts" / draft.name / "domain.yaml", Domain).sources
        yield from sorting.write(material, draft.sorted_into, sources, root / "data/raw" / draft.name)
    else:
        yield from _copied(material.files, draft.name, root)


def texts(draft: PackDraft, material: Material, root: Path = Path()) -> dict[Path, str]:
    """Return every file that a draft becomes, by path from the root."""
    pack, test = Path("prompts", draft.name), Path("data/test", draft.name)
    made = {pack / path.stem: _rendered(path.name, draft, material) for path in sorted(FOLDER.glob("*.j2"))}
    made |= {pack / path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))}
    made[pack / "formats.yaml"] = _formats(root)
    empty = [test / "dialogues.jsonl", *(test / "current" / name for name in VERSION_FILES)]
    return dict(sorted(made.items())) | dict.fromkeys(empty, "")


def _formats(root: Path) -> str:
    for pack in WITH_FORMATS:
        path = root / "prompts" / pack / "formats.yaml"
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            start = next(number for number, line in enumerate(lines) if not line.startswith("#"))
            return HEAD + "".join(lines[start:])
    raise InputError(
        f"prompts/{WITH_FORMATS[0]}/formats.yaml: not there; a new pack takes its forms from it: `git checkout` it"
    )


def _copied(paths: Iterable[Path], name: str, root: Path) -> Iterator[str]:
    """Copy the conversations where stage ingest reads them; what lies there already stays."""
    target = root / "data/raw" / name
    target.mkdir(parents=True, exist_ok=True)
    if (target / sorting.NAME).exists() and not {path.name for path in paths} & {sorting.NAME}:
        yield from (
            f"{path.name}: not copied: {sorting.NAME} is in data/raw/{name}, as --sort writes it; take it out to have copies"
            for path in paths
        )
        return
    for path in paths:
        copy = target / path.name
        if copy.exists():
            yield f"{copy.relative_to(root)}: was there, is left as it was"
        else:
            partial = copy.with_name(f"{copy.name}.partial")
            try:
                shutil.copyfile(path, partial)
                partial.replace(copy)
            finally:
                partial.unlink(missing_ok=True)  # what is cut off would pass for whole the next time
            yield f"{copy.relative_to(root)}: copied"


def _rendered(name: str, draft: PackDraft, material: Material) -> str:
    """Return one file; texts are quoted, so that whatever a model proposes stays a text."""
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    env.filters |= {"quoted": quoted, "text": _text, "words": _words, "lists": _lists}
    env.globals |= {"above": _above, "instruction": _instruction}
    parts = vars(draft) | {
        "instructions": _all_instructions(draft),
        "tasks": [_task(task, draft) for task in neutral().tasks],
        "replies": [item for item in neutral().replies if item.language in draft.languages],
        "strangers": len(material.strangers),
        "maps": _yaml(material.maps) if material.maps else "",
    }
    return env.get_template(name).render(parts)


def _all_instructions(draft: PackDraft) -> list[Block[HandWritten]]:
    ready = [Block(item) for item in neutral().instructions if item.language in draft.languages]
    return [*ready, *draft.instructions]


def _task(task: Task, draft: PackDraft) -> dict[str, object]:
    """Return a task as its template takes it, its texts in the draft's languages."""
    own = [Block(row.model_copy(update={"text": _within(row.text, draft)})) for row in task.requirements]
    return {
        **vars(task),
        "name": _within(task.name, draft),
        "description": _within(task.description, draft),
        "requirements": [*own, *draft.requirements_of(task.id)],
    }


def _within(text: Text, draft: PackDraft) -> Text:
    return {language: text[language] for language in draft.languages}


def quoted(text: str) -> str:
    """Return a text as a double-quoted scalar, or bare where it is a plain word."""
    return text if text.isidentifier() and text.isascii() and text.lower() not in _RESERVED else _scalar(text)


_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def _scalar(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _text(text: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{language}: {quoted(value)}" for language, value in text.items()) + "}"


def _words(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(quoted, values)) + "]"


def _lists(values: Mapping[str, Iterable[str]]) -> str:
    return "{" + ", ".join(f"{key}: {_words(words)}" for key, words in values.items()) + "}"


def _above(notes: Iterable[str], indent: int) -> str:
    return "".join(f"{' ' * indent}# {' '.join(note.split())}\n" for note in notes)


def _instruction(item: HandWritten) -> str:
    lines = [f"  - id: {quoted(item.id)}", f"    language: {item.language}", f"    task: {item.task}"]
    lines.append(f"    requirement: {quoted(item.requirement)}")
    lines += [f"    fields: {_words(item.fields)}"] if item.fields else []
    lines += [f"    formats: {_words(item.formats)}", f"    text: {quoted(item.text)}"]
    return "\n".join(lines)


def _yaml(rows: Iterable[BaseModel]) -> str:
    writer, text = YAML(), StringIO()
    writer.dump([row.model_dump(mode="json", exclude_defaults=True) for row in rows], text)
    return text.getvalue().rstrip()
