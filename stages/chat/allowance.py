"""What may still be sent: a number of requests, and a sum of money by the price of tokens."""

from typing import Any

from stages.chat.messages import ANSWERS, Reply, Request
from stages.chat.settings import OpenAI
from stages.chat.store import Store

MILLION = 1_000_000
BYTES, TEMPLATE = (
    2,
    32,
)  # of UTF-8 that a token holds at least, over a whole question; tokens that frame a message at most


class Allowance:
    """Counts requests and money before they are sent; what is under way is counted at its dearest."""

    def __init__(self, settings: OpenAI | None, store: Store) -> None:
        """Count for `settings`; None: nothing is limited. Money is booked in `store`, over all runs."""
        self.settings, self.store = settings, store
        self.sent, self.reserved, self.refusal = 0, 0.0, ""
        self.model = settings.model_identity if settings else ""
        self.spent = store.spent(self.model) if settings and settings.price else 0.0

    def grants(self, request: Request) -> bool:
        """Whether `request` may be sent; then it counts as sent."""
        s = self.settings
        if s is None:
            return True
        if s.max_requests and self.sent == s.max_requests:
            self.refusal = f"max_requests is {s.max_requests} and more are to be sent; raise it and run again: answers so far are cached"
            return False
        if s.price and s.budget and self.spent + self.reserved + self._dearest(request) > s.budget:
            self.refusal = (
                f"the budget of {s.budget:g} does not cover the next request ({self.spent:.4g} spent on {s.model} in all); "
                "raise budget and run again: answers so far are cached"
            )
            return False
        self.sent += 1
        self.reserved += self._dearest(request)
        return True

    def settle(self, request: Request, reply: Reply) -> None:
        """Book what a reply cost in the place of what it could have cost; the most, where an answer comes without its tokens."""
        if self.settings is None or self.settings.price is None:
            return
        price = self.settings.price
        cost = (price.input * reply.prompt_tokens + price.output * reply.completion_tokens) / MILLION
        if reply.finish in ANSWERS and not reply.prompt_tokens:  # an endpoint that does not tell is not free
            cost = self._dearest(request)
        self.reserved -= self._dearest(request)
        self.spent = self.store.spend(self.model, cost)

    def show(self, bar: Any) -> None:  # noqa: ANN401 - tqdm
        """Show the money beside the progress."""
        if self.settings and self.settings.price:
            bar.set_postfix_str(f"spent {self.spent:.4g}", refresh=False)

    def _dearest(self, request: Request) -> float:
        if self.settings is None or self.settings.price is None:
            return 0.0
        size = sum(len(message["content"].encode()) // BYTES + TEMPLATE for message in request.messages)
        return (self.settings.price.input * size + self.settings.price.output * request.max_tokens) / MILLION
