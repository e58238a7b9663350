"""What stands in the place of a backend when nobody is to be asked."""

from stages.chat.messages import Reply, Request


class Silent:
    """A backend that answers nothing: each request comes back as missing."""

    def __init__(self, identity: str) -> None:
        """Pass for the backend with this identity."""
        self.identity = identity

    def open(self) -> "Unanswered":
        """Begin."""
        return Unanswered()


class Unanswered:
    """Requests on their way back."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.held: list[tuple[int, Request]] = []

    @property
    def room(self) -> int:
        """As much as the port puts in at once."""
        return 256 - len(self.held)

    def put(self, position: int, request: Request) -> None:
        """Take a request in."""
        self.held.append((position, request))

    def take(self) -> list[tuple[int, Reply]]:
        """Return all of them without an answer."""
        taken, self.held = self.held, []
        return [(position, Reply(row=request.row, text="", finish="missing")) for position, request in taken]

    def finish(self) -> None:
        """Nothing waits for an answer."""

    def close(self) -> None:
        """Nothing is held open."""
