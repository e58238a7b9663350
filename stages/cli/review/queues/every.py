"""All queues, by the names that the command knows. Each is imported when it is opened: what `personal` needs takes a second."""

from collections.abc import Callable, Mapping

from stages.cli.review.queue import Queue


def named(name: str) -> Queue:
    """Return a queue that has read nothing yet."""
    return QUEUES[name]()


def _seeds() -> Queue:
    from stages.cli.review.queues.instructions import Seeds  # noqa: PLC0415 - see above

    return Seeds()


def _evolved() -> Queue:
    from stages.cli.review.queues.instructions import Evolved  # noqa: PLC0415 - see above

    return Evolved()


def _prompts() -> Queue:
    from stages.cli.review.queues.prompts import Prompts  # noqa: PLC0415 - see above

    return Prompts()


def _labels() -> Queue:
    from stages.cli.review.queues.labels import Labels  # noqa: PLC0415 - see above

    return Labels()


def _preferences() -> Queue:
    from stages.cli.review.queues.preferences import Preferences  # noqa: PLC0415 - see above

    return Preferences()


def _personal() -> Queue:
    from stages.cli.review.queues.personal import Personal  # noqa: PLC0415 - see above

    return Personal()


QUEUES: Mapping[str, Callable[[], Queue]] = {
    "seeds": _seeds,
    "evolved": _evolved,
    "prompts": _prompts,
    "labels": _labels,
    "preferences": _preferences,
    "personal": _personal,
}
