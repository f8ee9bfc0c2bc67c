"""A real S3 server on this machine, for tests of an index in an object store."""

from __future__ import annotations

import secrets
import threading
import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server


class _OneAtATime:
    """Serves one request at a time: moto looks whether an object exists and then writes it, which has to be one step,
    as in S3, where one of two conditional writes fails."""

    def __init__(self, served: Any) -> None:
        self._served = served
        self._lock = threading.Lock()

    def __call__(self, environment: Any, start_response: Any) -> Iterable[bytes]:
        with self._lock:
            return list(self._served(environment, start_response))


class _Quiet(MotoRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """URL of an S3 server, empty at first."""
    application = _OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, name="s3-server", daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def s3_index(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """URI where an index may be made: in a new bucket, which the environment lets this process and its children use."""
    bucket = f"sounds-{secrets.token_hex(6)}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anybody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "anything")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with urllib.request.urlopen(urllib.request.Request(f"{s3_endpoint}/{bucket}", method="PUT")):
        pass
    return f"s3://{bucket}/index"
