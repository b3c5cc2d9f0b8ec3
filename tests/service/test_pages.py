"""Paths and names in URLs reach no other files; scripts in stored text are shown, not run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from scaling_search.store import Store, Workers
from tests.support.service import HTML, STUDY, V1


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"]
)
def test_paths_do_not_leave_the_static_folder(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/launch?file=../../etc/passwd", "/launch?file=/etc/passwd", "/launch?study=../../etc/passwd", f"{STUDY}/export/..%2f..%2fetc%2fpasswd", f"{STUDY}/trials.%2fetc%2fpasswd"]
)  # fmt: skip
def test_paths_do_not_leave_files_of_studies_or_exports(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (404, 422)
    assert "root:" not in answer.text


@pytest.mark.parametrize("name", ["..", "%2e%2e", "a%2Fb", "a b", "<script>", "x" * 65])
def test_invalid_names_are_refused(client: TestClient, name: str) -> None:
    assert client.get(f"{V1}/studies/{name}").status_code in (200, 404, 422)
    assert client.get(f"/studies/{name}", headers=HTML).status_code in (200, 404, 422)


def test_scripts_in_descriptions_are_shown_not_run(client: TestClient, tiny: Callable[..., str]) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    text = tiny("evil").replace("name: evil", f'name: evil\ndescription: "{evil}"')
    assert client.post(f"{V1}/studies", json={"spec": text}).status_code == 201
    for page in ("/", "/studies/evil", "/launch?study=evil", "/?q=" + evil, "/studies/tiny/trials?q=" + evil):
        shown = client.get(page, headers=HTML)
        assert shown.status_code == 200
        assert "<script>alert" not in shown.text
        assert "<img src=x" not in shown.text
    shown = client.get(f"/studies/{evil}", headers=HTML)
    assert "<script>alert" not in shown.text


def test_scripts_in_errors_and_hosts_are_shown_not_run(client: TestClient, store: Store) -> None:
    evil = "<script>alert(1)</script>"
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE trial SET state = 'failed', error = '{evil}' WHERE number = 3")
    Workers(store).arrive(evil, 1, 1)
    for page in ("/studies/tiny/trials", "/studies/tiny/trials/3", "/workers"):
        shown = client.get(page, headers=HTML).text
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert" in shown
