"""All that a domain still needs, in the order in which to do it: conversations, pack, test set, and params that do not fit it."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from stages.cli import check, limits, output, pack_todo
from stages.cli import domain_conversations as conversations
from stages.cli.new_domain.name import NAME, of_a_stage
from stages.cli.test_version import INSTRUCTIONS, PROMPTS, REFERENCES
from stages.core import params, yaml_files
from stages.core.errors import DialInsightError, UsageError
from stages.library.domain_pack import Domain, Instructions
from stages.reporting.counted import counted

SHIPPED = ("real_estate", "bank_service")  # their conversations are invented
WITHOUT_EXAMPLES = "-S report.examples=0"


class Misfit(NamedTuple):
    """A setting of params.yaml that does not fit a domain, what fits it, and why."""

    key: str
    fits: str
    why: str

    @property
    def option(self) -> str:
        """The option of `dvc exp run` that sets it."""
        setting = f"{self.key}={self.fits}"
        return f"-S '{setting}'" if "[" in setting else f"-S {setting}"


def tell(name: str) -> int:
    """Print what a domain still needs, then what is to be known of it; return 1 where something is needed."""
    try:
        checked = DomainCheck(name)
        faults = list(checked.faults())
        status = output.tell(faults, f"prompts/{name} and its conversations are ready for a run")
        for line in (*checked.notes(), *(() if faults else checked.way())):
            output.say(line)
    except DialInsightError as error:
        return output.tell([str(error)], "")
    return status


class DomainCheck:
    """What is wrong with one domain, and what is still to be done."""

    def __init__(self, name: str, root: Path = Path()) -> None:
        """Read its pack as far as it can be read, its conversations, and params.yaml."""
        self.name, self.root, self.pack = name, root, root / "prompts" / name
        if not NAME.fullmatch(name):
            raise UsageError(
                f"check: {name!r} is no name of a domain; expected that of a folder under prompts/ such as {SHIPPED[0]}"
            )
        if of_a_stage(self.pack):
            raise UsageError(
                f"{self.pack}: holds meta-prompts of a stage and no domain; domains are {', '.join(_domains(root))}"
            )
        if not self.pack.is_dir():
            raise UsageError(f"prompts/{name}: not there; `dial-insight new-domain {name} --from FILE` drafts it")
        self.values = params.load_all(root / params.PARAMS)
        self.domain = _loaded(self.pack / "domain.yaml", Domain)
        self.written = _loaded(self.pack / "instructions.yaml", Instructions)
        self.found = conversations.found(name, self.domain, self.values, root)

    @property
    def chosen(self) -> bool:
        """Whether params.yaml is set to this domain."""
        return self.values.get("domain") == self.name

    def faults(self) -> Iterator[str]:
        """Yield what has to be mended or written before a run, in the order in which to do it."""
        yield from self.found.faults
        yield from check.pack_faults(self.pack, self.root)
        yield from self._missing_files()
        yield from (f"{params.PARAMS}: {found.key}: {found.why}" for found in self._low if found.enough is None)
        if self.chosen:
            yield from (
                f"{params.PARAMS}: {row.key}: {row.why}; {row.option}, or write it there" for row in self.misfits()
            )

    def notes(self) -> Iterator[str]:
        """Yield what is to be known and stops no run: unread proposals, scenes without conversations, what comes later."""
        yield from pack_todo.unread(self.pack)
        yield from self._empty()
        if self.chosen and self._exposed():
            yield (
                f"{params.PARAMS}: report.examples puts whole conversations on metrics/report.html, which is kept in Git, and the "
                f"anonymizer misses some personal data; unless they are invented or public: {WITHOUT_EXAMPLES}, or write it there"
            )
        held_out = self.root / "data/test" / self.name / "dialogues.jsonl"
        if held_out.is_file() and not held_out.stat().st_size:
            yield f"data/test/{self.name}/dialogues.jsonl: no conversation is held out yet; after a first run: dial-insight testset hold --count N"

    def way(self) -> Iterator[str]:
        """Yield the run of a domain that params.yaml is not set to, with the settings that fit it."""
        if not self.chosen:
            private = [WITHOUT_EXAMPLES] if self._exposed() else []
            options = " ".join([f"-S domain={self.name}", *(row.option for row in self.misfits()), *private])
            yield f"{params.PARAMS} is set to {self.values.get('domain')}; a run of this domain: dvc exp run {options}"

    def misfits(self) -> Iterator[Misfit]:
        """Yield the settings that do not fit the domain."""
        yield from self._defaults()
        for found in self._low:
            if found.enough is not None:
                yield Misfit(found.key, str(found.enough), found.why)
        if not self.written:
            return
        have = sorted({item.language for item in self.written.instructions})
        for section in ("seed", "select", "predict"):
            key, wanted = f"{section}.languages", self._value(section, "languages") or []
            kept = [language for language in wanted if language in have]
            if (section == "seed" and kept != wanted) or (wanted and not kept):
                fits = ", ".join(kept or have)
                yield Misfit(key, f"[{fits}]", f"is {', '.join(wanted)}, and the instructions are in {', '.join(have)}")
        seeds = [row for row in self._value("seed", "languages") or have if row in have] or have
        if self._value("sample", "replies") and not any(row.language in seeds for row in self.written.replies):
            yield Misfit("sample.replies", "0.0", "is above 0, and instructions.yaml has nothing under replies")

    @cached_property
    def _low(self) -> list[limits.TooLow]:
        """The limits that are too low for what the domain wants."""
        return list(limits.too_low(self.values | {"domain": self.name}, self.root))

    def _defaults(self) -> Iterator[Misfit]:
        """Yield the defaults of conversations that do not say their scene, source or role, where the pack lacks them."""
        defaults = self._value("ingest", "defaults") or {}
        for field, ids in conversations.ids(self.domain).items():
            if field in self.found.unsaid and ids and defaults.get(field) not in ids:
                yield Misfit(
                    f"ingest.defaults.{field}",
                    ids[0],
                    f"is {defaults.get(field)}, which domain.yaml lacks, and conversations do not say their {field}",
                )

    def _value(self, section: str, key: str) -> Any:  # noqa: ANN401 - of params.yaml
        found = self.values.get(section)
        return found.get(key) if isinstance(found, dict) else None

    def _exposed(self) -> bool:
        """Whether a run puts conversations of the domain into Git that nobody has said to be invented."""
        return self.name not in SHIPPED and bool(self._value("report", "examples"))

    def _missing_files(self) -> Iterator[str]:
        test = Path("data/test", self.name)
        version = str(self.values.get("test_set", "current"))
        wanted = [test / "dialogues.jsonl", *(test / version / name for name in (INSTRUCTIONS, PROMPTS, REFERENCES))]
        for path in wanted:
            if not (self.root / path).is_file():
                yield f"{path}: not there, and stages read it; an empty file will do"

    def _empty(self) -> Iterator[str]:
        """Yield scenes and roles that no conversation is of, and languages that no instruction is in."""
        if not self.found.kept:
            return
        for field, ids in conversations.ids(self.domain).items():
            counts = Counter(getattr(row, field) for row in self.found.kept)
            for key in ids if field != "source" else ():
                if not counts[key]:
                    yield (
                        f"prompts/{self.name}/domain.yaml: {field} {key}: no conversation is of it, so nothing is drawn for it; "
                        f"give conversations a {field} (docs/formats.md), or take it out"
                    )
        have = {item.language for item in self.written.instructions} if self.written else set()
        for language, count in sorted(Counter(row.language for row in self.found.kept).items()):
            if have and language not in have:
                yield f"prompts/{self.name}/instructions.yaml: {counted(count, 'conversation')} in {language}, in which there is no instruction: not drawn"


def _domains(root: Path) -> list[str]:
    return sorted(path.parent.name for path in (root / "prompts").glob("*/domain.yaml"))


def _loaded(path: Path, kind: Any) -> Any:  # noqa: ANN401 - a record or None
    try:
        return yaml_files.load(path, kind)
    except DialInsightError:
        return None  # pack_faults says it
