"""What a person wrote, checked whole before anything runs: params, domain packs, meta-prompts, reviews."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from stages.cli import checked, pack_todo, review_kinds, source_folders, test_set_check
from stages.cli import pack_check as agreement
from stages.cli.dvc_graph import GRAPH, DvcYaml, Step, steps
from stages.cli.limits import limit_faults
from stages.cli.marked_child import MarkedChild, Paraphrase, ReferenceVariants
from stages.cli.marked_talk import InjectedTalk, MarkedTalk
from stages.cli.pack_place import placed
from stages.cli.read_label import ReadLabel
from stages.cli.reading import Reading
from stages.cli.schema import FREE, import_faults, keys, sections
from stages.cli.test_version import INSTRUCTIONS, PROMPTS, READINGS, REFERENCES
from stages.core import engine, jsonl, params, yaml_files
from stages.core.errors import DialInsightError
from stages.core.row import Language, Record
from stages.dialogues.formats.field_map import Conversations
from stages.evaluation.benchmarks import own_files
from stages.evaluation.calibration.items import CalibrationItem
from stages.evaluation.suites.items import ReadAnswer
from stages.instructions.evolution.operators import read_operators
from stages.instructions.method import idle
from stages.judging.anchors import FILE as ANCHORS
from stages.judging.anchors import Anchors
from stages.library import meta_prompts
from stages.library.domain_pack import Domain, Formats, Instructions, Tasks
from stages.library.knowledge import Knowledge
from stages.library.templates import Templates
from stages.library.wording import Text
from stages.prompting.enhance import EXAMPLES, RewrittenExamples
from stages.prompting.splicing import PromptParts
from stages.reviews.refinements import Refinement, refinements
from stages.rows.dialogue import HeldOut
from stages.rows.instruction import Instruction
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample, Reference

R = TypeVar("R", bound=Record)
REMEDIES = {".jsonl": "an empty file will do", ".yaml": "write it"}  # for a file that is not there
TEST_SET: dict[str, type[Record]] = {  # of each version
    INSTRUCTIONS: Instruction,
    PROMPTS: Prompt,
    REFERENCES: Reference,
    READINGS: Reading,
}
PACK: dict[str, type[Record]] = {  # in the order in which they are best written
    "domain.yaml": Domain,
    "tasks.yaml": Tasks,
    "instructions.yaml": Instructions,
    "knowledge.yaml": Knowledge,
    "conversations.yaml": Conversations,
    "templates.yaml": Templates,
    "formats.yaml": Formats,
}
BESIDE: dict[str, type[Record]] = {ANCHORS: Anchors, EXAMPLES: RewrittenExamples}  # meta-prompts
READ = [name for name in TEST_SET if name != READINGS]  # by stages
CALIBRATION: dict[str, type[Record]] = {
    "children.jsonl": MarkedChild,
    "injections.jsonl": InjectedTalk,
    "label_readings.jsonl": ReadLabel,
    "paraphrases.jsonl": Paraphrase,
    "personal_data.jsonl": MarkedTalk,
    "reference_variants.jsonl": ReferenceVariants,
    "refusals.jsonl": ReadAnswer,
}  # else: a judge's


def marked(root: Path = Path()) -> Iterator[str]:
    """Yield all faults; where there is none, leave the mark that spares `make repro` the same check, unless `notes` looks into a folder elsewhere."""
    digest = checked.digest(root)
    try:
        graph = steps(root)
    except DialInsightError:
        graph = []  # faults() says why
    clean = True
    for line in faults(root, graph):
        clean = False
        yield line
    if clean and graph and not any(source_folders.copied(root)):
        checked.leave(mark(digest, graph, root), root)


def mark(digest: str, graph: Sequence[Step], root: Path = Path()) -> checked.Mark:
    """Return what a clean check of the graph in `root` leaves; `digest` is of before it."""
    text = DvcYaml(root / GRAPH)
    return checked.Mark(
        digest=digest,
        provided=_provided(graph),
        paths=sorted({path for step in graph for path in (*step.deps, *step.outs)}),
        stages=[step.name for step in graph],
        iterating=text.iterating(),
        restless=[*text.restless(), *sorted({step.entry for step in graph} - text.entries().keys())],
    )


def faults(root: Path = Path(), graph: Sequence[Step] | None = None) -> Iterator[str]:
    """Yield everything wrong in the repository at `root`, one line each; its `graph` is read where it is not given."""
    yield from param_faults(root, graph)
    for folder in sorted(path for path in (root / "prompts").iterdir() if path.is_dir()):
        yield from pack_faults(folder, root) if (folder / "domain.yaml").exists() else prompt_faults(folder)
    yield from review_faults(root)


def notes(root: Path = Path()) -> Iterator[str]:
    """Yield what no run stops at: models that are not what their folder holds now, and what a model proposed of packs and nobody has read yet."""
    yield from source_folders.notes(root)
    for folder in sorted(path for path in (root / "prompts").glob("*") if (path / "domain.yaml").is_file()):
        yield from pack_todo.unread(folder)


def param_faults(root: Path, graph: Sequence[Step] | None = None) -> Iterator[str]:
    """Validate every section of params.yaml against its class, refuse keys no section knows, and look up the domain."""
    try:
        values, graph = params.load_all(root / params.PARAMS), graph or steps(root)
    except DialInsightError as error:
        yield str(error)
        return
    yield from import_faults(graph)
    yield from _missing(graph, root)
    yield from _unwritten(values, root)
    yield from operator_faults(values, root)
    yield from _idle(values)
    yield from section_faults(values, {key for step in graph for key in step.params})
    yield from limit_faults(values, root)
    yield from bench_faults(values, root)
    if not isinstance(values.get("model_cache", ""), str):
        yield f"{params.PARAMS}: model_cache: expected a folder, or nothing; change it"
    if fault := engine.refusal(values.get(engine.KEY, "local")):
        yield f"{params.PARAMS}: {engine.KEY}: {fault}"
    if not (root / "prompts" / str(values.get("domain")) / "domain.yaml").is_file():
        domains = sorted(path.parent.name for path in (root / "prompts").glob("*/domain.yaml"))
        yield f"{params.PARAMS}: domain names no folder under prompts/ with a domain.yaml; use one of {', '.join(domains)}"


def section_faults(values: dict[str, Any], declared: Collection[str]) -> Iterator[str]:
    """Validate values of params.yaml by the classes of the `declared` sections, and refuse keys that none of them knows."""
    known = set(FREE)
    for section in sections():
        for key in keys(section.section, declared):
            known.add(key)
            yield from _section(section, key, values)
    yield from _unknown(values, known)


def _section(kind: type[params.Section], key: str, values: dict[str, Any]) -> Iterator[str]:
    try:
        given = params.lookup(values, key)
        if given is not None or not hasattr(kind, "load_or_none"):
            kind.parse(key, given)
    except DialInsightError as error:
        yield str(error)


def _unknown(values: dict[str, Any], known: set[str], above: str = "") -> Iterator[str]:
    for name, value in values.items():
        key = f"{above}{name}"
        if key in known:
            continue
        if isinstance(value, dict) and any(other.startswith(f"{key}.") for other in known):
            yield from _unknown(value, known, f"{key}.")
        else:
            level = sorted({other[len(above) :].split(".")[0] for other in known if other.startswith(above)})
            yield f"{params.PARAMS}: {key} is unknown; remove it, or use one of {', '.join(level)}"


def _missing(graph: Sequence[Step], root: Path) -> Iterator[str]:
    """Yield the files and folders that a person provides and that are not there."""
    readers = {path: step.name for step in reversed(graph) for path in step.deps}
    for path in _provided(graph):
        if not (root / path).exists():
            remedy = REMEDIES.get(Path(path).suffix, "put your files there")
            yield f"{path}: not there, and stage {readers[path]} reads it; {remedy} (docs/new-domain.md)"
        elif path.startswith("data/test/") and (root / path).is_dir():
            for name in READ:
                if not (root / path / name).exists():
                    yield f"{path}/{name}: not there, and stage {readers[path]} reads it; an empty file will do (docs/new-domain.md)"


def _provided(graph: Sequence[Step]) -> list[str]:
    """Return the paths that stages read and none makes, in the order of the graph."""
    made = {str(path) for step in graph for out in step.outs for path in (Path(out), *Path(out).parents)}
    return list(dict.fromkeys(path for step in graph for path in step.deps if path not in made))


def _idle(values: dict[str, Any]) -> Iterator[str]:
    """Yield a method that would leave the pack's instructions as they are."""
    library, evolution = values.get("instructions"), values.get("evolve")
    if isinstance(library, dict) and isinstance(evolution, dict):
        fault = idle(library.get("method"), evolution.get("generations"))
        yield from [f"{params.PARAMS}: {fault}"] if fault else []


