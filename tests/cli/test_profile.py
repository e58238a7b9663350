"""A profile changes the lines of its values in params.yaml, and nothing else."""

import difflib
from pathlib import Path

import pytest

from stages.cli import profile
from stages.cli.main import main
from stages.core.errors import InputError, ParamsError
from stages.core.params import load_all

GRAPH = """\
stages:
  contrast: {cmd: python -m stages.prompting.contrast, params: [contrast], outs: [a.txt]}
  curate: {cmd: python -m stages.instructions.curate, params: [curate, llm.generator], outs: [b.txt]}
"""
COMMENTED = """\
# The manual.
domain: real_estate          # the pack

# ── prompts ──
curate:
  min_words: 8               # shorter ones are dropped
                             # (Chinese: characters / 2)
  max_words: 160             # longer ones are dropped
  redundancy: 0.95           # a cosine
  undecided: screen          # screen | drop | fail
contrast: {pairs: 4000, fixed: 6, seed: 1}  # of prompts
llm:
  generator:                 # who writes
    backend: transformers    # in this process,
                             # or elsewhere
    model: base
    temperature: 0.0         # 0: greedy
    top_p: 1.0               # of all tokens
                             # there are
"""
PROFILE = """\
# twice the size
curate:
  min_words: 8.0
  redundancy: 0.123456789012345      # of the profile, which goes nowhere
  max_words: 20000
llm:
  generator:
    backend: openai
    model: your-model
    base_url: https://your-endpoint.example/v1  # an address
"""


@pytest.fixture
def params(repository: Path) -> Path:
    (repository / "dvc.yaml").write_text(GRAPH, encoding="utf-8")
    (repository / "params.yaml").write_text(COMMENTED, encoding="utf-8")
    return repository / "params.yaml"


def put(folder: Path, text: str) -> Path:
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles/big.yaml").write_text(text, encoding="utf-8")
    return folder / "profiles"


def test_only_the_lines_of_changed_values_change_and_their_comments_stay(params: Path) -> None:
    told = profile.write("big", folder=put(params.parent, PROFILE))
    diff = [
        line
        for line in difflib.unified_diff(COMMENTED.splitlines(), params.read_text().splitlines(), lineterm="", n=0)
        if line[0] in "+-" and line[:3] not in ("+++", "---")
    ]
    assert diff == [
        "-  max_words: 160             # longer ones are dropped",
        "-  redundancy: 0.95           # a cosine",
        "+  max_words: 20000           # longer ones are dropped",
        "+  redundancy: 0.123456789012345  # a cosine",
        "-    backend: transformers    # in this process,",
        "+    backend: openai          # in this process,",
        "-    model: base",
        "+    model: your-model",
        "+    base_url: https://your-endpoint.example/v1  # an address",
    ]
    assert params.read_text().endswith("# there are\n" + diff[-1][1:] + "\n")
    assert told[0] == "params.yaml: curate.redundancy: 0.95 → 0.123456789012345"
    assert len(told) == 5
    assert not profile.differences("big", folder=params.parent / "profiles")


def test_a_model_takes_the_place_of_null_below_its_comment(params: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "faults", lambda values, root: iter(()))  # the small graph knows no judge
    params.write_text(
        COMMENTED + "  judge: null                # who grades\n                             # if anyone\n"
    )
    profile.write(
        "big", folder=put(params.parent, "# x\nllm:\n  judge:\n    backend: openai\n    model: m  # a model\n")
    )
    assert params.read_text() == COMMENTED + (
        "  judge:                     # who grades\n                             # if anyone\n"
        "    backend: openai\n    model: m  # a model\n"
    )


def test_a_mapping_on_one_line_stays_on_it(params: Path) -> None:
    text = "# x\ncontrast:\n  pairs: 5000\ncurate: {min_words: 9}\n"
    profile.write("big", folder=put(params.parent, text))
    assert "  min_words: 9               # shorter" in params.read_text()
    assert "contrast: {pairs: 5000, fixed: 6, seed: 1}  # of prompts\n" in params.read_text()


def test_check_names_the_keys_and_changes_nothing(
    params: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(profile.table, "__defaults__", (put(params.parent, PROFILE),))
    monkeypatch.setattr(profile.differences, "__defaults__", (Path(), params.parent / "profiles"))
    assert main(["profile"]) == 0
    assert capsys.readouterr().out == "big       twice the size\n"
    assert main(["profile", "big", "--check"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[1] == "params.yaml: curate.max_words is 160, profile big says 20000"
    assert len(said) == 5
    assert params.read_text() == COMMENTED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# x\ncurate:\n  min_wrods: 9\n", "profile big: params.yaml: curate.min_wrods is unknown; remove it, or use"),
        ("# x\ncurat: {min_words: 9}\n", "profile big: params.yaml: curat is unknown; remove it, or use one of"),
        ("# x\ncurate:\n  min_words: -1\n", "profile big: params.yaml: curate.min_words: input should be greater"),
    ],
)
def test_what_the_sections_refuse_is_not_written(params: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        profile.write("big", folder=put(params.parent, text))
    assert params.read_text() == COMMENTED


def test_a_fault_that_was_there_is_not_blamed_on_the_profile(params: Path) -> None:
    params.write_text(COMMENTED.replace("min_words: 8", "min_words: 0"))
    with pytest.raises(InputError, match=r"^params\.yaml: curate\.min_words: input"):
        profile.write("big", folder=put(params.parent, "# x\ncurate: {max_words: 99}\n"))


def test_a_value_on_several_lines_is_left_to_a_person(params: Path) -> None:
    divided = COMMENTED.replace("{pairs: 4000, ", "{pairs: 4000,\n    ")
    params.write_text(divided)
    with pytest.raises(
        ParamsError, match=r"params\.yaml:11: profile big has another value for contrast, which takes sev"
    ):
        profile.write("big", folder=put(params.parent, "# x\ncontrast: {pairs: 5000}\n"))
    assert params.read_text() == divided


def test_an_unknown_profile_names_those_there_are(params: Path) -> None:
    with pytest.raises(InputError, match="no profile huge; there are: big"):
        profile.write("huge", folder=put(params.parent, PROFILE))


@pytest.mark.slow
def test_the_shipped_profile_fits_the_shipped_params(root: Path, repository: Path) -> None:
    for name in ("params.yaml", "dvc.yaml"):
        (repository / name).write_text((root / name).read_text(encoding="utf-8"), encoding="utf-8")
    before = (repository / "params.yaml").read_text(encoding="utf-8").splitlines()
    profile.write("paper")
    assert not profile.differences("paper")
    params = load_all()
    assert (params["sample"]["count"], params["finetune"]["epochs"], params["finetune"]["batch_size"]) == (
        40000,
        3,
        128,
    )
    held = params["sample"]["max_tokens"] + params["label"]["max_tokens"]
    assert params["finetune"]["max_length"] > held > 2690
    after = (repository / "params.yaml").read_text(encoding="utf-8").splitlines()
    comments = [line.partition("  #")[2] for line in before if "  #" in line]
    kept = iter(line.partition("  #")[2] for line in after if "  #" in line)
    assert all(comment in kept for comment in comments)  # all of them, in their order
