"""Whether an address is found from its first letter or digit to its last."""

from stages.pii.values import addresses


def is_covered(address: str, text: str) -> bool:
    start = text.index(address)
    covered = {n for span in addresses.find(text) for n in range(span.start, span.end)}
    return all(n in covered for n in range(start, start + len(address)) if text[n].isalnum())
