"""Stretches of train dialogues that the writer of an instruction is shown, so that it fits the scene, the people and the talk (§2.1)."""

from collections.abc import Sequence
from functools import lru_cache
from random import Random

from stages.core.row import Language, Record
from stages.library.domain_pack import Domain
from stages.library.fence import fenced
from stages.rows.dialogue import Dialogue

OPEN, CLOSE = "<<<", ">>>"  # the lines around an excerpt in the prompts


class Shown(Record):
    """What a writer is told of the scene, the provider's role and the talk; without a talk that fits, `excerpt` is empty."""

    scene: str
    role: str
    excerpt: str = ""


class Excerpts:
    """The train dialogues, by what they fit."""

    def __init__(self, dialogues: Sequence[Dialogue], domain: Domain, turns: int) -> None:
        """Keep the dialogues; an excerpt has `turns` turns."""
        self.dialogues, self.domain, self.turns = dialogues, domain, turns
        self._fitting = lru_cache(maxsize=None)(self._found)

    def draw(self, language: Language, scenes: tuple[str, ...], roles: tuple[str, ...], rng: Random) -> Shown:
        """Draw a dialogue of the language, scenes and roles (empty: any) and a stretch of it."""
        fitting = self._fitting(language, scenes, roles)
        if not fitting:
            return Shown(
                scene=self.domain.scene(scenes[0] if scenes else self.domain.scenes[0].id).name[language],
                role=self.domain.role(roles[0] if roles else self.domain.roles[0].id).name[language],
            )
        dialogue = self.dialogues[rng.choice(fitting)]
        start = rng.randrange(max(1, len(dialogue.turns) - self.turns + 1))
        part = dialogue.model_copy(update={"turns": dialogue.turns[start : start + self.turns]})
        return Shown(
            scene=self.domain.scene(dialogue.scene).name[language],
            role=self.domain.role(dialogue.role).name[language],
            excerpt=fenced(part.render(), OPEN, CLOSE),
        )

    def _found(self, language: Language, scenes: tuple[str, ...], roles: tuple[str, ...]) -> list[int]:
        return [
            place
            for place, row in enumerate(self.dialogues)
            if row.language == language and (not scenes or row.scene in scenes) and (not roles or row.role in roles)
        ]
