"""What all tests share: the repository's root, the embedded model, fetched once, and which tests are slow.

Under pytest-xdist (`make test`) each process has its share of the cores, slow tests start first, and Hypothesis draws the same examples
each time. No example has a time limit of its own: a busy machine may stand still for seconds.
"""

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

if processes := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):  # before torch, which reads it once
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(processes))))

settings.register_profile(
    "tests", deadline=None, derandomize=bool(processes), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")

ROOT = Path(__file__).parent.parent
pytest_plugins = ["tests.support.endpoint", "tests.support.tiny_model", "tests.support.labeled_row"]
SLOW = {
    "base_model",
    "tiny_model",
    "rehearsal",
    "reruns",
    "made",
    "bank",
    "held",
    "corpus",
}  # fixtures that take seconds


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what is slow as a whole before it is imported: torch and transformers alone take ten seconds."""
    if config.getoption("markexpr") != "not slow" or collection_path.suffix != ".py":
        return None
    return "\npytestmark = pytest.mark.slow\n" in collection_path.read_text(encoding="utf-8") or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a slow fixture as slow, and let slow tests start first: the last ones to end are then short."""
    for item in items:
        if SLOW.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    if processes:
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def base_model() -> Path:
    """Return a folder with the real embedded model: stage `base`'s, or else one kept beside pytest's own cache."""
    made = ROOT / "models" / "base"
    if (made / "model.safetensors").is_file():
        return made
    from stages.training.base import Base, fetch

    source = "smollm2-135m"
    folder = ROOT / ".pytest_cache" / source / "model"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other test processes wait
        if not (folder / "model.safetensors").is_file():
            fetch(Base(source=source, sha256=""), folder)
    return folder