def _unwritten(values: dict[str, Any], root: Path) -> Iterator[str]:
    """Yield the languages that seeds are wanted in and that the domain's pack has no instruction in; replies that it asks for in none."""
    path = root / "prompts" / str(values.get("domain")) / "instructions.yaml"
    try:
        pack = yaml_files.load(path, Instructions)
    except DialInsightError:
        return  # pack_faults says it
    written, pairs = {item.language for item in pack.instructions}, values.get("sample")
    wanted = _listed(values, "seed", "languages")
    asked = [item for item in pack.replies if not wanted or item.language in wanted]
    if isinstance(pairs, dict) and pairs.get("replies") and not asked:
        within = f" in {', '.join(wanted)} (seed.languages)" if wanted else ""
        yield (
            f"{params.PARAMS}: sample.replies is above 0, and {path} has nothing under replies{within}; write what is asked for, "
            "or set it to 0 (-S sample.replies=0.0)"
        )
    for language in wanted:
        if language not in written:
            yield f"{params.PARAMS}: seed.languages has {language}, in which {path} has no instruction; write one or take it out (-S 'seed.languages=[{', '.join(sorted(written))}]')"


def operator_faults(values: dict[str, Any], root: Path) -> Iterator[str]:
    """Yield what is wrong with the rewritings of stage evolve: their files, and the names by which settings call them."""
    wanted, plain, spoken = (
        _listed(values, *place) for place in (("evolve", "operators"), ("screen", "plain"), ("seed", "languages"))
    )
    known = set[str]()
    for folder, names in (("evolve", wanted), ("evol_instruct", [])):
        if (path := root / "prompts" / folder).is_dir():
            try:
                known |= {each.id for each in read_operators(path)}
                read_operators(path, names, spoken)
            except DialInsightError as error:
                yield str(error)
                plain = []  # what it may name is not known
    if known and (strange := [name for name in plain if name not in known]):
        yield f"{params.PARAMS}: screen.plain: {', '.join(strange)}: no operator of prompts/evolve/operators.yaml; it has {', '.join(sorted(known))}"


