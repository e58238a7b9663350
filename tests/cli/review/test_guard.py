"""Who may ask: this server's own pages on loopback, and nobody else."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.cli.review.queues.instructions import Seeds
from stages.core import jsonl
from tests.cli.review.conftest import Page, furnish, instruction

ROW = instruction("Summarize what was agreed.")
FILE = Path("data/review/curate.jsonl")


@pytest.fixture(scope="module")
def page(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Open one page for all of these: none of them decides anything."""
    folder = tmp_path_factory.mktemp("guarded")
    with pytest.MonkeyPatch.context() as patch:
        furnish(folder, root)
        patch.chdir(folder)
        jsonl.write(Path("data/instructions/seeds.jsonl"), [ROW])
        page = Page(Seeds(), "Ann")
        yield page
        page.close()


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}"])
def test_loopback_names_are_answered(page: Page, host: str) -> None:
    assert page.get(f"/rows/{ROW.id}", Host=host.format(port=page.port)).status == 200


@pytest.mark.parametrize(
    "host", ["example.org", "example.org:{port}", "127.0.0.1", "127.0.0.1:80", "localhost.example.org:{port}", ""]
)
def test_other_hosts_are_refused(page: Page, host: str) -> None:
    reply = page.get(f"/rows/{ROW.id}", Host=host.format(port=page.port))
    assert reply.status in (400, 403) and ROW.text not in reply.text and reply.text.count("\n") <= 1


@pytest.mark.parametrize(
    "origin",
    [
        "http://example.org",
        "null",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:1",
        "http://localhost:{port}.example.org",
    ],
)
def test_other_origins_decide_nothing(page: Page, origin: str) -> None:
    body = f"token={page.token}&action=keep"
    headers = {"Content_Type": "application/x-www-form-urlencoded", "Origin": origin.format(port=page.port)}
    reply = page.ask("POST", f"/rows/{ROW.id}/decision", body, **headers)
    assert reply.status == 403 and reply.text.startswith("review: ") and reply.text.count("\n") == 1
    assert not FILE.exists()


def test_another_sites_page_is_not_answered(page: Page) -> None:
    assert page.get(f"/rows/{ROW.id}", Sec_Fetch_Site="cross-site").status == 403
    assert page.get(f"/rows/{ROW.id}", Sec_Fetch_Site="same-site").status == 403
    assert page.get(f"/rows/{ROW.id}", Sec_Fetch_Site="none").status == 200


@pytest.mark.parametrize(
    "path", [f"/rows/{ROW.id}/decision", f"/rows/{ROW.id}/stretch", f"/rows/{ROW.id}/changes", "/undo"]
)
@pytest.mark.parametrize("token", ["", "wrong", "ü"])
def test_a_form_without_the_token_decides_nothing(page: Page, path: str, token: str) -> None:
    reply = page.post(path, token=token, action="keep")
    assert (reply.status, reply.text.count("\n")) == (403, 1)
    assert not FILE.exists()


def test_a_get_decides_nothing(page: Page) -> None:
    assert page.get(f"/rows/{ROW.id}/decision?token={page.token}&action=keep").status == 405
    assert not FILE.exists()


def test_a_form_that_is_too_long_is_not_read(page: Page) -> None:
    assert page.post(f"/rows/{ROW.id}/changes", text="x" * (1 << 20)).status == 413


@pytest.mark.parametrize(
    "path", ["/", f"/rows/{ROW.id}", "/rows/nobody", "/static/htmx.min.js", "/static/../app.py", "/nothing"]
)
def test_every_reply_says_what_it_may_do(page: Page, path: str) -> None:
    headers = page.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_only_its_own_files_are_given(page: Page) -> None:
    assert page.get("/static/review.css").status == 200
    assert page.get("/static/../app.py").status == 404
    assert page.get("/static/%2e%2e/app.py").status == 404


def test_only_loopback_listens(page: Page) -> None:
    with socket.socket() as outside:
        outside.bind(("127.0.0.2", page.port))  # a server on all addresses would hold this one too
