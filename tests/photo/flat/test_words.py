from ecgclip.photo.flat.words import NO_WORD, WORDS, word_class
from ecgclip.units import LEADS


def test_the_twelve_leads_come_first_in_their_order():
    assert tuple(word_class("lead", lead) for lead in LEADS) == tuple(range(12))


def test_words_beyond_the_known_count_as_other_where_there_is_such_a_class():
    assert WORDS[word_class("lead", "V3R") or 0] == ("lead", "other")
    assert WORDS[word_class("speed", "100") or 0] == ("speed", "other")
    assert word_class("gain", "40") is None
    assert word_class("lead", "-aVR") == 12
    assert NO_WORD == len(WORDS) == len(set(WORDS))
