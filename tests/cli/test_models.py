"""`dial-insight models`: what the catalog has, what is in the cache folder, and what is damaged there."""

import hashlib
from pathlib import Path

import pytest

from stages.catalog import folders
from stages.catalog.catalog import Catalog, Entry, Folder, Gguf
from stages.catalog.download import location
from stages.cli import models
from stages.cli.main import main
from stages.core.errors import ModelError

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DIAL_INSIGHT_CACHE", str(tmp_path))
    (tmp_path / "models").mkdir()
    (tmp_path / "clone").mkdir()
    monkeypatch.chdir(tmp_path / "clone")
    return tmp_path / "models"


def entry(content: bytes) -> Entry:
    file = Gguf(
        quantization="Q4_1",
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        wheels=("a==1",),
        member="*",
    )
    return Entry(origin="us/ours", licence="MIT", languages=("en", "zh"), context=99, dtype="float32", gguf=file)


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(models={"one": entry(b"1"), "another": entry(b"22")})


def test_the_table_says_what_each_is_and_which_are_here(catalog: Catalog) -> None:
    location("another", catalog.models["another"].gguf).write_bytes(b"22")
    assert list(models.table(catalog)) == [
        "name     origin   licence  languages  quantized  MB  in the cache",
        "one      us/ours  MIT      en, zh     Q4_1       0   no",
        "another  us/ours  MIT      en, zh     Q4_1       0   yes",
    ]


def test_a_damaged_file_is_told_from_a_whole_one_and_from_a_strange_one(catalog: Catalog, cache: Path) -> None:
    one, another = (location(name, entry.gguf) for name, entry in catalog.models.items())
    one.write_bytes(b"1"), another.write_bytes(b"23"), (cache / "x.gguf").write_bytes(b"")
    lines = models.verify(catalog)
    damaged, whole, strange = next(lines), next(lines), next(lines)
    with pytest.raises(ModelError, match=rf"models: delete {another.name}, and it is fetched again"):
        next(lines)
    assert damaged.startswith(f"{another}: damaged, has SHA-256 ")
    assert whole.startswith(f"{one}: whole, SHA-256 ")
    assert strange.startswith(f"{cache / 'x.gguf'}: not of this catalog")


def test_of_a_folder_the_size_is_compared_and_what_stages_made_is_named() -> None:
    facts = {"origin": "us", "licence": "MIT", "languages": ("en",), "wheel": "a==1", "sha256": "0" * 64, "member": "a"}
    kept = Folder.model_validate({**facts, "bytes": 3})
    held, made = folders.location("names", kept), Path("models/base")
    for folder in (held / "ner", made):
        folder.mkdir(parents=True)
    (held / "ner" / "model").write_bytes(b"123")
    (made / "config.json").write_text("{}")
    of = Catalog(models={}, folders={"names": kept})
    whole, stage, end = models.verify(of)
    assert whole.startswith(f"{held}: 3 bytes, as in its wheel") and end.endswith(
        "0 files and 1 folder looked at, none is damaged"
    )
    assert stage == f"{made}: not looked at; a stage made it, so that `dvc status` compares it with dvc.lock"
    (held / "ner" / "model").write_bytes(b"12")
    lines = models.verify(of)
    assert next(lines) == f"{held}: damaged, has 2 bytes, expected 3"
    with pytest.raises(ModelError, match=rf"models: delete {held.name}, and it is fetched again"):
        list(lines)


def test_the_commands_print_and_fail_as_they_should(capsys: Captured, cache: Path) -> None:
    assert main(["models", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "name",
        *Catalog.load().models,
        *Catalog.load().folders,
    ]
    assert main(["models", "verify"]) == 0
    assert capsys.readouterr().out == f"{cache.parent}: 0 files and 0 folders looked at, none is damaged\n"
    small = Catalog.load().models["smollm2-135m"].gguf
    location("smollm2-135m", small).write_bytes(b"half")
    assert main(["models", "verify"]) == 1
    assert capsys.readouterr().err.startswith(f"{cache}: delete {location('smollm2-135m', small).name}, and ")
    for name, fault in {
        "smollm2-135m": "has 4 bytes, expected 98,362,432",
        "gpt-9": "gpt-9 is not in the catalog",
    }.items():
        assert main(["models", "fetch", name]) == 1
        said = capsys.readouterr().err
        assert fault in said and said.count("\n") == 1
