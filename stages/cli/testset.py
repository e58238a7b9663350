"""Drawing dialogues and rows for a test set, once: they are stored, and no stage ever draws them again (docs/new-domain.md)."""

from collections.abc import Iterable, Iterator
from itertools import chain
from operator import attrgetter
from pathlib import Path

from stages.cli.test_rows import MAX_TOKENS
from stages.core import jsonl, yaml_files
from stages.core.errors import InputError
from stages.core.params import value
from stages.core.row import content_id
from stages.dialogues.formats.places import kept
from stages.dialogues.noise.versions import is_noisy
from stages.dialogues.split import cases
from stages.library.domain_pack import Domain
from stages.prompting.assemble import Assemble, assemble
from stages.prompting.splicing import PromptParts
from stages.reviews.refinements import refinements
from stages.rows.dialogue import Dialogue, HeldOut
from stages.rows.instruction import Instruction
from stages.rows.pair import Pair
from stages.rows.prompt import Prompt
from stages.samples.sample import Sampling, SamplingPack, sample
from stages.samples.spliced import spliced
from stages.text import tokenizers

INGESTED, DIALOGUES = Path("data/dialogues/ingested.jsonl"), Path("data/dialogues/test.jsonl")
ANSWERS = Path("data/review/answers.jsonl")


def stored() -> Path:
    """Return where the test rows lie that params.yaml chooses."""
    return Path("data/test", value("domain", str), value("test_set", str), "prompts.jsonl")


def hold(count: int) -> tuple[Path, int, int]:
    """Hold out `count` further dialogues of the domain of params.yaml; return the file, how many were added and are there now.

    Drawn by the hash of their ids, so that no order of files has a say. Those that people answered training rows about are
    passed over, and others of the same customer or case, which would take them off the training side too: their answers would
    be lost; and noisy versions, whose original may be trained on.
    """
    name = value("domain", str)
    target = Path("data/test", name, "dialogues.jsonl")
    if not INGESTED.exists():
        raise InputError(f"{INGESTED}: not there; run `dvc repro ingest` first")
    domain = yaml_files.load(Path("prompts", name, "domain.yaml"), Domain)
    before = jsonl.read(target, HeldOut) if target.exists() else []
    answered = {row.dialogue for row in refinements(ANSWERS).values()}
    taken, groups, free = answered.union(row.id for row in before), set[str](), list[tuple[HeldOut, str]]()
    for row in _of_domain(jsonl.stream(INGESTED, Dialogue), domain, INGESTED, "ingest"):
        if row.id in answered and row.group:
            groups.add(row.group)
        if row.id not in taken and not is_noisy(row.key):
            free.append((HeldOut(id=row.id, key=kept(row.key)), row.group))
    apart = [row for row, group in free if groups.isdisjoint({group, *cases([row])})]
    new = sorted(apart, key=lambda row: content_id(row.id))[:count]
    jsonl.write(target, sorted([*before, *new], key=attrgetter("id")))
    return target, len(new), len(before) + len(new)


def draw(count: int, seed: int) -> tuple[Path, int]:
    """Store up to `count` further rows of the domain of params.yaml; return the file and how many there are in it now.

    The rows that are there stay as they are. Of further ones than wanted those of the lowest hash are taken, whatever the order
    of the conversations.
    """
    target, folder = stored(), Path("prompts", value("domain", str))
    if not DIALOGUES.exists():
        raise InputError(f"{DIALOGUES}: not there; run `dvc repro split` first")
    before, pack = jsonl.read(target, Prompt) if target.exists() else [], SamplingPack.read(folder)
    held = list(_of_domain(jsonl.stream(DIALOGUES, Dialogue), pack.domain, DIALOGUES, "split"))
    asked = jsonl.read(target.with_name("instructions.jsonl"), Instruction)
    params = Sampling(
        count=count + len(before),
        reserve=0.0,
        replies=0.0,
        reply_turns=1,
        reply_words=1,
        reply_statements="drop",
        max_tokens=MAX_TOKENS,
        seed=seed,
    )
    drawn = sample(held, asked, [], pack, params, tokenizers.QWEN)
    known = {row.pair for row in before}
    further = (row for row in drawn if isinstance(row, Pair) and row.id not in known)
    new = sorted(further, key=lambda row: content_id(seed, row.id))[:count]
    contexts = {row.id: row.context for row in held if row.context}
    wordings = Assemble(brief=1.0, templates=0, max_tokens=MAX_TOKENS, seed=seed)
    jsonl.write(target, chain(before, assemble(new, asked, PromptParts.read(folder), wordings, contexts)))
    return target, len(before) + len(new)


def _of_domain(rows: Iterable[Dialogue], domain: Domain, source: Path, stage: str) -> Iterator[Dialogue]:
    """Yield the rows of a file, each of the domain: it may have been made before params.yaml named this one."""
    scenes, sources = {scene.id for scene in domain.scenes}, {each.id for each in domain.sources}
    for row in rows:
        if row.scene not in scenes or row.source not in sources:
            raise InputError(f"{source}: of another domain than {domain.name}; run `dvc repro {stage}` first")
        yield row


def questions() -> Iterator[str]:
    """Yield each stored row of the domain as it is asked, behind its id: what a reference is to be written for."""
    talks = jsonl.by_id(DIALOGUES, Dialogue)
    for row in jsonl.read(stored(), Prompt):
        if row.dialogue in talks:
            yield f"{row.pair}\n{spliced(row, talks[row.dialogue]).text}\n"
