"""What scripts/start and scripts/stop say when they cannot go on; and what a killed nginx leaves behind."""

import fcntl
import os
import socket
import subprocess
import tempfile
from pathlib import Path

from client.api import Api
from client.stack import ROOT

from .world import Case, eventually, part, stack


def free_hundred() -> int:
    """A hundred of ports that nobody uses: other stacks may run on this machine."""
    for base in range(23_000, 30_000, 100):
        with socket.socket() as one, socket.socket() as two, socket.socket() as other:
            if all(probe.connect_ex(("127.0.0.1", base + offset)) for probe, offset in ((one, 32), (two, 33), (other, 80))):
                return base
    raise AssertionError("every hundred of ports is taken")


BASE = free_hundred()


def run(folder: str, *command: str) -> subprocess.CompletedProcess:
    """One of the scripts, for a stack of its own that never comes to be."""
    environment = {**os.environ, "HD_LOCAL_DIR": folder, "HD_PORT_BASE": str(BASE)}
    name, *rest = command
    return subprocess.run([ROOT / "scripts" / name, *rest], capture_output=True, text=True, env=environment, check=False)


class Start(Case):
    """Before anything runs."""

    def setUp(self) -> None:
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.addCleanup(run, self.folder, "stop", "--clean")

    def test_a_taken_port_is_named_with_the_way_out(self) -> None:
        for offset, service in ((32, "postgres"), (33, "postgres-2"), (80, "nginx")):
            with self.subTest(service=service), socket.create_server(("127.0.0.1", BASE + offset)):
                done = run(self.folder, "start", "--clusters", "2")
                said = done.stdout + done.stderr
                self.assertEqual(done.returncode, 1, said)
                for word in (f"port {BASE + offset}, which {service} needs", 'The step "Free ports" failed', "HD_PORT_BASE="):
                    self.assertIn(word, said)
                self.assertNotIn("PostgreSQL on", said)

    def test_two_starts_do_not_trip_over_each_other(self) -> None:
        with open(Path(self.folder) / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = run(self.folder, "start", "--infra")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("another scripts/start or scripts/stop works on", done.stderr)

    def test_stopping_what_does_not_run_is_no_error(self) -> None:
        for _ in range(2):
            self.assertEqual(run(self.folder, "stop").returncode, 0)


class Killed(Case):
    """After kill -9."""

    def test_nginx_starts_although_its_workers_live_on(self) -> None:
        before = stack().pid("nginx")
        part("kill", "nginx")
        page = Api(f"http://127.0.0.1:{stack().http_port}")
        self.assertEqual(page.send("GET", "/healthz").status, 200, "an orphan serves")
        page.close()
        part("start", "nginx")
        self.assertNotEqual(stack().pid("nginx"), before)
        eventually(5, lambda: page.send("GET", "/healthz").status == 200)