def _listed(values: dict[str, Any], section: str, key: str) -> list[str]:
    """Return the words of a list of params.yaml; what is none, its section says."""
    group = values.get(section)
    found = group.get(key) if isinstance(group, dict) else None
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def pack_faults(folder: Path, root: Path) -> Iterator[str]:
    """Load a domain pack's seven files, name what is still to be written, compare them with each other and with the test set."""
    read = dict[str, Record]()
    for name, kind in PACK.items():
        yield from pack_todo.todos(folder, name)
        try:
            read[name] = yaml_files.load(folder / name, kind)
        except DialInsightError as error:
            yield placed(str(error))
    if len(read) == len(PACK):
        yield from map(placed, _disagreements(folder, root, read))


def _disagreements(folder: Path, root: Path, read: dict[str, Record]) -> Iterator[str]:
    domain, tasks = cast(Domain, read["domain.yaml"]), cast(Tasks, read["tasks.yaml"])
    formats, templates = cast(Formats, read["formats.yaml"]), cast(Templates, read["templates.yaml"])
    written, knowledge = cast(Instructions, read["instructions.yaml"]), cast(Knowledge, read["knowledge.yaml"])
    for line in (
        *agreement.disagreements(domain, tasks, formats, written),
        *agreement.unsuited(tasks, templates),
        *agreement.knowledge_faults(knowledge, domain, written, templates),
    ):
        yield f"{folder}/{line}"
    if domain.name != folder.name:
        yield f"{folder}/domain.yaml: name is not the folder's; write name: {folder.name}"
    needed: set[Language] = {item.language for item in (*written.instructions, *written.replies)}
    pack = PromptParts(domain=domain, tasks=tasks, formats=formats, templates=templates, knowledge=knowledge)
    versions = root / "data" / "test" / folder.name
    for version in sorted({path.parent for name in (INSTRUCTIONS, PROMPTS) for path in versions.glob(f"*/{name}")}):
        path = version / INSTRUCTIONS
        stored = _stored(path, Instruction)
        needed |= {item.language for item in stored}
        for line in (
            *agreement.unknown_references(stored, domain, tasks, formats),
            *test_set_check.mark_faults(stored, tasks),
        ):
            yield f"{path}: {line}"
        prompts = version / PROMPTS
        for line in agreement.incompatible(_stored(prompts, Prompt), stored, pack):
            yield f"{prompts}: {line}"
        references = version / REFERENCES
        given = {row.id: row for row in _stored(references, Reference)}
        for line in test_set_check.stored_faults(_stored(prompts, Prompt), given):
            yield f"{references}: {line}"
    for place, text in agreement.names(domain, tasks, knowledge):
        yield from (f"{folder}/{line}" for line in agreement.missing_languages(place, text, needed))
    for place, text, must, may in agreement.wordings(formats, templates):
        for line in (*agreement.missing_languages(place, text, needed), *_wording(place, text, must, may)):
            yield f"{folder}/{line}"


