"""What Git says of the revision that a pull request is compared with."""

import subprocess
from pathlib import Path

from stages.cli.revision import git as content
from stages.core.errors import InputError

MAIN = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


def base(root: Path, wanted: str = "") -> str:
    """Return the commit that the branch left its base at: of `wanted`, or of the first of `MAIN` that there is."""
    for name in [wanted] if wanted else MAIN:
        found = git(root, "merge-base", "HEAD", name, check=False).strip()
        if found:
            return found
    where = wanted or ", ".join(MAIN)
    raise InputError(
        f"{root.resolve()}: no common commit of HEAD with {where}; name the base, and in a shallow clone fetch its history"
    )


def named(root: Path, commit: str) -> str:
    """Return a commit as people call it: its short hash."""
    return git(root, "rev-parse", "--short", commit).strip()


def before(root: Path, commit: str, path: str) -> str | None:
    """Return a file's text as it was, or None where it was not."""
    found = content("show", f"{commit}:{path}", root=root)
    return None if found is None else found.decode("utf-8", errors="replace")


def changed(root: Path, commit: str, *paths: str) -> list[str]:
    """Return the files under `paths` that differ from the commit, new ones included."""
    tracked = git(root, "diff", "--name-only", "-z", commit, "--", *paths).split("\0")
    new = git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", *paths).split("\0")
    return sorted({*tracked, *new} - {""})


def git(root: Path, *arguments: str, check: bool = True) -> str:
    """Return what Git prints."""
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, encoding="utf-8", errors="surrogateescape", check=False
    )  # a file's name may be in another encoding
    if check and done.returncode:
        said = "".join(done.stderr.strip().splitlines()[-1:])
        raise InputError(f"{root.resolve()}: git {arguments[0]} fails ({said}); mend it")
    return "" if done.returncode else done.stdout
