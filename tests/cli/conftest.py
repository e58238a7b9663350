"""A small repository whose params, pack, prompts and reviews are right, for tests to spoil."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages.core import jsonl
from stages.rows.dialogue import Dialogue, Turn
from stages.rows.sample import LabeledSample
from tests.support.endpoint import Server, completion
from tests.support.labeled_row import Make

GRAPH = """\
stages:
  curate:
    cmd: python -m stages.instructions.curate
    params: [curate]
    outs: [a.txt]
  assemble:
    cmd: python -m stages.prompting.assemble
    params: [assemble, llm.generator]
    outs: [train.txt]
"""
PARAMS = """\
domain: real_estate
curate: {min_words: 8, max_words: 160, redundancy: 0.95, undecided: screen}
assemble: {brief: 0.75, templates: 0, max_tokens: 1000, seed: 1}
llm:
  generator:
    backend: transformers
    model: base
    temperature: 0.0
    top_p: 1.0
"""

Spoil = Callable[[str, str, str], None]


@pytest.fixture
def repository(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the repository and go there."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {tmp_path}/.dvc/site\n")
    (tmp_path / "dvc.yaml").write_text(GRAPH)
    (tmp_path / "params.yaml").write_text(PARAMS)
    (tmp_path / ".dvcignore").write_text("__pycache__/\n")
    shutil.copytree(root / "prompts", tmp_path / "prompts")
    (tmp_path / "data/review").mkdir(parents=True)
    for name in ("curate", "answers"):
        (tmp_path / f"data/review/{name}.jsonl").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_STAGE", raising=False)
    return tmp_path


@pytest.fixture
def spoil(repository: Path) -> Spoil:
    """Replace a text in one of its files, once."""

    def replace(path: str, old: str, new: str) -> None:
        text = (repository / path).read_text(encoding="utf-8")
        assert old in text
        (repository / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


class Grown:
    """A DVC repository whose graph is a part of this one's, with the real commands; talks and test rows are invented."""

    STAGES = ("seed", "curate", "evolve", "candidate", "predict_other")

    def __init__(self, folder: Path, root: Path, url: str, tested: list[LabeledSample]) -> None:
        """Lay it out in `folder`; its generator is the endpoint at `url`, its test set has the rows `tested`."""
        self.folder, self.code = folder, root
        subprocess.run(["git", "init", "-q", "--template="], cwd=folder, check=True)
        (folder / ".dvc").mkdir()
        (folder / ".dvc/config").write_text(
            f"[core]\n    analytics = false\n    site_cache_dir = {folder}-site\n[cache]\n    dir = {folder}-cache\n"
        )
        (folder / ".gitignore").write_text("/.llm-cache\n/.dvc/tmp\n")
        (folder / ".dvcignore").write_text("__pycache__/\n")
        shutil.copytree(root / "prompts", folder / "prompts")
        self._graph(*self.STAGES)
        self._params(root, url)
        self._data(tested)

    def add(self, *names: str) -> None:
        """Take more stages into the graph."""
        self._graph(*self.STAGES, *names)

    def _graph(self, *names: str) -> None:
        graph = yaml.safe_load((self.code / "dvc.yaml").read_text(encoding="utf-8"))
        stages = {name: graph["stages"][name] for name in names}
        for entry in stages.values():
            body = entry.get("do", entry)
            body["cmd"] = body["cmd"].replace("python", sys.executable, 1)
            body["deps"] = [dep for dep in body["deps"] if not dep.startswith("stages/") and dep != "models/base"]
        (self.folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}, sort_keys=False), encoding="utf-8")

    def _params(self, root: Path, url: str) -> None:
        params = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
        params["llm"]["generator"] = {
            "backend": "openai",
            "model": "m",
            "base_url": url,
            "temperature": 0.0,
            "top_p": 1.0,
            "price": {"input": 1000.0, "output": 2000.0},
        }
        params["seed"].update(languages=["en"], generated=3)
        params["evolve"].update(generations=2, population=2)
        params["anonymize"]["evidence"] = {"zh": None, "en": None}
        (self.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")

    def _data(self, tested: list[LabeledSample]) -> None:
        talks = [
            Dialogue(
                id=f"{number:016x}",
                key=f"k{number}",
                language="en",
                scene="renting",
                source="im_messages",
                role="real_estate_agent",
                turns=tuple(
                    Turn(
                        party="customer" if n % 2 else "provider", text=f"Line {n} of {number}, call 555-01{number}{n}."
                    )
                    for n in range(6)
                ),
            )
            for number in range(6)
        ]
        for name in ("ingested", "train"):
            jsonl.write(self.folder / f"data/dialogues/{name}.jsonl", talks)
        jsonl.write(self.folder / "data/labels/test.jsonl", tested)
        for path in (
            "data/raw/pii_gold.jsonl",
            "data/test/real_estate/dialogues.jsonl",
            "data/review/curate.jsonl",
            "data/review/personal.jsonl",
        ):
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text("")

    def reproduce(self, *words: str) -> str:
        """Run `dvc repro` and return what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "dvc", "repro", *words], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout + done.stderr

    def change(self, key: str, value: object) -> None:
        """Set a param."""
        path = self.folder / "params.yaml"
        params = yaml.safe_load(path.read_text(encoding="utf-8"))
        *above, last = key.split(".")
        inner = params
        for name in above:
            inner = inner[name]
        inner[last] = value
        path.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def digest(folder: Path) -> str:
    """Return a hash of every file in a folder, of its name and of when it was last written; links and empty folders count."""
    seen = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        seen.update(str(path.relative_to(folder)).encode())
        if path.is_file():
            seen.update(path.read_bytes() + str(path.stat().st_mtime_ns).encode())
    return seen.hexdigest()


@pytest.fixture
def grown(tmp_path: Path, root: Path, server: Server, labelled: Make, monkeypatch: pytest.MonkeyPatch) -> Grown:
    """Make it, go there, and let the endpoint answer with an instruction that is kept."""

    def answer(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        text = f"Which of the {number} open points did the {WORDS[number % len(WORDS)]} mention, and what follows from it for them?"
        draft = {"instruction": text, "fields": ["point", "consequence"], "labels": ["yes", "no"], "formats": FORMS}
        return completion(json.dumps(draft))

    server.script = answer
    for name in ("DVC_STAGE", "DVC_ROOT", "DIAL_INSIGHT_ENGINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(root))
    folder = tmp_path / "grown"
    folder.mkdir()
    tested = [
        labelled("She agrees.").model_copy(update={"id": f"t{number}", "before": f"{number}: "}) for number in range(3)
    ]
    made = Grown(folder, root, server.url, tested)
    monkeypatch.chdir(folder)
    return made


WORDS = ("caller", "tenant", "landlord", "seller", "buyer", "neighbor", "plumber")
FORMS = ["label", "list", "json", "table", "key_values", "paragraph", "message", "multipart"]
