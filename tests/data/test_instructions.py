"""The hand-written instructions of the real-estate pack are many, and of many kinds: seeds for evolution (§2.1)."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from stages.core import yaml_files
from stages.core.row import Language
from stages.library.domain_pack import HandWritten, Instructions, Tasks
from stages.similarity.vectors import count_vectors
from stages.text import languages, tokenizers

PACK = Path(__file__).parents[2] / "prompts" / "real_estate"
ENTRIES = yaml_files.load(PACK / "instructions.yaml", Instructions).instructions
COUNT = 200  # of each language
TERSE = 15  # words


def written(language: Language) -> list[HandWritten]:
    return [item for item in ENTRIES if item.language == language]


BOTH: tuple[Language, ...] = ("en", "zh")
FULL = [language for language in BOTH if len(written(language)) >= COUNT]


def test_english_is_full() -> None:
    assert "en" in FULL


@pytest.mark.parametrize("language", FULL)
def test_lengths_reach_from_a_phrase_to_a_brief(language: Language) -> None:
    lengths = np.array([languages.words(item.text) for item in written(language)])
    assert lengths.min() >= 4
    assert lengths.max() <= 150
    for longest, least in ((8, 0.03), (TERSE, 0.15), (40, 0.5)):
        assert (lengths <= longest).mean() >= least, f"{language}: of at most {longest} words"
    for shortest, least in ((41, 0.15), (70, 0.05), (81, 0.03)):
        assert (lengths >= shortest).mean() >= least, f"{language}: of at least {shortest} words"


@pytest.mark.parametrize("language", FULL)
def test_a_third_are_questions_or_terse(language: Language) -> None:
    texts = [item.text for item in written(language)]
    asks = [text for text in texts if {"?", "？"}.intersection(text) or languages.words(text) <= TERSE]
    assert len(asks) >= 0.3 * len(texts)


@pytest.mark.parametrize("language", FULL)
def test_few_begin_alike(language: Language) -> None:
    texts = [item.text for item in written(language)]
    openings = Counter(text[0] if language == "zh" else text.split()[0] for text in texts)
    opening, count = openings.most_common(1)[0]
    assert count <= 0.4 * len(texts), f"{count} begin with {opening}"


@pytest.mark.parametrize("language", FULL)
def test_every_requirement_is_asked_for(language: Language) -> None:
    counts = Counter(item.requirement for item in written(language))
    wanted = [one.id for task in yaml_files.load(PACK / "tasks.yaml", Tasks).tasks for one in task.trained]
    assert not [name for name in wanted if counts[name] < 2]


@pytest.mark.parametrize("language", FULL)
def test_scenes_and_known_information_occur(language: Language) -> None:
    entries = written(language)
    assert {"buying", "selling", "renting", "home_improvement"} <= {scene for item in entries for scene in item.scenes}
    assert sum(not item.scenes and not item.roles for item in entries) >= 0.5 * len(entries)
    assert {"listing", "price_table", "policy"} == {kind for item in entries for kind in item.knowledge}


@pytest.mark.parametrize("language", FULL)
def test_none_paraphrases_another(language: Language) -> None:
    entries = written(language)
    counted = count_vectors([item.text for item in entries], tokenizers.QWEN)
    likeness = np.triu((counted @ counted.T).toarray(), k=1)
    pairs = [(entries[one].id, entries[other].id) for one, other in np.argwhere(likeness >= 0.85)]
    assert not pairs


@pytest.mark.parametrize("language", FULL)
def test_labels_are_a_choice(language: Language) -> None:
    for item in (item for item in written(language) if item.labels):
        assert 3 <= len(item.labels) <= 6, item.id
        assert len({label.lower() for label in item.labels}) == len(item.labels), item.id
