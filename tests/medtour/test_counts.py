"""Counting in the cache: each one is one more, and what keeps nothing counts nothing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache, caches

from medtour.lib.counts import HANDFULS, WindowLimit, count_one_more


def test_each_is_one_more_under_its_own_key():
    assert [count_one_more("a", 60) for _time in range(3)] == [1, 2, 3]
    assert count_one_more("b", 60) == 1


def test_the_count_begins_anew_after_its_time():
    assert [count_one_more("a", 0), count_one_more("a", 60)] == [0, 1]


def test_a_cache_that_keeps_nothing_counts_nothing(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert "default" in caches
    assert count_one_more("a", 60) == 0


@pytest.fixture
def redis_cache(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "medtour.cache.FailOpenRedisCache",
            "LOCATION": settings.REDIS_URL.rsplit("/", 1)[0] + "/9",
            "KEY_PREFIX": "test-counts",
        }
    }
    cache.clear()
    yield
    cache.clear()


def test_redis_counts_in_one_round_trip_and_forgets_in_time(redis_cache):
    assert [count_one_more("a", 60) for _time in range(3)] == [1, 2, 3]
    assert count_one_more("b", 60) == 1
    client = cache._cache.get_client(write=True)
    assert 0 < client.ttl(cache.make_key("a")) <= 60


def test_many_at_once_are_all_counted(redis_cache):
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _n: count_one_more("a", 60), range(40)))
    assert sorted(counts) == list(range(1, 41))


def passes(limit, times, most, at=0.0):
    return [limit.passes("who", most, at=at) for _time in range(times)]


def test_a_small_limit_is_exact_and_opens_in_the_next_window():
    limit = WindowLimit("test-small", 60)
    assert passes(limit, 4, 2) == [True, True, False, False]
    assert passes(limit, 1, 2, at=60.0) == [True]
    assert limit.passes("another", 2, at=0.0)


def test_two_processes_count_together_and_pass_a_large_limit_by_a_handful_at_most():
    one, two = WindowLimit("test-large", 60), WindowLimit("test-large", 60)
    passed = sum(sum(passes(limit, 1, 100)) for _turn in range(150) for limit in (one, two))
    assert 100 <= passed <= 100 + 2 * (100 // HANDFULS)


def test_what_cannot_be_counted_is_let_through(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert passes(WindowLimit("test-none", 60), 5, 2) == [True] * 5
