"""Small plots as SVG: points where their values say, a legend for several series, one value is no fault."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from stages.cli.plots import HEIGHT, LEFT, WIDTH, Mark, Panel, drawn, write

SVG = "{http://www.w3.org/2000/svg}"


def marks(*places: tuple[float, float]) -> list[Mark]:
    return [Mark(x, y, y, y, f"{x:g}") for x, y in places]


def centers(panels: list[Panel], columns: int = 4) -> dict[str, tuple[float, float]]:
    """Return where each point of a single panel's plane stands, by its name."""
    root = ElementTree.fromstring(drawn(panels, "head", columns))
    named = ((each, each.find(f"{SVG}title")) for each in root.iter(f"{SVG}circle"))
    return {
        title.text or "": (float(each.attrib["cx"]), float(each.attrib["cy"]))
        for each, title in named
        if title is not None
    }


def test_greater_values_stand_further_right_and_higher() -> None:
    found = centers([Panel("score", "rows", {"a": marks((1, 5), (2, 9), (3, 7))})])
    assert found["1"][0] < found["2"][0] < found["3"][0]
    assert found["2"][1] < found["3"][1] < found["1"][1]
    assert found["2"][0] - found["1"][0] == pytest.approx(found["3"][0] - found["2"][0], abs=0.2)


@pytest.mark.parametrize("places", [[(1.0, 5.0)], [(0.0, 0.0), (0.0, 0.0)]])
def test_values_that_are_all_alike_stand_within_the_plane(places: list[tuple[float, float]]) -> None:
    (x, y) = next(iter(centers([Panel("score", "rows", {"a": marks(*places)})]).values()))
    assert LEFT < x < WIDTH and 0 < y < HEIGHT


def test_several_series_have_a_legend_and_joined_points_a_line_in_order() -> None:
    svg = drawn(
        [Panel("score", "rows", {"v0.5": marks((2, 1), (1, 2)), "<v1>": marks((1, 1), (2, 2))}, joined=True)], "h"
    )
    assert "<text" in svg and ">v0.5</text>" in svg and "&lt;v1&gt;" in svg
    steps = [re.findall(r"([\d.]+) [\d.]+", path) for path in re.findall(r'd="(M[^"]+)"', svg)]
    assert len(steps) == 2 and all(float(one[0]) < float(one[1]) for one in steps)


def test_a_legend_of_many_series_goes_on_in_another_line_within_the_picture() -> None:
    panel = Panel("score", "rows", {f"v{number}": marks((number, 1)) for number in range(6)})
    root = ElementTree.fromstring(drawn([panel], "head"))
    keys = {
        each.text: (float(each.attrib["x"]), float(each.attrib["y"])) for each in root.iter(f"{SVG}text") if each.text
    }
    places = [keys[f"v{number}"] for number in range(6)]
    assert len(set(places)) == 6 and all(x + 100 < float(root.attrib["width"]) for x, _ in places)
    group = next(each for each in root.iter(f"{SVG}g") if "transform" in each.attrib)
    top = float(re.findall(r"[\d.]+", group.attrib["transform"])[1])
    assert max(y for _, y in places) < top
    assert float(root.attrib["viewBox"].split()[3]) == top + HEIGHT


def test_a_margin_is_a_line_across_and_a_point_may_be_unsure_to_both_sides() -> None:
    mark = Mark(2, 3, 2.5, 3.5, "one", left=1, right=4)
    root = ElementTree.fromstring(drawn([Panel("score", "rows", {"a": [mark, Mark(5, 1, 1, 1)]}, limit=2)], "head"))
    lines = [each.attrib for each in root.iter(f"{SVG}line")]
    margin = next(each for each in lines if each.get("class") == "limit")
    across = [each for each in lines if each["y1"] == each["y2"] and each["x1"] != each["x2"] and each != margin]
    (x, y), (_, below) = ((float(each.attrib["cx"]), float(each.attrib["cy"])) for each in root.iter(f"{SVG}circle"))
    assert y < float(margin["y1"]) < below and float(margin["x1"]) == LEFT
    assert len(across) == 1 and float(across[0]["x1"]) < x < float(across[0]["x2"]) and float(across[0]["y1"]) == y


def test_panels_stand_side_by_side_then_below(tmp_path: Path) -> None:
    panels = [Panel(str(n), "x", {"a": marks((n, n))}) for n in range(3)]
    write(panels, "head", tmp_path / "plots.svg", columns=2)
    text = (tmp_path / "plots.svg").read_text()
    places = [tuple(map(int, each)) for each in re.findall(r"translate\((\d+) (\d+)\)", text)]
    assert [x for x, _ in places] == [0, WIDTH, 0] and places[2][1] == places[0][1] + HEIGHT
    assert "href" not in text and "<script" not in text
