"""Whose access has ended is refused at every instance within five seconds, with Redis and without: the real binaries, two
app-api processes, and the time that it takes."""

import os
import socket
import statistics
import subprocess
import time

from client.api import Api

from .world import Case, acme, eventually, opened, part, settings, stack

ROUNDS = 10
TICKETS = "/api/v1/tickets?limit=1"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Second:
    """One more app-api: the same binary and settings as the stack's, other ports."""

    def __init__(self) -> None:
        pid, self.port = stack().pid("app-api"), free_port()
        environment = settings("app-api")
        environment["BIND_ADDR"] = f"127.0.0.1:{self.port}"
        environment["METRICS_ADDR"] = f"127.0.0.1:{free_port()}"
        self.log = open(stack().folder / "log" / "app-api-second.log", "wb")  # noqa: SIM115 - open as long as the process
        self.process = subprocess.Popen([os.readlink(f"/proc/{pid}/exe"), "serve"], env=environment, stdout=self.log, stderr=self.log)

    def ready(self) -> bool:
        """Whether it can serve."""
        return Api(f"http://127.0.0.1:{self.port}").send("GET", "/health/ready").status == 200

    def api(self, person) -> Api:
        """The way of a person to this process."""
        return Api(f"http://127.0.0.1:{self.port}", person.app.headers)

    def stop(self) -> None:
        """Ends it, and waits for that."""
        self.process.terminate()
        self.process.wait(40)
        self.log.close()


class Access(Case):
    """From the answer that something has ended to the first refusal at the second instance."""

    @classmethod
    def setUpClass(cls) -> None:
        opened(acme().chloe)
        cls.second = Second()
        cls.addClassCleanup(cls.second.stop)
        eventually(20, cls.second.ready)

    def until(self, status: int, api: Api) -> float:
        """Seconds until an instance answers so."""
        began = time.monotonic()
        while (answer := api.send("GET", TICKETS)).status != status:
            self.assertLess(time.monotonic() - began, 5.0, f"still {answer.status}: {answer.text[:200]}")
            time.sleep(0.002)
        return time.monotonic() - began

    def logouts(self, name: str) -> None:
        """Logs out some times, and says how long the second instance took to know of it."""
        took = []
        for _ in range(ROUNDS):
            person = acme().log_in(acme().chloe.email)
            api = self.second.api(person)
            self.assertEqual(api.send("GET", TICKETS).status, 200)
            self.assertEqual(person.control.send("POST", "/api/v1/auth/logout", {}).status, 204)
            took.append(self.until(401, api))
            api.close()
            person.close()
        median, longest = (round(seconds * 1000) for seconds in (statistics.median(took), max(took)))
        print(f"\nfrom a logout to the refusal at the second instance, {name}: median {median} ms, longest {longest} ms, of {ROUNDS}")

    def test_with_redis(self) -> None:
        self.logouts("with Redis")

    def test_without_redis(self) -> None:
        part("kill", "redis")
        self.addCleanup(part, "start", "redis")
        self.logouts("without Redis")

    def test_a_removal_reaches_the_second_instance_without_redis_and_without_rabbitmq(self) -> None:
        member = acme().named("leaver")
        acme().invite(acme().admin, member, "agent")
        person = acme().log_in(member["email"])
        api = self.second.api(person)
        self.until(200, api)
        for name in ("redis", "rabbitmq"):
            part("pause", name)
            self.addCleanup(part, "resume", name)
        removed = acme().admin.control.send("DELETE", f"/api/v1/members/{person.id}")
        self.assertEqual(removed.status, 204, removed.text)
        self.assertLess(self.until(401, api), 5.0)

    def test_a_stream_at_the_second_instance_ends_with_the_session(self) -> None:
        person = acme().log_in(acme().carl.email)
        address = ("127.0.0.1", self.second.port)
        with socket.create_connection(address, timeout=10) as line:
            headers = "".join(f"{name}: {value}\r\n" for name, value in person.app.headers.items())
            line.sendall(f"GET /api/v1/live HTTP/1.1\r\nHost: {address[0]}\r\n{headers}\r\n".encode())
            heard = b""
            while b"event: ready" not in heard:
                heard += line.recv(4096)
            began = time.monotonic()
            self.assertEqual(person.control.send("POST", "/api/v1/auth/logout", {}).status, 204)
            while b"\r\n0\r\n" not in heard and (more := line.recv(4096)):
                heard += more
            self.assertLess(time.monotonic() - began, 5.0)
