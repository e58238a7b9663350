"""`dial-insight new-domain`: a pack drafted from conversations, by the writer's proposals or as a skeleton with comments."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from stages.chat.connect import connect
from stages.chat.settings import ChatModel, OpenAI
from stages.cli.new_domain import material, pack_files, sorting
from stages.cli.new_domain.material import Material
from stages.cli.new_domain.name import NAME, of_a_stage
from stages.cli.new_domain.pack_draft import PackDraft, skeleton
from stages.cli.new_domain.proposing import proposed
from stages.cli.new_domain.sampling import drawn
from stages.cli.new_domain.writer import PROMPTS, Writer
from stages.core import yaml_files
from stages.core.errors import InputError, UsageError
from stages.core.row import Language
from stages.library.domain_pack import Domain, Scene
from stages.library.meta_prompts import Library
from stages.reporting.counted import counted

BASE = Path("models/base")  # of backend `transformers`
HERE = ("localhost", "127.0.0.1", "::1")


def new_domain(
    name: str, paths: Sequence[Path], bare: bool, force: bool, languages: Sequence[Language], sample: int, sort: bool
) -> Iterator[str]:
    """Write the pack `name`, copy its conversations, and yield what was read, asked and written."""
    _refuse_taken(name, force)
    if sort:
        sorting.refuse_twice(Path("data/raw", name))
    held = material.read(material.files(paths))
    if paths and not held.dialogues:
        raise InputError(f"{', '.join(map(str, paths))}: no conversation in it is kept ({_counts(held.lost)}); "
                         "`dial-insight look FILE` says why")  # fmt: skip
    yield from _read(held)
    draft = _skeleton(name, held, languages)
    if held.dialogues and not bare:
        settings, shown = ChatModel.load(), drawn(held.dialogues, sample)
        unsorted = drawn(held.dialogues, len(held.dialogues)) if sort else shown
        yield _where(settings, len(unsorted), len(held.dialogues))
        chat, main = connect(settings, BASE), _main(held, draft)
        writer = Writer(chat, Library(PROMPTS), shown, unsorted, draft.languages, main)
        draft = proposed(draft, writer, held.said["scene"], _kept(name) if sort else ())
    yield from pack_files.write(draft, held, sort)
    if sort and held.dialogues and not draft.sorted_into:
        yield (
            "--sort: nothing was sorted: it takes llm.generator's answers, two scenes at least, and "
            "conversations none of which says its scene"
        )
    if draft.sorted_into and not sort:
        yield (
            "no record says its scene, so all conversations get ingest.defaults.scene; --sort writes them with the scene the model finds, "
            "or put it into your files (docs/formats.md)"
        )
    if held.files:
        yield (
            f"before a commit: Git does not ignore data/raw/{name}; unless the conversations are invented or public, dvc add data/raw/{name} "
            "(docs/sharing.md)"
        )
    yield (
        "before a run: metrics/report.html is kept in Git and shows a few rows with their whole conversations; unless these are invented or "
        "public, run with -S report.examples=0 (docs/personal-data.md)"
    )
    yield f"next: `dial-insight check {name}` says what is still to be written, in the order in which to do it (docs/new-domain.md)"


def _refuse_taken(name: str, force: bool) -> None:
    if not NAME.fullmatch(name):
        raise UsageError(
            f"new-domain: {name!r} is no name of a domain; expected lower-case letters, digits and _, such as car_rental"
        )
    pack = Path("prompts", name)
    if of_a_stage(pack):
        raise UsageError(f"{pack}: holds meta-prompts of a stage and no domain; use another name")
    if pack.exists() and not force:
        raise UsageError(
            f"{pack}: is there already and stays as it is; use another name, or --force, which writes only files that are missing"
        )


def _kept(name: str) -> Sequence[Scene]:
    """Return the scenes of a domain.yaml that is there and stays."""
    path = Path("prompts", name, "domain.yaml")
    return yaml_files.load(path, Domain).scenes if path.exists() else ()


def _skeleton(name: str, held: Material, languages: Sequence[Language]) -> PackDraft:
    wanted = tuple(languages) or held.languages or ("en",)
    draft = skeleton(name, wanted, held.ids("scene"), held.ids("source"), held.ids("role"), held.spoken)
    known = held.said["scene"]
    return draft.but(scenes=sorting.weighed(draft.scenes, known)) if len(known) > 1 else draft


def _main(held: Material, draft: PackDraft) -> Language:
    return held.main if held.main in draft.languages else draft.languages[0]


def _read(held: Material) -> Iterator[str]:
    if not held.files:
        yield "no conversations given: put your files into the folder under data/raw/ that is made now (docs/formats.md says what is read)"
        return
    yield f"read: {counted(len(held.dialogues), 'conversation')} in {counted(len(held.files), 'file')} ({_counts(held.formats)}), languages {', '.join(held.languages)}"
    if held.lost:
        yield f"not kept: {_counts(held.lost)}; `dial-insight look FILE` says why"
    if held.strangers:
        yield f"in no table of who is who: {', '.join(held.strangers)}; put your side under parties in conversations.yaml"
    for field in ("scene", "source", "role"):
        if values := held.said[field]:
            yield f"{field}: {_counts(values)}"


def _where(settings: ChatModel, shown: int, of: int) -> str:
    """Say what is shown to whom: before it is sent anywhere."""
    what = f"asked: {settings.model}, shown up to {shown} of {of} conversations, personal data replaced by the rules"
    if not isinstance(settings, OpenAI):
        kept = {
            "batch": "its questions go to a file, and where you send that",
            "recorded": "nobody is asked, answers are looked up",
        }
        return f"{what}; {kept.get(settings.backend, 'nothing leaves this machine')}"  # type: ignore[attr-defined]
    hosts = [
        urlsplit(url).hostname or ""
        for url in ([settings.base_url] if isinstance(settings.base_url, str) else settings.base_url)
    ]
    if all(host in HERE for host in hosts):
        return f"{what}; nothing leaves this machine"
    return f"{what}; they go to {', '.join(filter(None, hosts)) or 'the default endpoint of its client'}, with what the rules miss (docs/personal-data.md)"


def _counts(counts: "dict[str, int]") -> str:
    return ", ".join(f"{key} {count}" for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
