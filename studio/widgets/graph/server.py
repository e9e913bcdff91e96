"""A local web server that shows model files with netron's page, for our own browser view alone.

It listens on 127.0.0.1 at a free port, starts with the first model and serves any number of them,
each under a token that cannot be guessed. netron's own server knows one model at a time, asks for
consent, and its page asks the internet where it is and refuses to work 180 days after its release;
here the page has neither a release date nor a version to send to anyone.
"""

from __future__ import annotations

import http.server
import importlib.util
import io
import re
import secrets
import shutil
import threading
import urllib.parse
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

Source = Path | bytes
"""A model: its file, or its content."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
_META = re.compile(r'<meta name="(?:version|date)" content="[^"]*">')
_HEAD = (
    '<meta name="type" content="Python"><meta name="version" content="0.0.0">'
    '<meta name="file" content="/data/{file}"><meta name="identifier" content="{name}">'
)
"""Version 0.0.0 is netron's word for a copy that was not released: it reports nothing."""
_COOKIE = "consent=1; Path=/; SameSite=Strict"
"""The page then asks neither for consent nor for the country it is in."""
_POLICY = (
    "default-src 'self' blob: data:; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "frame-src 'none'; form-action 'none'; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class _Model:
    source: Source
    name: str


class ModelServer:
    """Serves models to netron's page.

    Nothing runs until the first `add`. `close` ends it; a later `add` starts it anew.
    """

    def __init__(self) -> None:
        self._models: dict[str, _Model] = {}
        self._lock = threading.Lock()
        self._http: http.server.ThreadingHTTPServer | None = None

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not run."""
        return self._http.server_port if self._http is not None else 0

    def add(self, source: Source, name: str) -> str:
        """Offer a model; gives the address of the page that shows it.

        Args:
            source: Its file, read when the page asks for it, or its content.
            name: File name; netron tells formats by its ending.
        """
        with self._lock:
            if self._http is None:
                self._http = self._start()
            token = secrets.token_urlsafe(16)
            self._models[token] = _Model(source, name)
            return f"http://127.0.0.1:{self._http.server_port}/{token}/"

    def remove(self, address: str) -> None:
        """Stop offering the model of an address that `add` gave; unknown ones are no error."""
        self._models.pop(address.rstrip("/").rsplit("/", 1)[-1], None)

    def close(self) -> None:
        """End the server, and forget all models."""
        with self._lock:
            server, self._http = self._http, None
            self._models.clear()
        if server is not None:
            server.shutdown()
            server.server_close()

    def model(self, token: str) -> _Model | None:
        """The model of a token, if there is one."""
        return self._models.get(token)

    def _start(self) -> http.server.ThreadingHTTPServer:
        owner = self

        class Handler(_Handler):
            models = owner

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(
            target=server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="graph-server",
            daemon=True,
        ).start()
        return server


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers for `/TOKEN/` (the page), `/TOKEN/data/NAME` (the model), `/TOKEN/FILE` (netron)."""

    models: ModelServer

    def do_GET(self) -> None:
        """Answer a request."""
        token, _, rest = self._path().partition("/")
        model = self.models.model(token)
        if model is None or not self._local():
            self._refuse()
        elif rest in ("", "index.html"):
            self._send(io.BytesIO(_page(model.name)), ".html", cookie=True)
        elif rest == f"data/{model.name}":
            self._send_model(model)
        else:
            self._send_file(rest)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what is asked for is nobody's business."""

    def _path(self) -> str:
        return urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).removeprefix("/")

    def _local(self) -> bool:
        """Whether the request was meant for us, not for a name that was bent to this machine."""
        return self.headers.get("Host", "") == f"127.0.0.1:{self.models.port}"

    def _send_model(self, model: _Model) -> None:
        if isinstance(model.source, bytes):
            self._send(io.BytesIO(model.source), "")
            return
        try:
            with model.source.open("rb") as stream:
                self._send(stream, "")
        except OSError:
            self._refuse()

    def _send_file(self, name: str) -> None:
        """A file of netron's page; nothing else of the disk, external data of models neither."""
        folder = netron_folder()
        if folder is None:
            self._refuse()
            return
        path = (folder / name).resolve()
        if path.parent != folder or path.suffix not in _TYPES or not path.is_file():
            self._refuse()
            return
        with path.open("rb") as stream:
            self._send(stream, path.suffix)

    def _send(self, stream: BinaryIO, ending: str, *, cookie: bool = False) -> None:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        self.send_response(200)
        self.send_header("Content-Type", _TYPES.get(ending, "application/octet-stream"))
        self.send_header("Content-Length", str(size))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if cookie:
            self.send_header("Set-Cookie", _COOKIE)
            self.send_header("Content-Security-Policy", _POLICY)
        self.end_headers()
        try:
            shutil.copyfileobj(stream, self.wfile, 1 << 20)
        except ConnectionError:  # the page was closed, or shows another model by now
            self.close_connection = True

    def _refuse(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()


@lru_cache(maxsize=1)
def netron_folder() -> Path | None:
    """Where netron's page lies; None where netron is not installed.

    The package is looked up, not imported: its import reads a lot and is of no use here.
    """
    spec = importlib.util.find_spec("netron")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(places[0]).resolve() if places else None


def _page(name: str) -> bytes:
    """Netron's page for a model: without its release, with the model's place."""
    folder = netron_folder()
    if folder is None:
        return b""
    text = (folder / "index.html").read_text(encoding="utf-8")
    clean = _META.sub("", text)
    head = _HEAD.format(file=_attribute(urllib.parse.quote(name)), name=_attribute(name))
    return clean.replace("</title>", f"</title>{head}", 1).encode()


def _attribute(text: str) -> str:
    """Text as the value of an attribute of HTML."""
    for plain, safe in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(plain, safe)
    return text


_shared = ModelServer()


def shared_server() -> ModelServer:
    """The program's one server; whoever ends the program closes it."""
    return _shared
