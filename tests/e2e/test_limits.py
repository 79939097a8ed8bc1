"""nginx's first wall; runs with the limits on."""

import http.client
import socket
import time

from .world import Case, acme, stack


class Limits(Case):
    """10 r/s with a burst of 20 for strangers at one address, 20 and 40 for a session, 100 and 200 for all at one address,
    5 and 10 for signing in and up, and 400 requests at the same moment."""

    COUNT = 60

    def refused(self, path: str, count: int) -> list:
        """The refusals among a stranger's quick requests."""
        page = acme().page()
        return [answer for answer in (page.send("GET", path) for _ in range(count)) if answer.status == 429]

    def let_in(self, path: str, rate: int, burst: int) -> int:
        """How many of quick requests came through: what the zone's rate and burst say, neither more nor fewer."""
        acme()
        time.sleep(2.5)  # Both zones are empty then.
        started = time.monotonic()
        refused = self.refused(path, self.COUNT)
        passed = time.monotonic() - started
        through, most = self.COUNT - len(refused), 1 + burst + rate * passed
        # The first comes in beside the burst; one more or less is the rounding of milliseconds.
        self.assertTrue(burst <= through <= most + 1, f"{through} of {self.COUNT} at {path} in {passed:.2f} s")
        self.assertGreater(len(refused), 0, "the machine is too slow to come too often")
        self.assert_problem(refused[0], 429, "rate_limited")
        return through

    def test_signing_in_is_tighter_than_the_rest(self) -> None:
        usual = self.let_in("/api/v1/tickets", rate=10, burst=20)
        signing_in = self.let_in("/api/v1/auth/me", rate=5, burst=10)
        signing_up = self.let_in("/api/v1/tenants/nobody/status", rate=5, burst=10)
        operators = self.let_in("/api/v1/operator/auth/login", rate=5, burst=10)
        at_the_desk = self.let_in("/api/v1/operator/tenants", rate=10, burst=20)
        self.assertLess(max(signing_in, signing_up, operators), min(usual, at_the_desk) * 0.75)

    def statuses_of(self, tokens: list[str], address: str = "127.0.0.3") -> list[int]:
        """What the queue's list answers at that address to each of the tokens, one after the other."""
        connection = http.client.HTTPConnection("127.0.0.1", stack().http_port, timeout=10, source_address=(address, 0))
        statuses = []
        for token in tokens:
            connection.request("GET", "/api/v1/tickets?limit=1", headers={"Host": stack().host(acme().slug), "Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        return statuses

    def made_up(self, count: int) -> list[str]:
        """Tokens with the shape of ours, each with another signature."""
        return [f"{'e' * 40}.{'p' * 40}.{number:043d}" for number in range(count)]

    def test_sessions_at_one_address_are_counted_each_for_itself(self) -> None:
        one, other = self.made_up(2)
        first = self.statuses_of([one] * 120)
        self.assertIn(429, first, "the machine is too slow to come too often")
        self.assertGreaterEqual(len(first) - first.count(429), 41)
        self.assertNotIn(429, self.statuses_of([other] * 30))
        self.assertIn(429, self.statuses_of([one] * 60), "the machine is too slow to come too often")

    def test_tokens_made_up_meet_the_wall_of_the_address(self) -> None:
        statuses = self.statuses_of(self.made_up(600), "127.0.0.4")
        self.assertIn(429, statuses, "the machine is too slow to come too often")
        self.assertNotIn(200, statuses)
        self.assertGreaterEqual(len(statuses) - statuses.count(429), 100)

    def test_what_is_no_token_of_ours_makes_nobody_a_session(self) -> None:
        for value in ("x", "a.b.c", f"{'a' * 60}.short"):
            with self.subTest(value):
                time.sleep(2.5)
                statuses = self.statuses_of([value] * self.COUNT, "127.0.0.5")
                self.assertGreater(statuses.count(429), 0, "the machine is too slow to come too often")

    def status_from(self, address: str) -> int:
        """What somebody at that address is answered."""
        connection = http.client.HTTPConnection("127.0.0.1", stack().http_port, timeout=10, source_address=(address, 0))
        try:
            connection.request("GET", "/api/v1/auth/me", headers={"Host": stack().host(acme().slug)})
            return connection.getresponse().status
        finally:
            connection.close()

    def test_an_address_that_comes_too_often_takes_nothing_from_another(self) -> None:
        acme()
        time.sleep(2.5)  # Both zones are empty then.
        asked = [self.status_from("127.0.0.1") for _ in range(self.COUNT)]
        elsewhere = [self.status_from("127.0.0.2") for _ in range(5)]
        after = [self.status_from("127.0.0.1") for _ in range(5)]
        self.assertIn(429, asked, "the machine is too slow to come too often")
        self.assertIn(429, after, "the machine is too slow to come too often")
        # A wall that counted all addresses as one would have refused here, between two refusals.
        self.assertEqual(set(elsewhere), {401})

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
