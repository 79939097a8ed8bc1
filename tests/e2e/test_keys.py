"""kill -9 of control-api while keys are exchanged: everything opens all the time, and whoever looks next completes it."""

import base64
import os
import secrets
import subprocess
import time

from client.api import Api
from client.past import sql

from .world import Case, acme, eventually, opened, part, settings, stack

MASTER = ("rotate_master.wrap.batch", "rotate_master.wrap.performed", "keys.reseal.batch", "rotate_master.values.noted",
          "rotate_master.backups.noted", "rotate_master.backups.performed", "rotate_master.check.performed")
DATA = ("rotate_data.renew.one", "rotate_data.renew.performed", "keys.reseal.batch", "rotate_data.reseal.noted",
        "rotate_data.forget.one", "rotate_data.forget.performed")


def control(statement: str) -> str:
    """What a statement says, run in the control database."""
    return sql(stack()["CONTROL_DATABASE_URL"], statement).strip()


class Keys(Case):
    """One stack; the test's own control-api stands in for the stack's, with keys of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.program = os.readlink(f"/proc/{stack().pid('control-api')}/exe")
        cls.environment = settings("control-api")
        cls.log = (stack().folder / "log" / "keys.log").open("ab")
        cls.running = None
        cls.environment = {**cls.environment, "WARM_DATABASES": "0"}
        # A backup of the control database, whose key is under the master key itself.
        cls().words("backup", "create", "--control")
        part("stop", "control-api")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.end()
        cls.log.close()
        part("start", "control-api")

    @classmethod
    def end(cls) -> None:
        """Ends the process that the test has started."""
        if cls.running:
            cls.running.kill()
            cls.running.wait()
            cls.running = None

    def keys(self, newest: tuple[str, str], former: tuple[str, str] | None) -> dict[str, str]:
        """An environment with these master keys."""
        previous = {"DB_ENCRYPTION_KEYS_PREVIOUS": ":".join(former)} if former else {}
        return {**self.environment, "DB_ENCRYPTION_KEY_ID": newest[0], "DB_ENCRYPTION_KEY": newest[1], **previous}

    def words(self, *words: str, environment: dict[str, str] | None = None, code: int = 0) -> str:
        """What a command says."""
        done = subprocess.run([self.program, *words], env=environment or self.environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def start(self, environment: dict[str, str], crash_at: str = "") -> None:
        """Starts control-api, to be killed at a point. Nobody waits for leases, pauses and the minute of grace."""
        self.end()
        control("update jobs set leased_until = null, next_at = now() where finished_at is null and kind like 'rotate%'")
        control("update data_keys set retired_at = retired_at - interval '2 minutes' where retired_at is not null")
        type(self).running = subprocess.Popen([self.program, "serve"], env={**environment, "HD_CRASH_AT": crash_at},
                                              stdout=self.log, stderr=self.log)

    def is_killed(self, crash_at: str) -> None:
        """The process ends by itself, there."""
        began = time.monotonic()
        while self.running.poll() is None:
            self.assertLess(time.monotonic() - began, 15, f"it was not killed at {crash_at}")
            time.sleep(0.02)
        self.assertLess(self.running.returncode, 0, f"it has ended in another way before {crash_at}")

    def everything_opens(self, environment: dict[str, str]) -> None:
        """The cluster's administrator and every tenant's role come in, by what is sealed."""
        self.words("clusters", "check", environment=environment)
        self.words("audit", "verify", "--tenant", acme().slug, environment=environment)

    def exchange(self, environment: dict[str, str], points: tuple[str, ...], *words: str) -> None:
        """Asks for an exchange, and kills whoever does it at each point in turn."""
        self.words("keys", *words, "--yes", "--no-wait", environment=environment)
        for crash_at in points:
            self.start(environment, crash_at)
            self.is_killed(crash_at)
            self.everything_opens(environment)
        self.start(environment)
        self.words("keys", *words, "--yes", environment=environment)
        self.everything_opens(environment)

    def test_a_master_key_and_back(self) -> None:
        self.assertNotEqual(control("select count(*) from data_keys"), "0")
        first = (self.environment["DB_ENCRYPTION_KEY_ID"], self.environment["DB_ENCRYPTION_KEY"])
        second = ("k2", base64.b64encode(secrets.token_bytes(32)).decode())
        # Something from before there were data keys, so that every step has work.
        for former, newest in ((first, second), (second, first)):
            points = tuple(point for point in MASTER if not point.startswith("keys.reseal"))
            self.exchange(self.keys(newest, former), points, "rotate-master")
            self.everything_opens(self.keys(newest, None))
            said = self.words("clusters", "check", environment=self.keys(former, None), code=1)
            self.assertNotIn(former[1], said)
        self.end()

    def test_data_keys(self) -> None:
        before = control("select max(version) from data_keys")
        self.exchange(self.environment, DATA, "rotate-data", "--all")
        self.assertEqual(control("select count(*) from data_keys where retired_at is not null"), "0")
        self.assertEqual(control(f"select count(*) from data_keys where version <= {before} - 1"), "0")
        self.end()
        part("start", "control-api")
        ready = Api(stack()["CONTROL_API_URL"])
        eventually(20, lambda: ready.send("GET", "/health/ready").status == 200)
        ready.close()
        self.assertEqual(opened(acme().chloe)["subject"], "Printer on fire", "the app plane has followed")
        part("stop", "control-api")
