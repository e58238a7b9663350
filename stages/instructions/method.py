"""How the instruction library is made: the paper's two stages, or one of the methods that they are compared with (§2.1)."""

from typing import ClassVar, Literal

from stages.core.params import Section, value

Method = Literal["two_stage", "evol_instruct", "self_instruct", "fixed"]


class LibraryMethod(Section):
    """Which method makes the instruction library."""

    section: ClassVar[str] = "instructions"
    method: Method
    """Who makes the library: `two_stage`, seeds fitted to conversations, then evolution (§2.1); `evol_instruct`, the pack's rewritten without a conversation; `self_instruct`, new ones from examples; `fixed`, the pack's alone. All but `fixed` ask the generator equally often."""


def idle(method: object, generations: object) -> str:
    """Return why a method would ask nothing and leave the pack as it is under its own name, or nothing."""
    if method != "evol_instruct" or generations != 0:
        return ""
    return "evolve.generations is 0, and evol_instruct rewrites once a generation; set 1 or more, or instructions.method: fixed"


def budget() -> int:
    """Return how many requests a method may make, the same for each, so that they can be compared."""
    return value("seed.generated", int) + value("evolve.generations", int) * value("evolve.population", int)
