"""What may still be sent: a number of requests, and a sum of money by the price of tokens.

Money is booked in the store before a request is sent, at the most that it can cost, and set right when its reply is there. So two
runs that share a cache keep to one budget, and what was under way when a run was killed stays booked, as it may have been paid.
"""

import json
from typing import Any

from stages.chat.messages import ANSWERS, Reply, Request
from stages.chat.settings import OpenAI
from stages.chat.store import Store

MILLION = 1_000_000
BYTES, TEMPLATE = (
    2,
    32,
)  # of UTF-8 that a token holds at least, over a whole question; tokens that frame a message at most


def tokens_at_most(request: Request) -> int:
    """Return the tokens that a question has at most, with the schema that its answer is held to."""
    schema = len(json.dumps(request.answer_schema)) // BYTES if request.answer_schema else 0
    return schema + sum(len(message["content"].encode()) // BYTES + TEMPLATE for message in request.messages)


class Allowance:
    """Counts requests and money before they are sent; what is under way is counted at its dearest."""

    def __init__(self, settings: OpenAI | None, store: Store, sent: int = 0) -> None:
        """Count for `settings`, on from what the stage has `sent`; None: nothing is limited. Money is booked in `store`, over all runs."""
        self.settings, self.store = settings, store
        self.sent, self.reserved, self.refusal = sent, 0.0, ""
        self.model = settings.model_identity if settings else ""
        self.price = settings.price if settings else None
        self.booked = store.spent(self.model) if self.price else 0.0

    def grants(self, request: Request) -> bool:
        """Whether `request` may be sent; then it counts as sent. Within a transaction of the store."""
        s = self.settings
        if s and s.max_requests and self.sent == s.max_requests:
            self.refusal = f"max_requests is {s.max_requests} and more are to be sent; raise it and run again: answers so far are cached"
            return False
        if not self._books(self._dearest(request)):
            return False
        self.sent += 1
        self.reserved += self._dearest(request)
        self.refusal = ""
        return True

    def repeats(self, request: Request) -> bool:
        """Whether `request` may be sent once more after a try that may have been paid, which stays booked at its dearest."""
        with self.store.transaction():
            return self._books(self._dearest(request))

    def settle(self, request: Request, reply: Reply) -> None:
        """Book what a reply cost in the place of what it could have cost; the most, where an answer comes without its tokens."""
        if self.price is None:
            return
        cost = (self.price.input * reply.prompt_tokens + self.price.output * reply.completion_tokens) / MILLION
        if reply.finish in ANSWERS and not (reply.prompt_tokens and reply.completion_tokens):
            cost = self._dearest(request)  # an endpoint that does not tell is not free
        self._set_right(request, cost)

    def give_back(self, request: Request) -> None:
        """Take back what is booked for a request that was not paid."""
        if self.price:
            self._set_right(request, 0.0)

    def show(self, bar: Any) -> None:  # noqa: ANN401 - tqdm
        """Show the money beside the progress."""
        if self.price:
            bar.set_postfix_str(f"spent {max(0.0, self.booked - self.reserved):.4g}", refresh=False)

    def _set_right(self, request: Request, cost: float) -> None:
        dearest = self._dearest(request)
        self.reserved -= dearest
        self.booked = self.store.spend(self.model, cost - dearest)

    def _books(self, money: float) -> bool:
        """Book `money` if the budget covers it; what other runs have booked meanwhile counts."""
        s = self.settings
        if s is None or self.price is None:
            return True
        self.booked = self.store.spent(self.model)
        if s.budget and self.booked + money > s.budget:
            self.refusal = (
                f"the budget of {s.budget:g} does not cover the next request ({self.booked - self.reserved:.4g} spent on {s.model} "
                "in all); raise budget and run again: answers so far are cached"
            )
            return False
        self.booked = self.store.spend(self.model, money)
        return True

    def _dearest(self, request: Request) -> float:
        if self.price is None or self.settings is None:
            return 0.0
        most = self.settings.limit(request.max_tokens)
        return (self.price.input * tokens_at_most(request) + self.price.output * most) / MILLION
