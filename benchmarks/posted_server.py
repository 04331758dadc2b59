"""go.dev, its downloads and its source repository, as gorebuild asks for them: over TLS.

gorebuild knows its servers by name. A proxy of its own (the HTTPS_PROXY variable) leads every
name to this server, whose certificate is signed by a key made here (SSL_CERT_FILE).
"""

from __future__ import annotations

import datetime as dt
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: The servers that gorebuild asks (golang.org/x/build/cmd/gorebuild, io.go and report.go).
NAMES = ("go.dev", "go.googlesource.com")


@dataclass(frozen=True, slots=True)
class Posted:
    """The running server: what a program's environment must say to be led to it."""

    environment: Mapping[str, str]


@contextmanager
def serve_posted(files: Mapping[str, bytes | Path], directory: Path) -> Iterator[Posted]:
    """Serve files by ``NAME/path?query``; keys and certificate lie in ``directory``."""
    authority = _certificate(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.pem")
    server = _Server(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.files, server.context = files, context
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        yield Posted({"HTTPS_PROXY": url, "NO_PROXY": "", "SSL_CERT_FILE": str(authority)})
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(socketserver.ThreadingTCPServer):
    files: Mapping[str, bytes | Path]
    context: ssl.SSLContext


class _Handler(socketserver.StreamRequestHandler):
    """One CONNECT, then one request after another within it."""

    server: _Server

    def handle(self) -> None:
        method, _name = self._head(self.connection)
        if method != "CONNECT":
            return
        self.connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with self.server.context.wrap_socket(self.connection, server_side=True) as channel:
            name = ""
            while True:
                method, target = self._head(channel)
                if method != "GET":
                    return
                name = target
                self._answer(channel, name)

    def _head(self, channel: socket.socket) -> tuple[str, str]:
        """The method, and the server's name with the path of one request."""
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            byte = channel.recv(1)
            if not byte:
                return "", ""
            data += byte
        lines = data.decode("latin-1").split("\r\n")
        method, target, _version = lines[0].split(" ")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        url = urlsplit(target)
        query = f"?{url.query}" if url.query else ""
        return method, f"{fields.get('host', '')}{url.path}{query}"

    def _answer(self, channel: ssl.SSLSocket, name: str) -> None:
        content = self.server.files.get(name)
        data = content.read_bytes() if isinstance(content, Path) else content
        status = "404 Not Found" if data is None else "200 OK"
        body = data or b""
        channel.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        channel.sendall(body)


def _certificate(directory: Path) -> Path:
    """Make an authority and, signed by it, the server's certificate; the authority's file."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "samego's benchmark")])
    now = dt.datetime.now(dt.timezone.utc)

    def build(
        subject: x509.Name, public: ec.EllipticCurvePublicKey, *, authority: bool
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )

    top = build(issuer, authority_key.public_key(), authority=True)
    names = x509.SubjectAlternativeName([x509.DNSName(name) for name in NAMES])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAMES[0])])
    leaf = build(subject, key.public_key(), authority=False).add_extension(names, critical=False)
    pem = serialization.Encoding.PEM
    place = directory / "authority.pem"
    place.write_bytes(top.sign(authority_key, hashes.SHA256()).public_bytes(pem))
    (directory / "server.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.sign(authority_key, hashes.SHA256()).public_bytes(pem)
    )
    return place
