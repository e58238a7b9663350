"""The shipped catalog: every part is pinned and stands once, and what is taken for a model is free to use."""

import re

from stages.catalog.catalog import Catalog


def test_every_part_is_a_pinned_wheel_and_stands_once() -> None:
    wheels = [wheel for entry in Catalog.load().models.values() for wheel in entry.gguf.wheels]
    assert len(wheels) == len(set(wheels)) == 1 + 6 + 22
    assert [wheel for wheel in wheels if not re.fullmatch(r"[a-z0-9-]+==[0-9.]+", wheel)] == []


def test_every_model_is_under_a_free_licence_and_knows_english() -> None:
    for name, entry in Catalog.load().models.items():
        assert entry.licence == "Apache-2.0" and "en" in entry.languages, name
        assert re.fullmatch(r"[a-z0-9.-]+", name)  # a part of file names


def test_every_folder_is_a_pinned_wheel_under_a_free_licence() -> None:
    for name, entry in Catalog.load().folders.items():
        assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+", entry.wheel) and re.fullmatch(r"[a-z0-9.-]+", name)
        assert entry.licence == "MIT" and not entry.member.startswith("/")
    assert not Catalog.load().folders.keys() & Catalog.load().models.keys()
