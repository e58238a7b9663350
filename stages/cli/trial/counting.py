"""How large a stage's requests are, and how many of them nobody has answered."""

from stages.chat.allowance import tokens_at_most
from stages.chat.messages import Request
from stages.chat.settings import ChatModel
from stages.cli.trial.exchange import Count, Known
from stages.text import tokenizers

FIRST = 64  # requests by whose mean length others are reckoned
AT_ONCE = 256  # questions whose tokens are counted together


class Counter:
    """Adds up requests."""

    def __init__(self, begun: Count, settings: ChatModel) -> None:
        """Begin with nothing asked; `settings` of the model that is."""
        self.settings = settings
        self.begun, self.known = begun, dict[Known, int](recorded=0, cached=0, missing=0)
        self.seen, self.waiting, self.first = set[str](), list[Request](), list[Request]()
        self.tokens = self.at_most = self.answers = self.longest = self.limit = 0

    def add(self, request: Request, key: str, known: Known) -> None:
        """Take one in."""
        most = self.settings.limit(request.max_tokens)
        self.longest, self.limit = max(self.longest, tokens_at_most(request)), max(self.limit, most)
        if len(self.first) < FIRST:
            self.first.append(request)
        if known == "missing":
            if key in self.seen:
                return
            self.seen.add(key)
            self.at_most += tokens_at_most(request)
            self.answers += most
            self.waiting.append(request)
            if len(self.waiting) == AT_ONCE:
                self._measure()
        self.known[known] += 1

    def count(self) -> Count:
        """Return what all came to."""
        self._measure()
        return self.begun.model_copy(
            update={
                "requests": sum(self.known.values()),
                "recorded": self.known["recorded"],
                "cached": self.known["cached"],
                "new": self.known["missing"],
                "prompt_tokens": self.tokens,
                "prompt_tokens_at_most": self.at_most,
                "answer_tokens_at_most": self.answers,
                "longest_prompt": self.longest,
                "mean_prompt": _tokens(self.first) / len(self.first) if self.first else 0.0,
                "longest_answer": self.limit,
            }
        )

    def _measure(self) -> None:
        self.tokens += _tokens(self.waiting)
        self.waiting = []


def _tokens(requests: list[Request]) -> int:
    texts = (message["content"] for request in requests for message in request.messages)
    return sum(tokenizers.lengths(texts, tokenizers.QWEN)) if requests else 0