def _stored(path: Path, kind: type[R]) -> list[R]:
    try:
        return jsonl.read(path, kind, by_hand=True) if path.exists() else []
    except DialInsightError:
        return []  # review_faults says it


def _wording(place: str, text: Text, must: set[str], may: set[str]) -> Iterator[str]:
    for language, template in text.items():
        try:
            used = meta_prompts.names(template, place)
            meta_prompts.render(template, place, **dict.fromkeys(used, "x"))
        except DialInsightError as error:
            yield str(error)
            continue
        if missing := sorted(must - used):
            yield f"{place} ({language}) lacks {', '.join(f'{{{{ {name} }}}}' for name in missing)}; add it"
        if foreign := sorted(used - may):
            yield f"{place} ({language}) uses {', '.join(foreign)}; it may use {', '.join(sorted(may)) or 'no fields'}"


def prompt_faults(folder: Path) -> Iterator[str]:
    """Parse every meta-prompt of a stage and render it with its declared fields; parse a judge's anchors, and directives by hand."""
    for path in sorted(folder.glob("*.md")):
        try:
            prompt = meta_prompts.read(path)
            prompt.render(**dict.fromkeys(prompt.fields, "x"))
        except DialInsightError as error:
            yield str(error)
    for name, kind in BESIDE.items():
        if (folder / name).exists():
            try:
                yaml_files.load(folder / name, kind)
            except DialInsightError as error:
                yield str(error)


def bench_faults(values: dict[str, Any], root: Path) -> Iterator[str]:
    """Yield what is wrong with the questions and passages of stage bench: it runs late, and people put their own in their place."""
    data = root / "data/bench"
    readers: dict[Path, Callable[[], object]] = {data / own_files.PASSAGES: partial(own_files.passages, data)}
    if own_files.SMALL.name in _listed(values, "bench", "suites"):
        for split in own_files.SPLITS:
            readers[own_files.place(data, split)] = partial(own_files.questions, data, split)
    for path, read in readers.items():
        try:
            if path.exists():
                read()
        except DialInsightError as error:
            yield str(error)


def review_faults(root: Path) -> Iterator[str]:
    """Parse what people decided and wrote: reviews, provided answers, test sets, and what judges and rules are tried on."""
    files: dict[Path, type[Record]] = {
        path: review_kinds.kind(path) for path in sorted((root / "data/review").glob("*.jsonl"))
    }
    files |= dict.fromkeys(sorted((root / "data/test").glob("*/dialogues.jsonl")), HeldOut)
    for name, kind in TEST_SET.items():
        files |= dict.fromkeys(sorted((root / "data/test").glob(f"*/*/{name}")), kind)
    files |= {
        path: CALIBRATION.get(path.name, CalibrationItem)
        for path in sorted((root / "data/calibration").glob("*.jsonl"))
    }
    files |= dict.fromkeys(sorted((root / "data/calibration/labels").glob("*.jsonl")), LabeledSample)
    for path, kind in files.items():
        try:
            refinements(path) if kind is Refinement else jsonl.read(path, kind, by_hand=True)
        except DialInsightError as error:
            yield str(error)
