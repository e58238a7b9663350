"""A command line run to its end: the exit code, and in one line what ended it early."""

import os
import sys
from io import TextIOWrapper

from cyclopts import App, CycloptsError

from stages.cli.output import tell, unusable


def run(app: App, words: list[str] | None) -> int:
    """Run a command and return its exit code; a wrong command line is one line, with exit code 2, as is what the machine refuses, with 1."""
    _say_anything()
    try:
        return int(app(words, exit_on_error=False, print_error=False, result_action="return_value") or 0)
    except CycloptsError as error:
        return _wrong(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return tell([unusable(error)], "")


def _say_anything() -> None:
    """Write what a stream's encoding lacks, as signs of a plot in a file on Windows, as escapes: no result is lost to it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _wrong(error: CycloptsError) -> int:
    """Tell what is wrong with a command line, and whose `--help` tells more."""
    chain = error.command_chain or ()
    command = " ".join(("dial-insight", *chain))
    tell([f"dial-insight: {' '.join(str(error).split())} `{command} --help` tells more"], "")
    return 1 if "retain" in chain else 2  # there 2 says collapsed
