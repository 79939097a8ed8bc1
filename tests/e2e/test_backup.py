"""A tenant is backed up and brought back on the command line, though control-api is killed in the middle of both."""

import json
import os
import subprocess
import time

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

    def tearDown(self) -> None:
        if not runs():
            start()
