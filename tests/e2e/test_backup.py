"""A tenant is backed up and brought back on the command line, though control-api is killed in the middle of both."""

import json
import os
import subprocess
import time

from client.past import sql
from client.stack import ROOT

from .world import Case, acme, command, eventually, opened, stack


def start(crash_at: str = "") -> None:
    """Starts control-api, to end at that point as by kill -9."""
    environment = {**os.environ, "HD_LOCAL_DIR": str(stack().folder), "HD_CRASH_AT": crash_at}
    subprocess.run([ROOT / "scripts/part", "start", "control-api"], check=True, capture_output=True, text=True, env=environment)


def runs() -> bool:
    """Whether control-api is alive."""
    try:
        with open(f"/proc/{stack().pid('control-api')}/stat", encoding="utf-8") as line:
            return line.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (OSError, ValueError):
        return False


def control(statement: str) -> str:
    """What a statement says, run in the control database."""
    return sql(stack()["CONTROL_DATABASE_URL"], statement)


class Backups(Case):
    """Killed between a step and its note, the work is finished by the next process."""

    def told(self, *arguments: str) -> dict:
        done = command("backup", *arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def job(self, job: str) -> str:
        done = command("jobs", "show", job, "--no-wait", "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)["status"]

    def test_backup_and_restore_survive_kill(self) -> None:
        slug, page = acme().slug, acme().chloe.app
        kept = opened(acme().chloe, "Kept")["id"]
        start("backup.dump.performed")
        backup = self.told("create", slug, "--no-wait")["id"]
        eventually(20, lambda: not runs())
        start("restore.swap.performed")
        eventually(40, lambda: self.job(backup) == "done")
        lost = opened(acme().chloe, "Lost")["id"]
        refused = command("backup", "restore", slug, "--backup", backup)
        self.assertNotEqual(refused.returncode, 0, "nobody has said --yes")
        restore = self.told("restore", slug, "--backup", backup, "--yes", "--no-wait")["id"]
        eventually(20, lambda: not runs())
        start()
        began = time.monotonic()
        eventually(40, lambda: self.job(restore) == "done")
        eventually(10, lambda: page.send("GET", f"/api/v1/tickets/{kept}").status == 200)
        print(f"served again {time.monotonic() - began:.1f} s after control-api came back")
        self.assert_problem(page.send("GET", f"/api/v1/tickets/{lost}"), 404)
        self.assertGreater(opened(acme().chloe, "Next")["id"], lost)
        self.assertEqual(command("backup", "drill", slug).returncode, 0)
        self.assertEqual(command("backup", "delete", backup, "--yes").returncode, 0)
        self.assertNotEqual(command("backup", "show", backup).returncode, 0)

    def test_what_a_failed_backup_has_written_is_cleared_whenever_the_process_is_killed(self) -> None:
        slug = acme().slug
        start("backup.dump.noted")
        backup = self.told("create", slug, "--no-wait")["id"]
        eventually(20, lambda: not runs())
        # As if their steps had failed for the last time; both wait until somebody is there to be killed.
        later = "step = 'clear', leased_until = null, next_at = '2099-01-01'"
        control(f"update jobs set {later} where id = '{backup}'")
        base = control("insert into jobs (id, kind, cluster_id, step, is_exclusive, next_at, asked_by, created_at) select gen_random_uuid(), "
                       "'base_backup', min(id), 'clear', false, '2099-01-01', '{}', now() from clusters returning id").split()[0]
        for kind, job in (("backup", backup), ("base_backup", base)):
            for moment in ("performed", "noted"):
                start(f"{kind}.clear.{moment}")
                control(f"update jobs set next_at = now() where id = '{job}'")
                eventually(20, lambda: not runs())
                control(f"update jobs set {later} where id = '{job}' and finished_at is null")
            self.assertEqual(control(f"select outcome from jobs where id = '{job}'"), "failed", kind)
        start()
        self.assertNotEqual(command("backup", "show", backup).returncode, 0, "it has become none")

    def tearDown(self) -> None:
        if not runs():
            start()
