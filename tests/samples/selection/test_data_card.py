"""Data cards: tables that Markdown reads, figures that are the metrics'."""

from pathlib import Path

from stages.samples.selection import data_card


def test_a_card_is_front_matter_and_sections(tmp_path: Path) -> None:
    data_card.write(tmp_path / "README.md", ["a: 1"], ["# Title", "Text."])
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "---\na: 1\n---\n\n# Title\n\nText.\n"


def test_tables_keep_their_columns() -> None:
    assert data_card.table(["name", "value"], [("a|b", 0.5)]) == "| name | value |\n| --- | --- |\n| a\\|b | 0.5000 |"


def test_composition_counts_by_name() -> None:
    assert data_card.composition("task", ["b", "a", "b", "b"]).splitlines()[4:] == [
        "| a | 1 | 25.0% |",
        "| b | 3 | 75.0% |",
    ]


def test_figures_are_flat_and_rounded() -> None:
    assert data_card.figures({"a": {"b": 1 / 3, "c": None}, "d": 2}) == [("a.b", 0.333333), ("a.c", None), ("d", 2)]
