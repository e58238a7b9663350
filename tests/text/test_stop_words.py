"""The list of words is the one it says it is."""

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from stages.text import stop_words


def test_the_words_are_those_of_scikit_learn() -> None:
    assert stop_words.ENGLISH == ENGLISH_STOP_WORDS
