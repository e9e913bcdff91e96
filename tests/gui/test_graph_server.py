"""The local server of netron's page: what it gives, and what it refuses."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

import pytest

from studio.widgets.graph.server import ModelServer, netron_folder


@pytest.fixture
def server():
    made = ModelServer()
    yield made
    made.close()


def read(address, host=""):
    request = urllib.request.Request(address)
    if host:
        request.add_header("Host", host)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return answer.read(), answer.headers


def status(address, host=""):
    try:
        read(address, host)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return 200


def test_nothing_listens_before_the_first_model_and_after_the_end():
    server = ModelServer()
    assert server.port == 0
    server.add(b"x", "a.onnx")
    port = server.port
    with socket.create_connection(("127.0.0.1", port), 5):
        pass
    server.close()
    assert server.port == 0
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 5):
        pass
    assert server.add(b"x", "a.onnx")  # and it begins anew
    server.close()


def test_page_names_the_model_and_has_lost_release_and_consent(server):
    page, headers = read(server.add(b"x", 'a "b" <模型>.onnx'))
    text = page.decode()
    assert 'name="date"' not in text
    assert text.count('name="version"') == 1
    assert 'name="version" content="0.0.0"' in text
    assert 'content="a &quot;b&quot; &lt;模型&gt;.onnx"' in text
    assert 'content="/data/a%20%22b%22%20%3C' in text
    assert "consent=1" in headers["Set-Cookie"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_the_release_date_is_where_we_think_it_is():
    """The page refuses to work 180 days after this date, so a new netron must be looked at."""
    text = (netron_folder() / "index.html").read_text(encoding="utf-8")
    assert text.count('<meta name="date"') == 1
    assert text.count('<meta name="version"') == 1


def test_many_models_each_under_its_token(server, tmp_path):
    path = tmp_path / "模型.onnx"
    path.write_bytes(b"from a file")
    first = server.add(path, path.name)
    second = server.add(b"from memory", "b.onnx")
    assert read(first + "data/%E6%A8%A1%E5%9E%8B.onnx")[0] == b"from a file"
    assert read(second + "data/b.onnx")[0] == b"from memory"
    assert status(first + "data/b.onnx") == 404
    server.remove(first)
    assert status(first) == 404
    assert read(second + "view.js")[0] == (netron_folder() / "view.js").read_bytes()


def test_a_file_that_has_gone_is_told_to_the_page(server, tmp_path):
    address = server.add(tmp_path / "gone.onnx", "gone.onnx")
    assert status(address + "data/gone.onnx") == 404


@pytest.mark.parametrize(
    "rest",
    [
        "data/weights.bin",
        "data/../secret.txt",
        "../secret.txt",
        "%2e%2e/secret.txt",
        "..%2f..%2fsecret.txt",
        "__init__.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "data/%2fetc%2fpasswd",
    ],
)
def test_nothing_else_of_the_disk(server, tmp_path, rest):
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "weights.bin").write_text("weights")
    model = tmp_path / "sub" / "a.onnx"
    model.parent.mkdir()
    model.write_bytes(b"x")
    assert status(server.add(model, "a.onnx") + rest) == 404


def test_a_wrong_token_or_name_of_this_machine_is_refused(server):
    address = server.add(b"x", "a.onnx")
    assert status(f"http://127.0.0.1:{server.port}/") == 404
    assert status(f"http://127.0.0.1:{server.port}/guess/") == 404
    assert status(address, host=f"evil.example:{server.port}") == 404
    assert status(address, host=f"127.0.0.1:{server.port}") == 200
