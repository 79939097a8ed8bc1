"""The APIs' own limits, counted by the real Redis; runs with the limits on, straight at the ports: nginx is another's matter."""

import secrets
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from client.api import Answer, Api

from .world import Case, acme, eventually, part, stack

THREADS = 20


def network() -> str:
    """An address that nobody else comes from (RFC 2544)."""
    return f"198.{18 + secrets.randbelow(2)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"


def at_once(apis: list[Api], paths: list[str], count: int, **headers: str) -> list[Answer]:
    """So many requests over 20 connections, to each API in turn."""
    def work(lane: int) -> list[Answer]:
        own = [api.with_headers(**headers) for api in apis]
        answers = [own[n % len(own)].send("GET", paths[n % len(own)]) for n in range(lane, count, THREADS)]
        for api in own:
            api.close()
        return answers

    with ThreadPoolExecutor(THREADS) as pool:
        return [answer for lane in pool.map(work, range(THREADS)) for answer in lane]


def counted(answers: list[Answer]) -> Counter:
    """How many of each status."""
    return Counter(answer.status for answer in answers)


class Rates(Case):
    """100 a minute for a stranger's network, 60 for a customer, 1000 for the staff: over both planes together."""

    def planes(self) -> list[Api]:
        """Both planes, at acme."""
        return [Api(stack()[name], {"X-Tenant": acme().slug}) for name in ("CONTROL_API_URL", "APP_API_URL")]

    def test_a_network_of_strangers(self) -> None:
        answers = at_once(self.planes(), ["/api/v1/auth/me", "/api/v1/tickets"], 200, X_Forwarded_For=network())
        self.assertEqual(counted(answers), {401: 100, 429: 100})
        for answer in answers:
            self.assertEqual(answer.headers["ratelimit-limit"], "100")
            self.assertLessEqual(int(answer.headers["ratelimit-reset"]), 60)
            if answer.status == 429:
                self.assert_problem(answer, 429, "rate_limited")
                self.assertEqual(answer.headers["ratelimit-remaining"], "0")
        remaining = {int(answer.headers["ratelimit-remaining"]) for answer in answers if answer.status == 401}
        self.assertEqual(remaining, set(range(100)))

    def test_a_customer(self) -> None:
        acme().register({"email": (email := acme().mail(f"c{secrets.token_hex(4)}")), "firstname": "C", "lastname": "C"})
        token = acme().log_in(email).app.headers["Authorization"]
        answers = at_once(self.planes(), ["/api/v1/auth/me", "/api/v1/tickets"], 200, Authorization=token)
        self.assertEqual(counted(answers), {200: 60, 429: 140})

    def test_a_member_of_the_staff(self) -> None:
        token = acme().ben.app.headers["Authorization"]
        answers = at_once(self.planes()[1:], ["/api/v1/agents"], 1200, Authorization=token)
        self.assertEqual(counted(answers), {200: 1000, 429: 200})

    def test_signing_in(self) -> None:
        page, address = self.planes()[0], network()
        statuses = [page.send("POST", "/api/v1/auth/login", {}, X_Forwarded_For=address).status for _ in range(70)]
        self.assertEqual(Counter(statuses), {422: 60, 429: 10})

    def test_a_refusal_keeps_the_connection_of_a_body_that_comes_late(self) -> None:
        address = urlsplit(stack()["CONTROL_API_URL"])
        with socket.create_connection((address.hostname, address.port), timeout=5) as line:
            for _ in range(2):
                line.sendall(b"PUT /api/v1/none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n")
                time.sleep(0.05)
                line.sendall(b"{}")
                answer = line.recv(65536)
                self.assertTrue(answer.startswith(b"HTTP/1.1 404"), answer)
                self.assertNotIn(b"connection: close", answer.lower())

    def test_without_redis_each_plane_counts_for_itself(self) -> None:
        part("stop", "redis")
        try:
            for plane, path in zip(self.planes(), ("/api/v1/auth/me", "/api/v1/tickets"), strict=True):
                begun = time.monotonic()
                answers = counted(at_once([plane], [path], 200, X_Forwarded_For=network()))
                self.assertEqual(set(answers), {401, 429})
                # The whole rate at once, then one each 0.6 s.
                self.assertTrue(100 <= answers[401] <= 101 + (time.monotonic() - begun) / 0.6, answers)
        finally:
            part("start", "redis")
        eventually(10, lambda: self.planes()[0].send("GET", "/health").json["status"] == "ok")
