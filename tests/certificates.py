"""Certificates of every kind, and servers that show them: TLS as OpenSSL speaks it, with its alerts."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = "IP:127.0.0.1,DNS:localhost"


class Certificates:
    """Made as they are asked for; each has its key beside it."""

    def __init__(self, folder: Path) -> None:
        if (openssl := shutil.which("openssl")) is None:
            pytest.skip("needs the openssl command to make certificates")
        self._openssl = openssl
        self._folder = folder
        self.authority = self._made("authority", HERE)
        """Signs itself, and is for this host too."""

    def for_name(self, name: str) -> Path:
        """By the authority, for another name than this host's."""
        return self.signed(2, f"DNS:{name}")

    def signed(self, days: int, names: str = HERE) -> Path:
        """By the authority, valid for so many days; less than nothing has expired."""
        path = self._folder / f"signed{len(list(self._folder.iterdir()))}.pem"
        (self._folder / "extensions").write_text(f"subjectAltName={names}\n")
        wish = ["req", "-new", *self._fresh(path), "-subj", "/CN=nas", "-out", str(path.with_suffix(".csr"))]
        self._run(*wish)
        by = [
            "-CA",
            str(self.authority),
            "-CAkey",
            str(self.authority.with_suffix(".key")),
            "-CAcreateserial",
        ]
        files = ["-extfile", str(self._folder / "extensions"), "-out", str(path)]
        self._run("x509", "-req", "-in", str(path.with_suffix(".csr")), *by, "-days", str(days), *files)
        return path

    def _made(self, name: str, names: str) -> Path:
        path = self._folder / f"{name}.pem"
        extensions = [f"subjectAltName={names}", "keyUsage=critical,digitalSignature,keyCertSign"]
        added = [word for extension in extensions for word in ("-addext", extension)]
        made = ["-x509", *self._fresh(path), "-days", "2", "-subj", "/CN=nas", *added, "-out", str(path)]
        self._run("req", *made)
        return path

    def _fresh(self, path: Path) -> list[str]:
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        return [*kind, "-keyout", str(path.with_suffix(".key"))]

    def _run(self, *words: str) -> None:
        subprocess.run([self._openssl, *words], check=True, capture_output=True)


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return context


def wants_ours(made: Certificates) -> ssl.SSLContext:
    context = server_context(made.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(made.authority)
    return context


def wants_ours_by_tls_1_2(made: Certificates) -> ssl.SSLContext:
    context = wants_ours(made)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def is_too_old(made: Certificates) -> ssl.SSLContext:
    context = server_context(made.authority)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def knows_no_such_name(made: Certificates) -> ssl.SSLContext:
    context = server_context(made.authority)
    context.sni_callback = lambda *_: ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return context


def knows_no_such_name_as_caddy(made: Certificates) -> ssl.SSLContext:
    context = server_context(made.authority)
    context.sni_callback = lambda *_: ssl.AlertDescription.ALERT_DESCRIPTION_INTERNAL_ERROR
    return context


@contextmanager
def serving(context: ssl.SSLContext | None, reply: bytes) -> Iterator[int]:
    """A server that says the same to whoever asks; its port. Without a context it speaks no TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serve = threading.Thread(target=_serve, args=(listener, context, reply), daemon=True)
        serve.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        serve.join()


def _serve(listener: socket.socket, context: ssl.SSLContext | None, reply: bytes) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(connection, server_side=True) if context else connection as spoken:
                spoken.settimeout(5)
                if spoken.recv(2**16):
                    spoken.sendall(reply)
        except OSError:
            connection.close()
