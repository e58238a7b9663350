"""A count with its noun. It imports nothing, so that what wording itself imports can say it too."""


def counted(n: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun, in the singular for one."""
    return f"{n} {noun if n == 1 else plural or f'{noun}s'}"
