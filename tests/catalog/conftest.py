"""A small model file in three parts, in wheels that the real pip fetches from a folder."""

import hashlib
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.catalog.catalog import Gguf

PARTS = [random.Random(number).randbytes(1000 + number) for number in range(3)]
WHOLE = b"".join(PARTS)

Put = Callable[..., Path]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where the model's file will lie."""
    monkeypatch.setenv("DIAL_INSIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models"


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Return what puts the wheel of a part, from 0, into the one folder that pip looks at."""
    (tmp_path / "index").mkdir()
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "index"), "PIP_CONFIG_FILE": "/dev/null"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def wheel(number: int, member: str = "data/part.bin") -> Path:
        stem = f"tiny_part{number}-1.0"
        path = tmp_path / "index" / f"{stem}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"tiny_part{number}/{member}", PARTS[number])
            archive.writestr(f"tiny_part{number}/__init__.py", "raise SystemExit('imported')")
            archive.writestr(
                f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n"
            )
            archive.writestr(
                f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{stem}.dist-info/RECORD", "")
        return path

    return wheel


@pytest.fixture
def tiny() -> Gguf:
    return Gguf(
        quantization="none",
        bytes=len(WHOLE),
        sha256=hashlib.sha256(WHOLE).hexdigest(),
        wheels=tuple(f"tiny-part{number}==1.0" for number in range(3)),
        member="*/data/part*.bin",
    )
