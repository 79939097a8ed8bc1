"""One organisation is brought back to a second, though control-api is killed while the side server reads the log; its
neighbour on the same server works on and notices nothing."""

import json
import threading
import time
from pathlib import Path

from client.past import sql, tenant_database

from .moving import Load, cluster, writer
from .test_backup import runs, start
from .world import Case, World, command, eventually, opened, settings, stack


def moment() -> str:
    """The time of the second server."""
    return sql(stack()["SECOND_SUPERUSER_DATABASE_URL"],
               """select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""")


def works_in(folder: Path) -> list[int]:
    """Processes that work in a folder or below it."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink().is_relative_to(folder):
                found.append(int(link.parent.name))
        except OSError:
            continue
    return found


class Moments(Case):
    """Two organisations on the server whose log is archived."""

    @classmethod
    def setUpClass(cls) -> None:
        command("clusters", "set", "second", "--accepting")
        command("clusters", "set", "local", "--closed")
        cls.addClassCleanup(command, "clusters", "set", "second", "--closed")
        cls.addClassCleanup(command, "clusters", "set", "local", "--accepting")
        cls.world, cls.neighbour = World("moments"), World("nearby")
        cls.sides = Path(settings("control-api")["RESTORE_DIR"])

    def told(self, *arguments: str) -> dict:
        done = command(*arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def job(self, job: str) -> str:
        return self.told("jobs", "show", job, "--no-wait")["status"]

    def test_back_to_a_second_though_killed(self) -> None:
        world, slug, stop = self.world, self.world.slug, threading.Event()
        self.assertEqual((cluster(world), cluster(self.neighbour)), ("second", "second"))
        began = time.monotonic()
        self.assertEqual(self.told("base-backups", "take", "--cluster", "second")["status"], "done")
        print(f"\na base backup of the server took {time.monotonic() - began:.1f} s")
        kept = opened(world.chloe, "Kept")["id"]
        at = moment()
        lost = opened(world.chloe, "Lost")["id"]
        for table, column in ("search_entries", "ticket_id"), ("support_tickets", "id"):
            sql(tenant_database(stack(), slug), f"delete from {table} where {column} = {kept}")
        for wrong in "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z":
            refused = command("tenants", "restore", slug, "--at", wrong, "--yes")
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("Possible are moments from 20", refused.stderr)
        load = Load(writer(self.neighbour.chloe), stop)
        try:
            start("restore.recover.started")
            restore = self.told("tenants", "restore", slug, "--at", at, "--yes", "--no-wait")["id"]
            eventually(60, lambda: not runs())
            self.assertTrue(works_in(self.sides), "the side server has outlived control-api")
            start()
            began = time.monotonic()
            eventually(120, lambda: self.job(restore) == "done")
            print(f"brought back {time.monotonic() - began:.1f} s after control-api came back")
        finally:
            stop.set()
            load.join(15)
        page = world.chloe.app
        eventually(10, lambda: page.send("GET", f"/api/v1/tickets/{kept}").status == 200)
        self.assert_problem(page.send("GET", f"/api/v1/tickets/{lost}"), 404)
        self.assertGreater(opened(world.chloe, "Next")["id"], lost)
        self.assertEqual(load.wrong, [])
        subjects = sql(tenant_database(stack(), self.neighbour.slug), "select subject from support_tickets").splitlines()
        self.assertLessEqual({f"Moved {key}" for key in load.done}, set(subjects))
        self.assertEqual((works_in(self.sides), list(self.sides.glob("pitr-*"))), ([], []))
        began = time.monotonic()
        again = self.told("tenants", "restore", slug, "--at", moment(), "--yes")
        self.assertEqual(again["status"], "done")
        print(f"undisturbed, going back took {time.monotonic() - began:.1f} s")
        self.assertEqual(command("backup", "drill", slug).returncode, 0)

    def tearDown(self) -> None:
        if not runs():
            start()
