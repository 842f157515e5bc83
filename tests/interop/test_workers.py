"""The workers of docs/camunda.md, with the clients that Camunda publishes as they are installed."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.docs.test_snippets import snippets
from tests.support.paid import start_paid, totals
from tests.support.server import start

pytestmark = pytest.mark.interop
HERE = Path(__file__).parent


@pytest.mark.needs("node-camunda-8.9")
def test_a_worker_in_javascript(template: Path, tmp_path: Path) -> None:
    (snippet,) = snippets("js")
    with start(tmp_path, template, DRAGOMAN_CAMUNDA_PROFILE="8.9") as server:
        start_paid(server.port, 21)
        environment = {
            **os.environ,
            "CAMUNDA_REST_ADDRESS": f"http://127.0.0.1:{server.port}",
            "CAMUNDA_AUTH_STRATEGY": "BASIC",
            "CAMUNDA_BASIC_AUTH_USERNAME": "demo",
            "CAMUNDA_BASIC_AUTH_PASSWORD": "demo",
        }
        command = ("node", "--input-type=module", "-e", snippet.text)
        worker = subprocess.Popen(command, cwd=HERE / "camunda", env=environment)
        try:
            while not totals(server.port):
                assert worker.poll() is None
                time.sleep(0.1)
            assert totals(server.port) == ["42"]
        finally:
            worker.kill()
            worker.wait()
