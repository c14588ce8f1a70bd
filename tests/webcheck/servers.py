"""Small real servers on loopback that misbehave as a test wants."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

TLS = Path(__file__).parent / "tls"

#: Gets the request as text and the connection; whatever it sends is the answer.
Handler = Callable[[str, socket.socket], None]


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Return an answer as bytes; headers by name with underscores."""
    fields = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items() if value)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Server:
    """A server that hands every connection to ``handler`` and remembers the requests."""

    def __init__(self, handler: Handler, *, host: str = "127.0.0.1", tls: bool = False) -> None:
        self.requests: list[str] = []
        self._handler = handler
        self._tls: ssl.SSLContext | None = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(TLS / "alpha.pem")
            self._tls.sni_callback = lambda _sock, name, _context: self.names.append(name)
        self.names: list[str | None] = []
        self._socket = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.host, self.port = self._socket.getsockname()[:2]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._is_closed = False
        self._thread.start()

    @property
    def pair(self) -> tuple[str, int]:
        """Return address and port."""
        return self.host, self.port

    def close(self) -> None:
        """Stop taking connections."""
        self._is_closed = True
        with contextlib.suppress(OSError), socket.create_connection(self.pair, timeout=1):
            pass
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while not self._is_closed:
            connection, _address = self._socket.accept()
            if self._is_closed:
                connection.close()
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            connection.settimeout(20)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            received = b""
            while b"\r\n\r\n" not in received:
                chunk = connection.recv(4096)
                if not chunk:
                    return
                received += chunk
            self.requests.append(received.decode("latin-1"))
            self._handler(self.requests[-1], connection)


@contextlib.contextmanager
def serving(handler: Handler | bytes, *, host: str = "127.0.0.1", tls: bool = False) -> Iterator[Server]:
    """Run a server; a handler of bytes answers every request with them."""
    send: Handler = handler if callable(handler) else lambda _request, connection: connection.sendall(handler)
    server = Server(send, host=host, tls=tls)
    try:
        yield server
    finally:
        server.close()
