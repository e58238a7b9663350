"""What `make repro` runs: check, prune and `dvc repro`, each only where something that it looks at has changed since.

What has not is told by stages/cli/checked.py and stages/cli/settled.py, without loading a single library.
"""

import subprocess
import sys

from stages.cli import checked, settled

IDLE = "Data and pipelines are up to date."  # DVC's own words


def main() -> int:
    """Return the exit code of the first that fails."""
    mark = checked.standing()
    if mark is None:
        if code := _insight("check"):
            return code
        mark = checked.standing()
    else:
        _say("params.yaml, prompts/ and data/review/ are as they were when last found valid")
    if (mark is None or checked.gone(mark)) and (code := _insight("prune")):
        return code
    return _dvc("repro") if mark is None or mark.restless else _reproduce(mark)


def _reproduce(mark: checked.Mark) -> int:
    """Run `dvc repro`, unless the files are in the state in which it had nothing to do; leave that state behind."""
    before = settled.state(mark)
    if before and before == settled.last():
        _say(IDLE)
        return 0
    if code := _dvc("repro"):
        return code
    after = settled.state(mark)
    if after != before:  # stages ran: that their files are now as DVC knows them, DVC has to say
        before, code = after, _dvc("status", "--quiet")
        after = settled.state(mark)
    if after and after == before and not code:
        settled.leave(after)
    return 0


def _insight(command: str) -> int:
    """Run `dial-insight` in a process of its own: a check imports all stages, which would stay in memory during the run."""
    return subprocess.call([sys.executable, "-m", "stages.cli.main", command])


def _dvc(*words: str) -> int:
    from dvc.cli import main as dvc  # noqa: PLC0415 - 0.3 s, in vain where nothing is to do

    from stages.cli.quick_yaml import quicken  # noqa: PLC0415 - as above

    quicken()
    return int(dvc(list(words)) or 0)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the command's output


if __name__ == "__main__":
    sys.exit(main())
