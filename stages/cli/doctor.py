"""Whether this machine can run the graph: one line for each thing, with a remedy where it fails."""

import importlib
import os
import platform
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from stages.catalog.catalog import Catalog
from stages.catalog.download import location
from stages.chat import recorded
from stages.chat.settings import Batch, ChatModel, JudgeModel, LabellerModel, LlamaCpp, OpenAI, Recorded
from stages.cli import check
from stages.core import params
from stages.core.errors import DialInsightError
from stages.core.row import Record
from stages.reporting.counted import counted
from stages.text import tokenizers

DISK_GIB = 6.0  # the embedded model: base 0.3 and tuned 0.5, each in DVC's cache again; two checkpoints of 1.5 while one replaces the other
MEMORY_GIB = 4.0
OLDEST = (3, 11)
ENDPOINT_S = 10.0  # a person waits for it
GIB = 1 << 30
NOBODY: dict[type[ChatModel], str] = {
    LabellerModel: "none (llm.labeller is null): the generator labels",
    JudgeModel: "none (llm.judge is null): rules and reference measures only",
}


class Finding(Record):
    """What was looked at, whether it is as needed, what was found or the remedy."""

    name: str
    ok: bool
    text: str

    def __str__(self) -> str:
        """Return the line a person reads."""
        return f"{'ok  ' if self.ok else 'FAIL'}  {self.name:<12}{self.text}"


class Trouble(Exception):
    """A finding that is not as needed; the message is the remedy."""


def examine(root: Path = Path()) -> Iterator[Finding]:
    """Yield a finding for each thing, the quick ones first; one that breaks does not stop the others."""
    looks: dict[str, Callable[[], str]] = {
        "python": python,
        "git": lambda: git(root),
        "dvc": lambda: dvc(root),
        "queue": lambda: queue(root),
        "disk": lambda: disk(root),
        "memory": memory,
        "files": lambda: files(root),
        "model": lambda: model(root),
        "tokenizer": tokenizer,
        "encoder": encoder,
        "training": lambda: library("trl"),
        "benchmarks": lambda: library("lm_eval"),
        "generator": lambda: answers(root, ChatModel),
        "labeller": lambda: answers(root, LabellerModel),
        "judge": lambda: answers(root, JudgeModel),
    }
    for name, look in looks.items():
        try:
            yield Finding(name=name, ok=True, text=look())
        except (Trouble, DialInsightError) as trouble:
            yield Finding(name=name, ok=False, text=str(trouble))
        except Exception as error:  # a broken library may raise anything; the type is said, never its message
            yield Finding(name=name, ok=False, text=f"{type(error).__name__}; install again: rm -r .venv && make repro")


def python() -> str:
    """Return the version; 3.11 is the oldest."""
    if sys.version_info < OLDEST:
        raise Trouble(f"{platform.python_version()}; 3.11 or newer is needed: make repro PYTHON=python3.11")
    return platform.python_version()


def git(root: Path) -> str:
    """Return git's version; the folder must be a repository."""
    if not shutil.which("git"):
        raise Trouble("not found; install git")
    if subprocess.run(["git", "rev-parse"], cwd=root, capture_output=True, check=False).returncode:
        raise Trouble("no repository here; go to the folder that was cloned")
    return subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]


