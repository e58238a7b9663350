"""How texts differ, word by word as long as that takes no minutes."""

from time import process_time

from stages.cli.pull_request.words import MOST, WORD, worded


def test_a_place_is_told_word_by_word_and_a_very_large_one_whole() -> None:
    old = [f"- id: row{number}, weight {number}" for number in range(1_000)]
    assert worded(old[7], f"  {old[7]}") == "@@ line 1 @@\n{+  +}- id: row7, weight 7"
    new = [f"  {line}" for line in old]  # minutes, word by word
    assert worded("\n".join(old), "\n".join(new)) == "@@ line 1 @@\n[-{}-]{{+{}+}}".format(
        "\n".join(old), "\n".join(new)
    )


def test_the_largest_place_that_is_told_word_by_word_takes_no_minute() -> None:
    old = [f"- id: row{number}, weight {number}" for number in range(58)]
    new = [f"  {line}" for line in old]
    words = [len(WORD.findall("\n".join(lines))) for lines in (old, new)]
    assert 0.9 * MOST < words[0] * words[1] <= MOST
    start = process_time()
    assert worded("\n".join(old), "\n".join(new)).count("{+") == len(old)
    assert process_time() - start < 5
