"""The table of an export's card: a measure a line, a file a column, and what a file has of the gain."""

from typing import Any

from benchmarks.export import lines


def found(nll: float, share: float) -> dict[str, Any]:
    """Return what was found of a file with this likelihood: the base has 0.774 nats a character, the judged model 0.675; in Chinese nothing was gained."""
    near = {"n": 20, "low": -0.01, "high": 0.02, "model": nll, "margin": 0.2, "verdict": "retained"}
    text = {
        "n": 28,
        "base": 55.0,
        "tuned": 55.2,
        "ratio": share,
        "low": 0.99,
        "high": 1.01,
        "margin": 0.1,
        "verdict": "retained",
    }
    judged = {
        "verdict": "retained",
        "text": {"en": text},
        "references": {
            "en": near | {"base": 0.675, "delta": nll - 0.675, "gain": 0.774 - 0.675},
            "zh": near | {"base": 0.6, "delta": 0.0},
        },
    }
    base = {"verdict": "retained", "rests_on": "retained: text en"}
    same = {"rows": 20, "same": 7}
    return {"judged": judged, "base": base, "answers": {"en": same}, "texts": same}


def test_a_measure_is_a_line_and_a_file_a_column() -> None:
    made = list(lines({"m-f16.gguf": found(0.675, 1.0), "m-q4.gguf": found(0.7245, 1.04)}))
    assert made[0] == "| against the judged model | m-f16.gguf | m-q4.gguf |"
    assert {line.count("|") for line in made} == {4}
    assert (
        "| of the gain in likelihood of references, en | 100 % of the gain of 0.0990 kept | 50 % of the gain of 0.0990 kept |"
        in made
    )
    assert "| of the gain in likelihood of references, zh | – | – |" in made
    assert any(
        line.startswith("| perplexity of general text, en | × 1.00 (0.99 … 1.01), n 28, retained | × 1.04")
        for line in made
    )