def dvc(root: Path) -> str:
    """Return DVC's version; the folder must be a DVC repository."""
    if not shutil.which("dvc", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"):
        raise Trouble("not found; run `make repro`, or put .venv/bin on PATH")
    if not (root / ".dvc").is_dir() or not (root / "dvc.yaml").is_file():
        raise Trouble("no dvc.yaml and .dvc/ here; go to the repository's root")
    from dvc import __version__  # noqa: PLC0415 - 0.3 s

    return str(__version__)


def queue(root: Path) -> str:
    """Say whether experiments can wait in a queue: DVC writes the path of its cache into their config as ASCII, and stops there."""
    if not (root / ".dvc").is_dir():
        raise Trouble("no .dvc/ here; go to the repository's root")
    from dvc.repo import Repo  # noqa: PLC0415 - 0.3 s

    with Repo(str(root)) as repo:
        cache = str(repo.cache.local_cache_dir)
    if cache.isascii():
        return "dvc exp run --queue and --temp can run here"
    return (
        f"dvc exp run --queue and --temp fail here (DVC's fault): {cache} is not ASCII; all else runs. Remedy: "
        "`dvc cache dir --local` with an ASCII path, or a clone in one"
    )


def disk(root: Path) -> str:
    """Return the free space; weights, their copies and checkpoints need room."""
    free = shutil.disk_usage(root).free / GIB
    if free < DISK_GIB:
        raise Trouble(f"{free:.1f} GiB free, {DISK_GIB:g} needed; make room, or see `dvc gc --help`")
    return f"{free:.0f} GiB free"


def memory() -> str:
    """Return the machine's memory; fine-tuning the embedded model needs most of it."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    if total < MEMORY_GIB:
        raise Trouble(f"{total:.1f} GiB, {MEMORY_GIB:g} needed; use a larger machine, or lower finetune.micro_batch")
    return f"{total:.0f} GiB"


def files(root: Path) -> str:
    """Check params, prompts, packs and reviews."""
    faults = list(check.faults(root))
    if faults:
        raise Trouble(f"{counted(len(faults), 'fault')}, the first: {faults[0]}; `dial-insight check` lists all")
    return "params, prompts, packs and reviews are valid"


def model(root: Path) -> str:
    """Return the base model's identity, and whether it is the one dvc.lock knows."""
    folder = root / "models" / "base"
    if not folder.exists():
        return "not made yet: make repro"
    if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
        raise Trouble("models/base has no config.json or no safetensors; run `dvc repro base`")
    from dvc.repo import Repo  # noqa: PLC0415 - 0.3 s

    with Repo(str(root)) as repo:
        changed = [out for out in repo.stage.load_one(name="base").outs if out.status()]
    if changed:
        raise Trouble("models/base is not what dvc.lock says; run `dvc checkout base` or `dvc repro base`")
    from stages.models import loading  # noqa: PLC0415 - torch

    return loading.identity(folder)


def tokenizer() -> str:
    """Count tokens with the paper's tokenizer."""
    return f"{tokenizers.QWEN}, {tokenizers.lengths(['a conversation'], tokenizers.QWEN)[0]} tokens in a test"


def encoder() -> str:
    """Encode a text with the sentence encoder."""
    from stages.similarity import vectors  # noqa: PLC0415 - torch

    return f"{vectors.MINILM}, {vectors.sentence_vectors(['a conversation']).shape[1]} dimensions"


def library(name: str) -> str:
    """Import a library and return its version."""
    return f"{name} {importlib.import_module(name).__version__}"  # noqa: TID251 - looked for, not depended on


def answers(root: Path, kind: type[ChatModel]) -> str:
    """Say who answers, and whether it can: an endpoint is asked for its models, a file looked for, answers counted."""
    values = params.lookup(params.load_all(root / params.PARAMS), kind.section)
    if values is None:
        return NOBODY[kind]
    match settings := kind.parse(kind.section, values):
        case OpenAI():
            from stages.chat.addresses import addresses  # noqa: PLC0415 - its client only when asked for

            return f"{settings.model} at " + ", ".join(endpoint(settings, url) for url in addresses(settings))
        case LlamaCpp():
            return model_file(settings)
        case Batch():
            return f"{settings.model}, by files: `dial-insight batch import` takes its answers"
        case Recorded():
            counts = Counter(answer.author for answer in recorded.load(root / recorded.FOLDER).values())
            by = ", ".join(f"{count} of {author}" for author, count in sorted(counts.items()))
            return f"{settings.model}, recorded answers only: {by or 'none'} in {recorded.FOLDER}"
        case _:
            return "the base model, in this process"


def endpoint(settings: OpenAI, url: str) -> str:
    """Ask an endpoint for its models; the key is only said to be set or not."""
    import openai  # noqa: PLC0415 - only with an endpoint

    from stages.chat.addresses import direct, options, shown  # noqa: PLC0415 - only with an endpoint

    place = f"{shown(url)}, {settings.key_env} {'set' if os.environ.get(settings.key_env) else 'not set'}"
    try:
        given = options(settings, url) | {"timeout": ENDPOINT_S}
        with openai.OpenAI(**given, http_client=openai.DefaultHttpxClient(mounts=direct(url))) as client:
            offered = {offer.id for offer in client.models.list()}
    except openai.APIError as error:
        raise Trouble(f"{place}: {type(error).__name__}; check base_url, {settings.key_env} and the network") from None
    if settings.model not in offered:
        raise Trouble(f"{place}: does not offer {settings.model}; set {settings.place}.model to one it offers")
    return place


def model_file(settings: LlamaCpp) -> str:
    """Look for a model's file where fetched ones are kept."""
    entry = Catalog.load().get(settings.model)
    if entry is None:
        names = ", ".join(Catalog.load().models)
        raise Trouble(f"{settings.model} is not in the catalog; set {settings.place}.model to one of {names}")
    here = location(settings.model, entry.gguf).exists()
    return f"{settings.model}, in this process: {'fetched' if here else f'not fetched yet (`dial-insight models fetch {settings.model}`)'}"
