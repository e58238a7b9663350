"""Which real replies are drawn: weighted by scene, balanced over languages and sources, few of one conversation (§2.3, step 1)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from stages.core.draws import generator
from stages.core.dropped import Dropped, Reason
from stages.core.progress import track
from stages.core.rowwise import mapped
from stages.library.domain_pack import Domain
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Instruction
from stages.rows.missed import Digest, Missed
from stages.rows.pair import Pair
from stages.rows.sample import Answer
from stages.samples.drawing.quotas import quotas
from stages.samples.replies.candidates import AUTHOR, Fault, Least, Reply, fault, replies, unfit
from stages.text import tokenizers

MOST = 3  # replies of one conversation; they share what was said before the first of them
FEW = 256  # dialogues, up to which one process is as quick as several: each has ten replies to look at
UNFIT = Fault(Reason.NO_INSTRUCTION)


class Wanted(NamedTuple):
    """How many replies, and which may be drawn."""

    number: int
    least: Least
    max_tokens: int  # of the conversation up to the cut and the instruction together
    seed: int


class Replied(NamedTuple):
    """A pair whose answer is known."""

    pair: Pair
    answer: Answer


class Candidate(NamedTuple):
    """A reply, what is asked for it if it may be asked for at all, and what speaks against it."""

    reply: Reply
    asked: Instruction | None
    fault: Fault | None


class Given(NamedTuple):
    """A dialogue as it is sent to another process, as JSON, and what it still holds of people."""

    id: str
    dialogue: str
    missed: Sequence[Digest]


def drawn(
    dialogues: Sequence[Dialogue],
    asks: Sequence[Instruction],
    missed: Mapping[str, Missed],
    domain: Domain,
    wanted: Wanted,
    tokenizer: str,
) -> Iterator[Replied | Dropped]:
    """Yield one outcome for each reply of the dialogues, in their order: up to `wanted.number` pairs, the others as dropped."""
    found = list(candidates(dialogues, asks, missed, wanted))
    fit = _short_enough(found, wanted, tokenizer)
    chosen = _chosen([found[place].reply for place in fit], domain, wanted)
    taken, able = {fit[place] for place in chosen}, set(fit)
    for place, (reply, asked, against) in enumerate(found):
        if place in taken and asked:
            yield replied(reply, asked)
        else:
            reason, detail = against or (Reason.NOT_DRAWN if place in able else Reason.OVER_CONTEXT, "")
            yield Dropped(id=reply.id, reason=reason, detail=detail, parents=(reply.dialogue.id,))


def replied(reply: Reply, asked: Instruction) -> Replied:
    """Return a reply as a pair and its answer."""
    talk, ask = reply.dialogue, asked.ask("message")
    pair = Pair.new(
        dialogue=talk.id,
        instruction=asked.id,
        language=talk.language,
        scene=talk.scene,
        source=talk.source,
        role=talk.role,
        task=asked.task,
        ask=ask,
        cut=reply.cut,
    )
    answer = Answer(id=pair.id, answer=reply.text, author=AUTHOR, dialogue=talk.id, instruction=asked.id, form=ask.kind)
    return Replied(pair, answer)


def candidates(
    dialogues: Sequence[Dialogue], asks: Sequence[Instruction], missed: Mapping[str, Missed], wanted: Wanted
) -> Iterator[Candidate]:
    """Yield every reply of the dialogues with what is asked for it, looked at; of many dialogues by all cores."""
    work = partial(_examined, tuple(asks), wanted)
    given = (
        Given(row.id, row.model_dump_json(), missed[row.id].texts if row.id in missed else ()) for row in dialogues
    )
    found = mapped(work, given, few=FEW, named=lambda item: item.id)
    by_id = {row.id: row for row in asks}
    for dialogue, looked_at in zip(
        dialogues, track(found, "sample: replies", "dialogues", len(dialogues)), strict=True
    ):
        for cut, text, asked, against in looked_at:
            yield Candidate(Reply(dialogue, cut, text), by_id.get(asked), against)


def _examined(asks: Sequence[Instruction], wanted: Wanted, given: Given) -> list[tuple[int, str, str, Fault | None]]:
    """Return of each reply of a dialogue its cut, its text, the id of what is asked for it or "", and what speaks against it."""
    dialogue = Dialogue.model_validate_json(given.dialogue)
    wordings = fitting(dialogue, asks)
    looked_at = []
    for reply in replies(dialogue):
        against = unfit(reply, wanted.least) if wordings else UNFIT
        asked = None if against else asked_for(reply, wordings, wanted.seed)
        if asked:
            against = fault(reply, asked, given.missed, wanted.least)
        looked_at.append((reply.cut, reply.text, asked.id if asked else "", against))
    return looked_at


def fitting(talk: Dialogue, asks: Sequence[Instruction]) -> list[Instruction]:
    """Return the wordings that fit a conversation."""
    return [
        row
        for row in asks
        if row.language == talk.language
        and (not row.scenes or talk.scene in row.scenes)
        and (not row.roles or talk.role in row.roles)
    ]


def asked_for(reply: Reply, wordings: Sequence[Instruction], seed: int) -> Instruction:
    """Return the wording drawn for a reply, of those that fit its conversation; one more changes the draw of few."""
    return max(wordings, key=lambda row: generator(seed, "reply", reply.id, row.id).random())


def _short_enough(found: Sequence[Candidate], wanted: Wanted, tokenizer: str) -> list[int]:
    """Return the places of those that nothing speaks against and that are not too long."""
    fit = {place: row.asked for place, row in enumerate(found) if row.asked and not row.fault}
    most, shown = wanted.max_tokens, ([*found[place].reply.shown.rendered()] for place in fit)
    texts = {asked.id: asked.text for asked in fit.values()}
    asked = dict(zip(texts, tokenizers.lengths(texts.values(), tokenizer), strict=True))
    talks = zip(fit.items(), tokenizers.lengths_up_to(most, shown, tokenizer), strict=True)
    return [place for (place, row), talk in talks if talk + asked[row.id] <= most]


def _chosen(rows: Sequence[Reply], domain: Domain, wanted: Wanted) -> list[int]:
    """Return the places of the drawn ones: each conversation of a cell is drawn once before one is a second time, `MOST` times at most."""
    languages = sorted({row.dialogue.language for row in rows})
    scenes = {scene.id: number for number, scene in enumerate(domain.scenes)}
    sources = {source.id: number for number, source in enumerate(domain.sources)}
    key = [generator(wanted.seed, "reply", row.id).random() for row in rows]
    of_one = defaultdict[str, list[int]](list)
    for place in sorted(range(len(rows)), key=key.__getitem__):
        of_one[rows[place].dialogue.id].append(place)
    cells = defaultdict[tuple[int, int, int], list[tuple[int, float, int]]](list)
    for places in of_one.values():
        talk = rows[places[0]].dialogue
        cell = scenes[talk.scene], languages.index(talk.language), sources[talk.source]
        cells[cell] += [(turn, key[place], place) for turn, place in enumerate(places[:MOST])]
    supply = np.zeros((len(scenes), len(languages), len(sources)), dtype=np.int64)
    for cell, members in cells.items():
        supply[cell] = len(members)
    share = quotas(wanted.number, [scene.weight for scene in domain.scenes], [1.0] * len(languages), supply)
    return [place for cell, members in cells.items() for _, _, place in sorted(members)[: share[cell]]]
