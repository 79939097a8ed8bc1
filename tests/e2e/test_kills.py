"""kill -9 of control-api at every step of a tenant's way in and of its way out, and of a database that waits for one: whoever
looks next completes it."""

import http.client
import os
import secrets
import subprocess
import time

from client.api import Api
from client.past import on_its_server, sql

from .world import PASSWORD, Case, eventually, part, settings, stack

WAITING = ("spare.reserved", "spare.copied", "spare.made")
MAKING = ("place", "role", "database", "grants", "seed", "activate")
PURGING = ("look", "close", "databases", "objects", "cache", "rows", "people", "record")


def control(statement: str) -> str:
    """What a statement says, run in the control database."""
    return sql(stack()["CONTROL_DATABASE_URL"], statement)


def points(kind: str, steps: tuple[str, ...]) -> list[str]:
    """Where the process is killed: behind each step, and behind its note."""
    return [f"{kind}.{step}.{moment}" for step in steps for moment in ("performed", "noted")]


def on_the_servers() -> set[str]:
    """Databases and roles of tenants that the servers have."""
    asked = ("select datname from pg_database where datname like 'tenant\\_%' "
             "union select rolname from pg_roles where rolname like 'tenant\\_%'")
    servers = (row.split("|") for row in control("select host, port from clusters").split())
    return {name for host, port in servers for name in sql(on_its_server(stack(), host, port, "postgres"), asked).split()}


def in_the_books() -> set[str]:
    """The same, as the control database knows them."""
    return set(control("select database_name from tenants where database_name is not null "
                       "union select state ->> 'database' from jobs where kind = 'retire' and finished_at is null").split())


def spares_on_the_servers() -> set[str]:
    """Databases that wait, and roles of theirs, as the servers have them."""
    asked = "select datname from pg_database where datname like 'hd\\_spare\\_%' union select rolname from pg_roles where rolname like 'hd\\_spare\\_%'"
    servers = (row.split("|") for row in control("select host, port from clusters").split())
    return {name for host, port in servers for name in sql(on_its_server(stack(), host, port, "postgres"), asked).split()}


def spares_in_the_books() -> set[str]:
    """The same, as the control database knows them."""
    return set(control("select name from spares").split())


