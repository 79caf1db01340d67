"""One style sheet out of many: follows app.css, keeps the cascade layers, drops comments."""

import re
from pathlib import Path

IMPORT = re.compile(r'@import url\("(?P<path>[^"]+)"\) layer\((?P<layer>[a-z]+)\);')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
ADDRESS = re.compile(r'url\("(?P<path>[^":]+)"\)')


def bundled(entry: Path) -> str:
    """Return the entry with every import replaced by `@layer name { its rules }`.

    Addresses in the parts are rewritten to be relative to the entry's own folder.
    """
    parts = []
    for line in COMMENT.sub("", entry.read_text(encoding="utf-8")).splitlines():
        found = IMPORT.fullmatch(line.strip())
        if found:
            parts.append(_layer(entry.parent, found["path"], found["layer"]))
        elif line.strip():
            parts.append(line.strip())
    return "\n".join(parts) + "\n"


def _layer(folder: Path, path: str, layer: str) -> str:
    rules = COMMENT.sub("", (folder / path).read_text(encoding="utf-8"))
    up = "../" * path.count("/")
    rules = ADDRESS.sub(lambda found: f'url("{found["path"].removeprefix(up)}")', rules)
    lines = [line.strip() for line in rules.splitlines() if line.strip()]
    return f"@layer {layer} {{\n" + "\n".join(lines) + "\n}"
