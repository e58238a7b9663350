"""Lists of words, grouped by meaning, as one pattern."""


def any_of(*groups: str) -> str:
    """Return a pattern for one word of the groups; blanks part the words, `_` is a blank inside a phrase."""
    words = " ".join(groups).split()
    return f"(?:{'|'.join(words)})".replace("_", " ")
