"""Words of a text, in both scripts."""

from stages.text import languages


def test_a_chinese_character_is_a_word_also_after_digits_and_letters() -> None:
    assert languages.units("3900元租金, VR带看") == ["3900", "元", "租", "金", "vr", "带", "看"]
    assert languages.words("3900元租金") == 2.5


def test_numbers_times_and_clitics_are_one_word() -> None:
    assert languages.units("It's 1,200.50 at 10:30.") == ["it's", "1,200.50", "at", "10:30"]
