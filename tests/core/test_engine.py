"""Which engine is chosen, and one line where it cannot be."""

import sys
from pathlib import Path

import pytest

from stages.core import engine
from stages.core.errors import ParamsError
from stages.core.rowwise import mapped


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(engine.VARIABLE, raising=False)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda name: object())


@pytest.mark.usefixtures("installed")
def test_the_variable_goes_before_the_params_and_these_before_local(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine.chosen() == "local"
    Path("params.yaml").write_text("engine: ray\n")
    assert engine.chosen() == "ray"
    monkeypatch.setenv(engine.VARIABLE, "local")
    assert engine.chosen() == "local"


def test_an_engine_that_is_none_is_refused_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("params.yaml").write_text("engine: spark\n")
    with pytest.raises(ParamsError) as of_params:
        mapped(str, range(3))
    assert str(of_params.value) == "params.yaml: engine: expected local or ray; change it"
    Path("params.yaml").write_text("engine: 2\n")
    with pytest.raises(ParamsError, match=r"^params\.yaml: engine: expected local or ray; change it$"):
        mapped(str, range(3))
    monkeypatch.setenv(engine.VARIABLE, "spark")
    with pytest.raises(ParamsError, match=r"^DIAL_INSIGHT_ENGINE: expected local or ray; change it$"):
        mapped(str, range(3))


def test_without_the_package_the_remedy_is_said_whatever_the_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    Path("params.yaml").write_text("engine: ray\n")
    with pytest.raises(ParamsError) as caught:
        mapped(str, [])
    assert str(caught.value) == (
        "params.yaml: engine: ray is not installed; run pip install -e '.[ray]', or write local there"
    )


def test_ray_is_not_imported_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ray", raising=False)
    assert list(mapped(str, range(70), 2, few=0)) == [str(row) for row in range(70)]
    assert "ray" not in sys.modules
