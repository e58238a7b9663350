"""The files of the workspace, or of any commit, tag, branch or DVC experiment, read without a checkout.

What Git has is read from Git. What a stage made is looked up in that revision's dvc.lock, by whose hash DVC's cache has it; what is
in no local cache is fetched from the remote through DVC.
"""

import io
import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from stages.cli.settled import CACHE
from stages.core import yaml_text
from stages.core.errors import InputError

WORKSPACE = ""
LOCK, PARAMS = "dvc.lock", "params.yaml"
HIDDEN = ("refs/exps/exec/", "refs/exps/stash", "refs/exps/celery/")  # DVC's own, no experiment
ABBREVIATED = 12  # digits of a commit's name, as shown


def git(*words: str, root: Path = Path()) -> bytes | None:
    """Return what Git prints, or None where it fails."""
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def resolved(name: str, root: Path = Path()) -> str:
    """Return the commit that a revision's or a DVC experiment's name stands for; of experiments of one name that of the last commit."""
    for ref in (f"refs/tags/{name}", f"refs/heads/{name}", *experiments(root).get(name, ()), name):
        found = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", root=root)
        if found:
            return found.decode().strip()
    raise InputError(
        f"{name}: no commit, tag, branch or experiment of this repository; `git tag`, `git branch` and `dvc exp list -A` name them"
    )


def experiments(root: Path = Path()) -> dict[str, list[str]]:
    """Return the refs of DVC's experiments by name, those of the last commit first."""
    head = (git("rev-parse", "HEAD", root=root) or b"").decode().strip()
    own = f"refs/exps/{head[:2]}/{head[2:]}/"
    refs = (git("for-each-ref", "--format=%(refname)", "refs/exps", root=root) or b"").decode().split()
    found: dict[str, list[str]] = {}
    for ref in sorted(refs, key=lambda ref: not ref.startswith(own)):
        if not ref.startswith(HIDDEN):
            found.setdefault(ref.rpartition("/")[2], []).append(ref)
    return found


class Revision:
    """The files of a revision by their paths from the root; `name` "" is the workspace."""

    def __init__(self, name: str = WORKSPACE, root: Path = Path()) -> None:
        """Find the revision; InputError where nothing has this name."""
        self.name, self.root = name, root
        self.commit = resolved(name, root) if name else ""

    def __str__(self) -> str:
        """Name it, with its commit."""
        return f"{self.name} ({self.commit[:ABBREVIATED]})" if self.name else "the workspace"

    def content(self, path: str) -> bytes | None:
        """Return a file whole, or None where this revision has none there."""
        if file := self._file(path):
            return file.read_bytes()
        if not self.name:
            return None
        known = git("cat-file", "blob", f"{self.commit}:{path}", root=self.root)
        return self._fetched(path) if known is None and path != LOCK and path in self.made else known

    def lines(self, path: str) -> Iterator[str]:
        """Yield the lines of a file one by one; none where there is no such file."""
        if file := self._file(path):
            with file.open(encoding="utf-8") as opened:
                yield from opened
        elif content := self.content(path):
            yield from io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")

    def _file(self, path: str) -> Path | None:
        """Return where on this disk a file's content is: in the workspace, or in DVC's cache."""
        if not self.name:
            return self.root / path if (self.root / path).is_file() else None
        digest = "" if path == LOCK else self.made.get(path, "")
        return self.cached(digest) if digest else None

    def cached(self, digest: str) -> Path | None:
        """Return where DVC's cache on this disk has the content of this MD5, or None where it has not."""
        usual = self.root / CACHE / digest[:2] / digest[2:]
        if usual.is_file():
            return usual
        elsewhere = self._configured / digest[:2] / digest[2:]
        return elsewhere if elsewhere.is_file() else None

    @cached_property
    def _configured(self) -> Path:
        """Where DVC's settings have its cache: asked for only where the usual place lacks something."""
        from dvc.exceptions import DvcException  # noqa: PLC0415 - 0.3 s

        from stages.cli.dvc_graph import opened  # noqa: PLC0415 - as above

        try:
            with opened(self.root) as repo:
                return Path(repo.cache.local.path)
        except (DvcException, InputError):  # no repository of DVC
            return self.root / CACHE

    def names(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder and its folders, of Git and of stages, in order."""
        if not self.name:
            found = (file.relative_to(self.root).as_posix() for file in (self.root / folder).rglob("*"))
            return sorted(path for path in found if (self.root / path).is_file())
        listed = git("ls-tree", "-r", "-z", "--name-only", self.commit, "--", f"{folder}/", root=self.root) or b""
        made = [path for path in self.made if path.startswith(f"{folder}/")]
        return sorted({*listed.decode().split("\0")[:-1], *made})

    def digest(self, path: str) -> str:
        """Return the MD5 by which dvc.lock knows a file, or the folder it lies in; "" where no stage reads or writes it."""
        ways = (path, *(parent.as_posix() for parent in Path(path).parents))
        return next((self.locked[way] for way in ways if way in self.locked), "")

    def yaml(self, path: str) -> Any:  # noqa: ANN401 - YAML
        """Return the mapping that a YAML file holds; an empty one where there is no file."""
        try:
            found = yaml_text.load((self.content(path) or b"").decode()) or {}
        except (yaml_text.NotYaml, UnicodeDecodeError):
            raise InputError(f"{path} of {self}: not YAML; mend it") from None
        if not isinstance(found, dict):
            raise InputError(f"{path} of {self}: no mapping of sections; restore it from Git")
        return found

    @cached_property
    def stages(self) -> dict[str, dict[str, Any]]:
        """What dvc.lock says of each stage when it ran last."""
        found: dict[str, dict[str, Any]] = self.yaml(LOCK).get("stages", {})
        return found

    @cached_property
    def made(self) -> dict[str, str]:
        """The MD5 of each file that a stage made."""
        return {
            out["path"]: out["md5"] for stage in self.stages.values() for out in stage.get("outs", ()) if "md5" in out
        }

    @cached_property
    def locked(self) -> dict[str, str]:
        """The MD5 by which dvc.lock knows each file or folder that a stage read or made."""
        read = {dep["path"]: dep.get("md5", "") for stage in self.stages.values() for dep in stage.get("deps", ())}
        return {**read, **self.made}

    def _fetched(self, path: str) -> bytes:
        """Return a file from wherever DVC finds it, other caches and the remote included."""
        from dvc.api import DVCFileSystem  # noqa: PLC0415 - seconds
        from dvc.exceptions import DvcException  # noqa: PLC0415 - seconds

        try:
            content: bytes = DVCFileSystem(str(self.root), rev=self.commit).read_bytes(path)
        except (OSError, DvcException):
            raise InputError(
                f"{path} of {self}: in no cache here and in no remote; get it (`dvc fetch`), or make it (`dvc exp apply {self.name}`, `dvc repro`)"
            ) from None
        return content
