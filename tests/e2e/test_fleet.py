"""All tenants come to a newer schema while they are worked in: whoever does it is killed, one database is broken, and no
request fails."""

import json
import os
import signal
import subprocess
import threading
import time

from client.api import Api
from client.past import sql, tenant_database
from client.people import Organisation
from client.stack import ROOT

from .world import PASSWORD, Case, command, eventually, part, settings, stack

COUNT = 10
VERSION = "select max(version) from _sqlx_migrations"
# What this release's last files come to, and from where.
VERSIONS = [int(file.name[:4]) for file in (ROOT / "migrations/tenant").glob("*.sql")]
BEFORE, LAST = max(version for version in VERSIONS if version < 40), max(VERSIONS)
IN_THE_WAY = "alter table ticket_history add constraint history_kind_is_a_word check (true)"
ENDS_CONNECTIONS = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


class Worker(threading.Thread):
    """Reads and writes in one organisation, and keeps what was not answered well."""

    def __init__(self, admin, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.api = Api(stack()["APP_API_URL"], admin.app.headers, 10)
        self.stop, self.wrong, self.opened, self.slowest = stop, [], 0, 0.0

    def run(self) -> None:
        while not self.stop.is_set():
            begun = time.monotonic()
            for method, path, body in (("GET", "/api/v1/tickets?limit=1", None), ("POST", "/api/v1/tickets", {"subject": "Now", "description": "x"})):
                try:
                    answer = self.api.send(method, path, body)
                    if answer.status >= 400:
                        self.wrong.append((method, answer.status, answer.text[:200]))
                    self.opened += answer.status == 201
                except OSError as error:
                    self.wrong.append((method, 0, repr(error)))
            self.slowest = max(self.slowest, time.monotonic() - begun)
            # Ten of these are a busy day, not more than two cores can do: what fails is to be the migration's fault.
            time.sleep(0.2)


class Fleet(Case):
    """Ten organisations among all others."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.slugs, cls.admins = [f"fleet-{os.urandom(3).hex()}" for _ in range(COUNT)], {}
        for slug in cls.slugs:
            organisation = Organisation(stack(), slug, PASSWORD)
            organisation.sign_up(slug, {"email": f"admin@{slug}.example", "firstname": "Ada", "lastname": "Fleet", "locale": "en"})
        for slug in cls.slugs:
            organisation = Organisation(stack(), slug, PASSWORD)
            organisation.wait_until_active()
            cls.admins[slug] = organisation.log_in(f"admin@{slug}.example")
        for slug in cls.slugs:
            sql(tenant_database(stack(), slug), (ROOT / "bench/before_last.sql").read_text())
            sql(tenant_database(stack(), slug), ENDS_CONNECTIONS)
        cls.broken = cls.slugs[0]
        sql(tenant_database(stack(), cls.broken), IN_THE_WAY)

    def version(self, slug: str) -> int:
        """The schema of an organisation's database."""
        return int(sql(tenant_database(stack(), slug), VERSION))

    def ended(self) -> int:
        """Databases that the newest run has ended with."""
        newest = "(select id from migration_runs order by id desc limit 1)"
        return int(sql(stack()["CONTROL_DATABASE_URL"], f"select count(*) from migration_targets where run_id = {newest} and finished_at is not null"))

    def migrate(self, *words: str) -> tuple[int, dict]:
        """Runs the command to its end."""
        done = command("tenants", "migrate", "--json", *words)
        self.assertTrue(done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout)

    def test_killed_and_broken_it_ends_with_everybody_served_all_the_time(self) -> None:
        stop = threading.Event()
        workers = [Worker(admin, stop) for admin in self.admins.values()]
        for worker in workers:
            worker.start()
        eventually(10, lambda: all(worker.opened for worker in workers))
        self.assertEqual({self.version(slug) for slug in self.slugs}, {BEFORE})
        # Ends itself as by kill -9 when it has applied the first file, before it has noted that anywhere.
        environment = {**settings("control-api"), "HD_CRASH_AT": "fleet.applied"}
        program = [os.readlink(f"/proc/{stack().pid('control-api')}/exe"), "tenants", "migrate", "--parallel", "2"]
        part("kill", "control-api")
        crashed = subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(crashed.returncode, -signal.SIGABRT, crashed.stderr)
        # A server goes on with what the command has begun, and is killed in the middle, too.
        before = self.ended()
        part("start", "control-api")
        eventually(30, lambda: self.ended() > before)
        part("kill", "control-api")
        part("start", "control-api")
        code, run = self.migrate()
        self.assertEqual((code, run["state"], run["failed"]), (1, "done", 1), run)
        for slug in self.slugs:
            self.assertEqual(self.version(slug), BEFORE if slug == self.broken else LAST, slug)
        self.assertEqual(self.migrate("--status")[1]["failed"], 1)
        sql(tenant_database(stack(), self.broken), "alter table ticket_history drop constraint history_kind_is_a_word")
        code, run = self.migrate("--retry-failed")
        self.assertEqual((code, run["state"], run["failed"]), (0, "done", 0), run)
        self.assertEqual(self.version(self.broken), LAST)
        time.sleep(1)
        stop.set()
        for worker in workers:
            worker.join(15)
        self.assertEqual([wrong for worker in workers for wrong in worker.wrong], [])
        for worker, slug in zip(workers, self.slugs):
            database = tenant_database(stack(), slug)
            rows = "select count(*), count(distinct id) from audit_logs where action = 'TicketCreated'"
            self.assertEqual(sql(database, rows), f"{worker.opened}|{worker.opened}", slug)
        print(f"the slowest pair of requests took {max(worker.slowest for worker in workers):.2f} s", flush=True)
