"""What strategies rank by: formula (2) and the judge's score; prompt and conversation in equal parts."""

import numpy as np
import pytest

from stages.core.draws import generator
from stages.rows.label_quality import LabelQuality
from stages.rows.sample import LabeledSample
from stages.samples.rows.brief import Briefs
from stages.samples.selection.strategies import Pool, at_random, deita, pair_vectors
from stages.text.tokenizers import QWEN, lengths


def pool(rows: list[LabeledSample], scores: list[float | None]) -> Pool:
    verdicts = {
        row.id: LabelQuality(id=row.id, quality="high", layer="judge" if score else "rules", score=score)
        for row, score in zip(rows, scores, strict=True)
    }
    return Pool(Briefs.of(rows, QWEN), verdicts, {}, {}, 0.9, 1)


def sized(row: LabeledSample, prompt: int, talk: int) -> LabeledSample:
    """Return a row with so many more words in prompt and conversation, unlike those of rows of another size."""
    word = {10: "roof", 40: "lift", 100: "garden", 160: "cellar"}
    return row.model_copy(
        update={"before": f" {word[prompt]}" * prompt, "conversation": f" {word[talk]}" * talk, "after": ""}
    )


def test_a_token_of_the_prompt_weighs_twice_one_of_the_conversation(labels: list[LabeledSample]) -> None:
    rows = [sized(labels[0], 10, 160), sized(labels[1], 100, 10), sized(labels[2], 40, 100)]
    assert lengths([rows[0].prompt_text, rows[0].conversation], QWEN) == [10, 160]
    assert deita(pool(rows, [None] * 3)).order == [1, 0, 2]  # 210, 180 and 180 by 3, ties by row order
    heavier = [sized(labels[0], 10, 160), sized(labels[1], 40, 100), sized(labels[2], 100, 10)]
    assert deita(pool(heavier, [None] * 3)).order == [2, 0, 1]


def test_scores_count_where_every_row_has_one(labels: list[LabeledSample]) -> None:
    rows = [sized(labels[0], 10, 160), sized(labels[1], 100, 40)]  # 180 and 240 by 3
    assert deita(pool(rows, [9.0, 6.0])).order == [0, 1]  # 1620 and 1440
    assert deita(pool(rows, [9.0, None])).order == [1, 0]  # by what the grades are worth: the same


@pytest.mark.parametrize("layer", ["human", "rules"])
def test_who_has_the_last_word_outweighs_the_judge(labels: list[LabeledSample], layer: str) -> None:
    rows = [sized(labels[0], 10, 160), sized(labels[1], 100, 10)]  # 180 and 210 by 3
    judged = pool(rows, [9.0, 9.0])
    assert deita(judged).order == [1, 0]
    low = judged.verdicts[rows[1].id].model_copy(update={"quality": "low", "layer": layer})
    assert deita(judged._replace(verdicts={**judged.verdicts, low.id: low})).order == [0, 1]
    assert deita(
        judged._replace(verdicts={**judged.verdicts, low.id: low.model_copy(update={"quality": "high"})})
    ).order == [1, 0]


def test_prompt_and_conversation_are_halves_of_a_row_of_length_one(labels: list[LabeledSample]) -> None:
    rows = [sized(labels[0], 10, 160), sized(labels[1], 10, 40), sized(labels[2], 100, 160)]
    found = pair_vectors(Briefs.of(rows, QWEN))
    assert found.format == "csr"
    products = (found @ found.T).toarray()
    assert np.diag(products) == pytest.approx(np.ones(3), abs=1e-6)
    assert [products[0, 1], products[0, 2], products[1, 2]] == pytest.approx([0.5, 0.5, 0], abs=1e-6)


@pytest.mark.parametrize(("other", "left_out"), [(6, True), (8, False)])
def test_deita_leaves_out_rows_with_a_cosine_above_nine_tenths(
    labels: list[LabeledSample], other: int, left_out: bool
) -> None:
    """Equal prompts, conversations with a cosine of 0.857 or 0.781: together 0.929 or 0.890."""
    talks = " lift" * 10 + " tram" * other, " lift" * 10
    rows = [
        sized(row, 10, 10).model_copy(update={"conversation": talk}) for row, talk in zip(labels, talks, strict=False)
    ]
    found = deita(pool(rows, [None, None]))
    assert (list(found.out), found.order) == (([1], [0]) if left_out else ([], [0, 1]))


def test_the_random_draw_is_no_other_stages_draw(labels: list[LabeledSample]) -> None:
    """A pair is a brief where its first draw by stage assemble is low: of the same id, and by default of the same seed."""
    rows = [labels[0].model_copy(update={"id": f"{n:016x}"}) for n in range(400)]
    briefs = [generator(1, row.id).random() < 0.25 for row in rows]
    first = [briefs[place] for place in at_random(pool(rows, [None] * 400)).order[:200]]
    assert 0.15 < sum(first) / 200 < 0.35
