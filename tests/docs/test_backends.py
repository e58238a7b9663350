"""docs/backends.md names every setting, and its scripts are Python."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from stages.chat.settings import Batch, ChatModel, LlamaCpp, OpenAI, Price, Recorded, Transformers


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/backends.md").read_text(encoding="utf-8")


def test_every_setting_stands_there_with_its_default(page: str) -> None:
    rows: dict[str, str] = dict(
        re.findall(r"^\| `(\w+)` \|(.*?)\|", page.partition("## Recorded answers")[0], re.MULTILINE)
    )
    fields: dict[str, Any] = {}
    for kind in (OpenAI, Transformers, LlamaCpp, Batch, Recorded, ChatModel):
        fields |= kind.model_fields
    assert set(fields) == set(rows) - {"recorded", "openai", "batch", "llama_cpp", "transformers"}
    for name in sorted(set(fields) - {"backend", "model"}):
        default = "" if fields[name].is_required() else str(fields[name].get_default(call_default_factory=True))
        shown = rows[name].strip(" `").replace("null", "None").replace("true", "True").replace('""', "")
        assert shown in (default, default.removesuffix(".0")), name
    assert set(Price.model_fields) == {"input", "output"} and "`{input: …, output: …}`" in page


def test_its_scripts_are_python(page: str) -> None:
    for script in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        ast.parse(script)
