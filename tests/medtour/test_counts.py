"""Counting in the cache: each one is one more, and what keeps nothing counts nothing."""

from django.core.cache import caches

from medtour.lib.counts import count_one_more


def test_each_is_one_more_under_its_own_key():
    assert [count_one_more("a", 60) for _time in range(3)] == [1, 2, 3]
    assert count_one_more("b", 60) == 1


def test_the_count_begins_anew_after_its_time():
    assert [count_one_more("a", 0), count_one_more("a", 60)] == [0, 1]


def test_a_cache_that_keeps_nothing_counts_nothing(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert "default" in caches
    assert count_one_more("a", 60) == 0
