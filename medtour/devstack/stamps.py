"""Remembers what a slow step was last done for, so that it is done again only when that changed."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

CACHES = {"__pycache__", ".git", ".venv", ".devstack", "staticfiles"}


def files_below(*places: Path) -> list[Path]:
    """Return the files at or below the places, sorted, without caches; missing places are empty."""
    found: set[Path] = set()
    for place in places:
        if place.is_file():
            found.add(place)
        for path in place.rglob("*") if place.is_dir() else ():
            if path.is_file() and not CACHES.intersection(path.parts[len(place.parts) :]):
                found.add(path)
    return sorted(found)


def digest(files: Iterable[Path], *words: str) -> str:
    """Return a hash over the files' names and contents and the words, in the order given."""
    total = sha256()
    for file in files:
        content = sha256(file.read_bytes()).hexdigest()
        total.update(f"{file}\0{content}\0".encode())
    for word in words:
        total.update(f"{word}\0".encode())
    return total.hexdigest()


class Stamp:
    """The digest that a step was last completed for."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def matches(self, wanted: str) -> bool:
        return self.path.is_file() and self.path.read_text().strip() == wanted

    def set(self, value: str) -> None:
        """Record the digest; call this only after the step has succeeded."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(value + "\n")
