"""A token's symbol is text of a stranger's choice."""

import unicodedata

SYMBOL_LENGTH = 16


def clean_symbol(text: str) -> str:
    """``text`` without characters that could forge a display (controls, bidi marks, separators), at most 16 long.

    Compatibility forms are folded (NFKC), so that a wide or ligature look-alike shows as what it imitates.
    """
    folded = unicodedata.normalize("NFKC", text)
    # Categories C* are controls, formats (bidi and zero-width among them) and unassigned; Z* separators; M* marks.
    kept = "".join(char for char in folded if unicodedata.category(char)[0] not in "CZM")
    return kept[:SYMBOL_LENGTH] or "?"
