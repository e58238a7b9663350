"""How texts differ, word by word as long as that takes no minutes."""

from stages.cli.pull_request.words import worded


def test_a_place_is_told_word_by_word_and_a_very_large_one_whole() -> None:
    old = [f"- id: row{number}, weight {number}" for number in range(1_000)]
    assert worded(old[7], f"  {old[7]}") == "@@ line 1 @@\n{+  +}- id: row7, weight 7"
    new = [f"  {line}" for line in old]  # minutes, word by word
    assert worded("\n".join(old), "\n".join(new)) == "@@ line 1 @@\n[-{}-]{{+{}+}}".format(
        "\n".join(old), "\n".join(new)
    )
