"""Compiles the translations without the gettext programs, which a fresh machine lacks.

Run as `python -m medtour.devstack.messages`; a catalogue that has not changed is left alone.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from medtour.devstack.state import PROJECT


def compile_catalogue(source: Path) -> bool:
    """Write the .mo file beside the .po file; return whether it changed. Fuzzy entries stay out."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue, use_fuzzy=False)
    target = source.with_suffix(".mo")
    if target.exists() and target.read_bytes() == compiled.getvalue():
        target.touch()
        return False
    fresh = target.with_suffix(".mo.new")
    fresh.write_bytes(compiled.getvalue())
    fresh.replace(target)
    return True


def is_current(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns


def compile_all(folder: Path = PROJECT / "locale") -> list[Path]:
    """Compile every catalogue below the folder that is newer than its result; return those."""
    stale = [path for path in sorted(folder.glob("*/LC_MESSAGES/*.po")) if not is_current(path)]
    return [path for path in stale if compile_catalogue(path)]


def main() -> int:
    for path in compile_all():
        print(f"compiled {path.relative_to(PROJECT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
