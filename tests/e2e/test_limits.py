"""nginx's first wall; runs with the limits on."""

import socket

from .world import Case, acme, stack


class Limits(Case):
    """Per address: 10 r/s with a burst of 20 for the API, 5 r/s with a burst of 10 for signing in and up, and 400 requests
    at the same moment."""

    def refused(self, path: str, count: int) -> list:
        """The refusals among quick requests."""
        page = acme().page()
        return [answer for answer in (page.send("GET", path) for _ in range(count)) if answer.status == 429]

    def test_the_api(self) -> None:
        refused = self.refused("/api/v1/tickets", 60)
        self.assertTrue(5 <= len(refused) <= 40, len(refused))
        self.assert_problem(refused[0], 429, "rate_limited")

    def test_signing_in_is_tighter(self) -> None:
        self.assertTrue(10 <= len(self.refused("/api/v1/auth/me", 60)) <= 50)

    def test_nobody_holds_all_connections(self) -> None:
        start = f"GET / HTTP/1.1\r\nHost: {stack().host('app')}\r\nContent-Length: 10\r\n\r\n".encode()
        held = [socket.create_connection(("127.0.0.1", stack().http_port), timeout=5) for _ in range(420)]
        for connection in held:
            connection.sendall(start)  # and never the body
        statuses = [connection.recv(65536).split()[1] for connection in held]
        for connection in held:
            connection.close()
        self.assertEqual(set(statuses), {b"200", b"429"})
        self.assertTrue(10 <= statuses.count(b"429") <= 20, statuses.count(b"429"))

    def test_pages_are_not_limited(self) -> None:
        self.assertEqual(self.refused("/", 100), [])