class Kills(Case):
    """One stack; the test's own control-api stands in for the stack's."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.program = os.readlink(f"/proc/{stack().pid('control-api')}/exe")
        # No database is ready beforehand, so that each step of making one is walked.
        cls.environment = {**settings("control-api"), "WARM_DATABASES": "0"}
        cls.log = (stack().folder / "log" / "kills.log").open("ab")
        cls.running = None
        cls.addClassCleanup(part, "start", "control-api")
        cls.addClassCleanup(cls.log.close)
        cls.addClassCleanup(cls.end)
        part("stop", "control-api")
        # Whoever was killed before has left databases half made, which nobody else drops for a minute.
        control("update spares set leased_until = null")
        cls().start()
        eventually(30, lambda: control("select count(*) from spares") == "0")

    @classmethod
    def end(cls) -> None:
        """Ends the process that the test has started."""
        if cls.running:
            cls.running.kill()
            cls.running.wait()
            cls.running = None

    def start(self, crash_at: str = "", warm: int = 0) -> None:
        """Starts control-api, to be killed at a point. The lease of the one that was killed before ends now: nobody
        waits 15 seconds for it."""
        self.end()
        for table in ("provisionings", "jobs"):
            control(f"update {table} set leased_until = null where finished_at is null")
        control("update spares set leased_until = null")
        environment = {**self.environment, "HD_CRASH_AT": crash_at, "WARM_DATABASES": str(warm)}
        type(self).running = subprocess.Popen([self.program, "serve"], env=environment, stdout=self.log, stderr=self.log)

    def wait_until_ready(self) -> None:
        """Until the process serves."""
        ready = Api(stack()["CONTROL_API_URL"])
        eventually(20, lambda: ready.send("GET", "/health/ready").status == 200)
        ready.close()

    def is_killed(self, crash_at: str) -> None:
        """The process ends by itself, there."""
        began = time.monotonic()
        while self.running.poll() is None:
            self.assertLess(time.monotonic() - began, 15, f"it was not killed at {crash_at}")
            time.sleep(0.02)
        self.assertLess(self.running.returncode, 0, f"it has ended in another way before {crash_at}")

    def walks_through(self, crashes: list[str], begin) -> None:
        """Begins something, and kills whoever does it at each point in turn."""
        self.start(crashes[0])
        self.wait_until_ready()
        begin()
        self.is_killed(crashes[0])
        for crash_at in crashes[1:]:
            self.start(crash_at)
            self.is_killed(crash_at)
        self.start()
        self.wait_until_ready()

    def sign_up(self, slug: str) -> None:
        """An organisation arrives."""
        page = Api(stack()["CONTROL_API_URL"], timeout=10)
        form = {"organisation": "Kill", "slug": slug, "email": f"admin@{slug}.example", "password": PASSWORD,
                "firstname": "Ki", "lastname": "Ll"}
        try:
            self.assertEqual(page.send("POST", "/api/v1/tenants", form).status, 202)
        except (OSError, http.client.HTTPException):
            pass  # Killed before it has answered: what it has noted counts.
        page.close()
        self.assertEqual(self.status(slug), "provisioning")

    def status(self, slug: str) -> str:
        """Where an organisation stands in its life."""
        return control(f"select status from tenants where slug = '{slug}'")

    def test_a_tenant_is_made_and_deleted_whenever_the_process_is_killed_and_nothing_is_left_over(self) -> None:
        slug = f"kill-{secrets.token_hex(4)}"
        self.walks_through(points("provisioning", MAKING), lambda: self.sign_up(slug))
        eventually(20, lambda: self.status(slug) == "active")
        database = control(f"select database_name from tenants where slug = '{slug}'")
        self.assertEqual(on_the_servers(), in_the_books())
        self.assertIn(database, on_the_servers())

        def thirty_days_on() -> None:
            done = subprocess.run([self.program, "tenants", "delete", slug, "--yes"], env=self.environment, capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, rf"^{slug}\tdeleting\tuntil 20\d\d-")
            control(f"update deletions d set delete_after = now() from tenants t where t.id = d.tenant_id and t.slug = '{slug}'")
        self.walks_through(points("purge", PURGING), thirty_days_on)
        eventually(20, lambda: self.status(slug) == "deleted")
        self.assertNotIn(database, on_the_servers())
        self.assertEqual(on_the_servers(), in_the_books())
        self.assertEqual(control(f"select count(*) from users where email = 'admin@{slug}.example'"), "0")
        self.assertEqual(control("select count(*) from jobs where kind = 'purge' and finished_at is null"), "0")
        self.assert_record(slug)

    def assert_record(self, slug: str) -> None:
        """The record verifies, until somebody changes it."""
        def record(*more: str) -> subprocess.CompletedProcess:
            return subprocess.run([self.program, "tenants", "record", slug, *more], env=self.environment, capture_output=True,
                                  text=True, check=False)
        good = record()
        self.assertEqual((good.returncode, good.stdout.splitlines()[-1]), (0, "verified"), good.stderr)
        self.assertIn('"is_verified":true', record("--json").stdout)
        forged = ("set session_replication_role = replica; update deletion_records r set record = record "
                  f"|| ' ' from tenants t where t.id = r.tenant_id and t.slug = '{slug}'")
        sql(stack()["SUPERUSER_DATABASE_URL"].rsplit("/", 1)[0] + "/helpdeskly_control", forged)
        self.assertEqual(record().returncode, 1)

    def test_databases_that_wait_are_made_and_dropped_whenever_the_process_is_killed_and_none_is_left_over(self) -> None:
        accepting = int(control("select count(*) from clusters where accepting"))
        for crash_at in WAITING:
            with self.subTest(crash_at):
                self.start(crash_at, warm=2)
                self.is_killed(crash_at)
                self.assertEqual(control("select count(*) from spares where ready_at is null"), "1", "its name stood in the books before")
                self.start(warm=2)
                eventually(30, lambda: self.waiting() == (2 * accepting, 2 * accepting))
                self.assertEqual(spares_on_the_servers(), spares_in_the_books())
                # None is wanted: each is dropped, and a process that is killed behind the drop leaves a row alone.
                self.start("spare.dropped")
                self.is_killed("spare.dropped")
                self.assertLess(len(spares_on_the_servers()), 2 * accepting)
                self.assertLess(len(spares_on_the_servers()), len(spares_in_the_books()))
                self.start()
                eventually(30, lambda: self.waiting() == (0, 0))
                self.assertEqual(spares_on_the_servers(), set())

    def waiting(self) -> tuple[int, int]:
        """How many databases are in the books, and how many of these can be taken."""
        known, ready = control("select count(*), count(ready_at) from spares").split("|")
        return int(known), int(ready)

    def test_what_cannot_be_made_is_taken_back_whenever_the_process_is_killed(self) -> None:
        slug = f"undo-{secrets.token_hex(4)}"

        def given_up() -> None:
            # Stands at its grants with a database and a role, as if twelve tries had failed.
            self.sign_up(slug)
            self.is_killed("provisioning.database.noted")
            control(f"update provisionings p set step = 'undo' from tenants t where t.id = p.tenant_id and t.slug = '{slug}'")
            self.start("provisioning.undo.performed")
        self.start("provisioning.database.noted")
        self.wait_until_ready()
        given_up()
        self.is_killed("provisioning.undo.performed")
        self.start("provisioning.undo.noted")
        self.is_killed("provisioning.undo.noted")
        self.start()
        self.wait_until_ready()
        self.assertEqual(self.status(slug), "failed")
        self.assertEqual(on_the_servers(), in_the_books())
        again = subprocess.run([self.program, "tenants", "retry", slug], env=self.environment, capture_output=True, text=True, check=False)
        self.assertEqual(again.returncode, 0, again.stderr)
        eventually(20, lambda: self.status(slug) == "active")
        self.assertEqual(on_the_servers(), in_the_books())
