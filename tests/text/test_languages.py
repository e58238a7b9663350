"""Words of a text, in both scripts."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from stages.text import languages


def test_a_chinese_character_is_a_word_also_after_digits_and_letters() -> None:
    assert languages.units("3900元租金, VR带看") == ["3900", "元", "租", "金", "vr", "带", "看"]
    assert languages.words("3900元租金") == 2.5


def test_numbers_times_and_clitics_are_one_word() -> None:
    assert languages.units("It's 1,200.50 at 10:30.") == ["it's", "1,200.50", "at", "10:30"]


@settings(deadline=None)
@given(st.text("ab房子 '.,\n1ΣσİK", max_size=60), st.text("ab房子 '.,\n1", max_size=60))
def test_words_runs_and_their_share_are_those_of_the_text_taken_as_a_whole(text: str, source: str) -> None:
    whole = [unit.lower() for unit in languages.UNIT.findall(text)]
    assert languages.units(text) == whole
    assert languages.words(text) == len(whole) - languages.han_count(whole) / 2
    common = set(languages.runs_of(text, 2)) & set(languages.runs_of(source, 2))
    inside = {n + k for n, run in enumerate(languages.runs_of(text, 2)) if run in common for k in (0, 1)}
    assert languages.repeated(text, source, 2) == len(inside) / max(len(whole), 1)


def test_many_runs_are_found_as_few_are() -> None:
    long = " ".join(str(n * n % 997) for n in range(3000))
    source = long[4000:]
    common = set(languages.runs_of(long, 8)) & set(languages.runs_of(source, 8))
    assert len(common) > languages.FEW_RUNS
    inside = {n + k for n, run in enumerate(languages.runs_of(long, 8)) if run in common for k in range(8)}
    assert languages.repeated(long, source, 8) == len(inside) / 3000


def test_a_short_text_that_goes_round_loops_and_a_parallel_one_does_not() -> None:
    assert languages.loops("He will call back on Monday. " * 3)
    assert not languages.loops("He will call on Monday, she will call on Tuesday, both will write on Friday.")
    assert languages.loops("客户想再看一次房，" * 3)
    assert not languages.loops("再看看吧")


def test_counting_is_numbers_close_together_each_one_more() -> None:
    assert languages.counts_up("1 2 3 4 5 6")
    assert languages.counts_up("Point 1. Point 2. Point 3. Point 4. Point 5. Point 6.")
    assert not languages.counts_up("1 2 3 4 5")
    assert not languages.counts_up("2 4 6 8 10 12 14")
    assert not languages.counts_up("1 the boiler was checked 2 the roof is new 3 a lift comes 4 x y z 5 x y z 6 x y z")


def test_marks_are_stems_numbers_and_pairs_of_characters() -> None:
    assert languages.marks("The viewing on 14 March, viewings!") == {"viewi", "14", "march"}
    assert languages.marks("看河畔家园2楼") == {"看河", "河畔", "畔家", "家园", "2"}


def test_the_share_of_words_in_runs_of_another_text() -> None:
    assert languages.repeated("a b c d x", "a b c d e", 4) == 0.8
    assert languages.repeated("a b c x d", "a b c d e", 4) == 0.0
    assert languages.repeated("", "a b c d", 4) == 0.0


def test_a_text_holds_another_only_in_one_piece() -> None:
    assert languages.holds("So: call Rosa at two.", "Call Rosa")
    assert not languages.holds("Call her, Rosa.", "Call Rosa")


SPOKEN = st.text(st.sampled_from("aAbBΣσςİıßÀé 的了租房,.'’:_-7８Ⅳǅ\n"), max_size=60)


@given(SPOKEN)
def test_words_are_those_of_the_text_each_in_small_letters(text: str) -> None:
    assert languages.units(text) == [unit.lower() for unit in languages.UNIT.findall(text)]


@given(SPOKEN, SPOKEN, SPOKEN, st.integers(1, 4))
def test_runs_of_two_texts_are_compared_as_if_all_were_listed(text: str, source: str, known: str, span: int) -> None:
    runs, there = languages.runs_of(text, span), set(languages.runs_of(source, span))
    assert languages.echoes(text, source, span, known) == bool(
        (there - set(languages.runs_of(known, span))).intersection(runs)
    )
    inside = {start + n for start, run in enumerate(runs) if run in there for n in range(span)}
    assert languages.repeated(text, source, span) == len(inside) / max(len(languages.units(text)), 1)


def test_small_letters_are_those_that_a_pattern_without_case_takes_for_english_ones() -> None:
    every = "".join(map(chr, range(0x110000)))
    assert len(languages.small("aİıſKΣ")) == 6
    for letter in "abcdefghijklmnopqrstuvwxyz":
        for found in re.findall(letter, every, re.IGNORECASE):
            assert languages.small(found) == letter
