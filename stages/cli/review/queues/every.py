"""All queues, by the names that the command knows."""

from collections.abc import Callable, Mapping

from stages.cli.review.queue import Queue
from stages.cli.review.queues.instructions import Evolved, Seeds
from stages.cli.review.queues.labels import Labels
from stages.cli.review.queues.personal import Personal
from stages.cli.review.queues.preferences import Preferences
from stages.cli.review.queues.prompts import Prompts

QUEUES: Mapping[str, Callable[[], Queue]] = {
    made.name: made for made in (Seeds, Evolved, Prompts, Labels, Preferences, Personal)
}


def named(name: str) -> Queue:
    """Return a queue that has read nothing yet."""
    return QUEUES[name]()
