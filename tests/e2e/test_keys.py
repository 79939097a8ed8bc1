"""Master keys and data keys are exchanged as docs/operations.md says, server by server, while people work: no request fails."""

import base64
import json
import os
import socket
import subprocess
import threading
import time

from client.api import Api
from client.people import Organisation

from .world import PASSWORD, Case, acme, eventually, globex, part, settings, stack

PLANES = ("app-api", "control-api")
NEW = {"DB_ENCRYPTION_KEY_ID": "k-next", "DB_ENCRYPTION_KEY": base64.b64encode(os.urandom(32)).decode()}


def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Server:
    """A server of the test's own, beside those that run."""

    def __init__(self, program: str, environment: dict[str, str], log) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        addresses = {"BIND_ADDR": self.url.removeprefix("http://"), "METRICS_ADDR": f"127.0.0.1:{free_port()}"}
        self.process = subprocess.Popen([program, "serve"], env={**environment, **addresses}, stdout=log, stderr=log)
        ready = Api(self.url)
        eventually(20, lambda: ready.send("GET", "/health/ready").status == 200)
        ready.close()

    def end(self) -> None:
        """As whoever restarts it does."""
        self.process.terminate()
        self.process.wait(40)


class Worker(threading.Thread):
    """Works in one organisation by whichever server of a plane is in charge, and keeps what was not answered well."""

    def __init__(self, person, where: dict[str, str], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.headers = {"app-api": person.app.headers, "control-api": person.control.headers}
        self.where, self.stop, self.wrong, self.done = where, stop, [], 0
        self.start()

    def run(self) -> None:
        asked = (("app-api", "POST", "/api/v1/tickets", {"subject": "Sealed", "description": "x"}), ("app-api", "GET", "/api/v1/tickets?limit=1", None),
                 ("control-api", "GET", "/api/v1/auth/me", None), ("control-api", "GET", "/api/v1/members", None))
        while not self.stop.is_set():
            for plane, method, path, body in asked:
                page = Api(self.where[plane], self.headers[plane], 10)
                try:
                    answer = page.send(method, path, body)
                    if answer.status >= 400:
                        self.wrong.append((plane, path, answer.status, answer.text[:200]))
                    self.done += 1
                except OSError as error:
                    self.wrong.append((plane, path, 0, repr(error)))
                page.close()
            time.sleep(0.2)


class Keys(Case):
    """The stack's own servers give way to the test's, and come back to the key that they had."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.programs = {plane: os.readlink(f"/proc/{stack().pid(plane)}/exe") for plane in PLANES}
        cls.known = {plane: {**settings(plane), "BACKUP_NIGHTLY": "false"} for plane in PLANES}
        cls.people = [acme().admin, globex().admin]
        cls.where = {"app-api": stack()["APP_API_URL"], "control-api": stack()["CONTROL_API_URL"]}
        cls.servers = {}
        cls.log = (stack().folder / "log" / "keys.log").open("ab")
        cls.addClassCleanup(cls.log.close)
        for plane in PLANES:
            cls.addClassCleanup(part, "start", plane)
        cls.addClassCleanup(lambda: [server.end() for server in cls.servers.values()])

    def restart(self, keys: dict[str, str]) -> None:
        """Both planes get these keys, app-api first; each server that is told is there before the one before goes."""
        for plane in PLANES:
            before = self.servers.get(plane)
            self.servers[plane] = Server(self.programs[plane], {**self.known[plane], **keys}, self.log)
            self.where[plane] = self.servers[plane].url
            # Whoever has just asked for the way is answered.
            time.sleep(1)
            if before:
                before.end()
            else:
                part("stop", plane)

    def told(self, keys: dict[str, str], *words: str) -> list[dict]:
        """What a command says, given where these keys are."""
        done = subprocess.run([self.programs["control-api"], *words, "--json"], env={**self.known["control-api"], **keys},
                              capture_output=True, text=True, check=False, timeout=240)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def is_exchanged(self, old: dict[str, str], new: dict[str, str]) -> None:
        """The three steps of the page."""
        both = {**new, "DB_ENCRYPTION_KEYS_PREVIOUS": f"{old['DB_ENCRYPTION_KEY_ID']}:{old['DB_ENCRYPTION_KEY']}"}
        self.restart(both)
        (job,) = self.told(both, "keys", "rotate-master", "--yes")
        self.assertEqual(job["status"], "done")
        (listed,) = self.told(both, "keys", "list")
        self.assertEqual((listed["master"]["newest"], sum(listed["master"]["left"].values())), (new["DB_ENCRYPTION_KEY_ID"], 0), listed["master"])
        self.restart(new)

    def test_master_and_data_keys_are_exchanged_under_load_and_no_request_fails(self) -> None:
        old = {name: self.known["control-api"][name] for name in ("DB_ENCRYPTION_KEY_ID", "DB_ENCRYPTION_KEY")}
        stop = threading.Event()
        workers = [Worker(person, self.where, stop) for person in self.people]
        try:
            eventually(10, lambda: all(worker.done > 8 for worker in workers))
            self.is_exchanged(old, NEW)
            (job,) = self.told(NEW, "keys", "rotate-data", "--all", "--yes")
            self.assertEqual(job["status"], "done")
            versions = [key["version"] for key in self.told(NEW, "keys", "list")[0]["data_keys"] if not key["retired_at"]]
            self.assertGreaterEqual(min(versions), 2, "everybody has another one")
            self.comes_in()
            # The key that was put aside is the next one here; so the stack is left as it was found.
            self.is_exchanged(NEW, old)
            self.comes_in()
            before = [worker.done for worker in workers]
            eventually(10, lambda: all(worker.done > done + 8 for worker, done in zip(workers, before)))
        finally:
            stop.set()
        for worker in workers:
            worker.join(20)
        self.assertEqual([wrong for worker in workers for wrong in worker.wrong], [])
        print(f"\n{sum(worker.done for worker in workers)} requests while keys were exchanged", flush=True)

    def comes_in(self) -> None:
        """Admins whose apps' secrets were sealed before sign in by them, and read the trail in their organisation's database."""
        for world in (acme(), globex()):
            organisation = Organisation(stack(), world.slug, PASSWORD)
            organisation.control = Api(self.where["control-api"], organisation.control.headers)
            admin = organisation.log_in(world.mail("admin"))
            self.assertEqual(admin.control.send("GET", "/api/v1/audit-logs?limit=1").status, 200)
            admin.close()
