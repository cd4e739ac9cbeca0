"""Values and commands as PowerShell reads them, in ASCII."""

from __future__ import annotations

import re
import unicodedata

Arguments = tuple[tuple[str, str], ...]
"""Parameters with values that are PowerShell already."""
_PLAIN = re.compile(r"[ -~]+")
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def is_quotable(text: str) -> bool:
    """Whether it is one line of characters that can be seen: no control, line or direction characters."""
    return not any(unicodedata.category(character) in _REFUSED for character in text)


def quoted(text: str) -> str:
    """An expression whose value is the text, safe wherever an argument may stand.

    Between single quotes only a quote is special, and is doubled (about_Quoting_Rules). PowerShell takes U+2018 to
    U+201B for quotes too, and reads a saved script in an encoding of its own choice, where the bytes of other letters
    may become such quotes: so no character beyond ASCII stands between quotes, each is written by its number.
    """
    if not is_quotable(text):
        raise ValueError("not one line of visible characters")
    parts = []
    position = 0
    while position < len(text):
        plain = _PLAIN.match(text, position)
        if plain:
            parts.append("'" + plain[0].replace("'", "''") + "'")
            position = plain.end()
        else:
            parts.append(_by_number(text[position]))
            position += 1
    if not parts:
        return "''"
    # a text comes first, so that `+` joins texts
    joined = parts if parts[0].startswith("'") else ["''", *parts]
    return joined[0] if len(joined) == 1 else f"({' + '.join(joined)})"


def command(name: str, arguments: Arguments) -> str:
    """A command with its arguments by name."""
    return " ".join([name, *(f"-{parameter} {value}" for parameter, value in arguments)])


def _by_number(character: str) -> str:
    """A character beyond ASCII; two UTF-16 units where it takes two."""
    units = character.encode("utf-16-be")
    return " + ".join(f"[char]0x{units[n : n + 2].hex().upper()}" for n in range(0, len(units), 2))
