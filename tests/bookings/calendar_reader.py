"""A strict reader of iCalendar text, written from RFC 5545 alone and sharing no code with ours."""

import re

PARAMETER = re.compile(r';([A-Z-]+)=("[^"\r\n]*"|[^";:,\r\n]*)')


def read(content: bytes) -> list[tuple[str, dict[str, str], str]]:
    """Return (name, parameters, unescaped value) of every content line; raises on any fault."""
    assert content.endswith(b"\r\n")
    lines = content.split(b"\r\n")[:-1]
    for line in lines:
        assert b"\r" not in line, "bare CR"
        assert b"\n" not in line, "bare LF"
        assert 0 < len(line) <= 75, f"{len(line)} octets in one line"
        line.decode("utf-8")
    unfolded = b"\r\n".join(lines).replace(b"\r\n ", b"").decode("utf-8")
    return [_content_line(line) for line in unfolded.split("\r\n")]


def _content_line(line: str) -> tuple[str, dict[str, str], str]:
    match = re.match(r"([A-Z-]+)((?:;[A-Z-]+=(?:\"[^\"]*\"|[^\";:,]*))*):(.*)$", line, re.DOTALL)
    assert match, f"not a content line: {line!r}"
    name, parameters, value = match.groups()
    assert not any(ord(char) < 32 for char in value), f"control character in {name}"
    return name, dict(PARAMETER.findall(parameters)), _unescaped(value)


def _unescaped(value: str) -> str:
    def one(match: re.Match[str]) -> str:
        char = match.group(1)
        assert char in "\\;,nN", f"unknown escape \\{char}"
        return "\n" if char in "nN" else char

    return re.sub(r"\\(.)", one, value)


def values(content: bytes) -> dict[str, str]:
    """Return the value of each property; BEGIN and END must nest, nothing may come twice."""
    found: dict[str, str] = {}
    stack: list[str] = []
    for name, _parameters, value in read(content):
        if name == "BEGIN":
            stack.append(value)
        elif name == "END":
            assert stack.pop() == value
        else:
            assert name not in found, f"{name} twice"
            found[name] = value
    assert stack == []
    return found
