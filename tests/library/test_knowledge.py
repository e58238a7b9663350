"""What is known beside a conversation: by kind, scene and language, and for which instructions it is enough."""

from collections import Counter
from pathlib import Path
from time import process_time
from typing import get_args

import pytest

from stages.core import yaml_files
from stages.library.domain_pack import Domain
from stages.library.knowledge import Entry, Knowledge, fits
from stages.library.wording import unique
from stages.rows.instruction import KnowledgeKind
from tests.support.scripted import instruction

PRICES = Entry(id="prices", kind="price_table", scenes=("repair",), text={"en": "Pads: 18."})
RULES = Entry(id="rules", kind="policy", text={"en": "Open till six.", "zh": "六点关门。"})
KNOWN = Knowledge(entries=(PRICES, RULES))


@pytest.mark.parametrize(
    ("needs", "scene", "language", "enough"),
    [
        ((), "sale", "en", True),
        (("price_table",), "repair", "en", True),
        (("price_table",), "sale", "en", False),
        (("price_table",), "repair", "zh", False),
        (("policy",), "sale", "zh", True),
        (("price_table", "policy"), "repair", "en", True),
        (("price_table", "listing"), "repair", "en", False),
    ],
)
def test_an_instruction_fits_where_all_that_it_needs_is_known(
    needs: tuple[str, ...], scene: str, language: str, enough: bool
) -> None:
    assert fits(instruction("Name the price.", knowledge=needs, language=language), scene, KNOWN) is enough


def test_an_entry_is_there_once() -> None:
    with pytest.raises(ValueError, match="id twice: rules"):
        Knowledge(entries=(RULES, RULES))


@pytest.mark.parametrize(("pack", "least"), [("real_estate", 3), ("bank_service", 2)])
def test_the_packs_know_each_kind_in_both_languages(root: Path, pack: str, least: int) -> None:
    domain = yaml_files.load(root / "prompts" / pack / "domain.yaml", Domain)
    known = yaml_files.load(root / "prompts" / pack / "knowledge.yaml", Knowledge)
    counts = Counter(entry.kind for entry in known.entries)
    assert set(counts) == set(get_args(KnowledgeKind)) and min(counts.values()) >= least
    for scene in domain.scenes if pack == "real_estate" else ():
        for kind in get_args(KnowledgeKind):
            assert known.of(kind, scene.id, "en") and known.of(kind, scene.id, "zh")
    assert "invented" in (root / "prompts" / pack / "knowledge.yaml").read_text(encoding="utf-8").splitlines()[0]


def test_many_entries_are_told_apart_in_no_time() -> None:
    names = [f"listing {number}" for number in range(20_000)]
    begun = process_time()
    unique(names)
    assert process_time() - begun < 1, "each was compared with each"
    with pytest.raises(ValueError, match=r"^id twice: listing 3, listing 7$"):
        unique([*names, "listing 7", "listing 3"])
