"""Which insurers settle directly at a hospital, told by an app that the catalogue does not know."""

from collections.abc import Callable, Collection, Mapping

Source = Callable[[], Mapping[int, Collection[str]]]
_sources: list[Source] = []


def use_source(source: Source) -> None:
    """Let the search index also ask `source`: the key of a hospital -> slugs of its insurers."""
    if source not in _sources:
        _sources.append(source)


def direct_pay_insurers() -> dict[int, set[str]]:
    """Return the insurers of every hospital that has any, beside those that are only reported."""
    found: dict[int, set[str]] = {}
    for source in _sources:
        for hospital_id, slugs in source().items():
            found.setdefault(hospital_id, set()).update(slugs)
    return found
