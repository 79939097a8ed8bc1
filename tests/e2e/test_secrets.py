"""The stack's own secrets stand in no command line, and a tenant's password in no log of the server."""

import os
import re
import secrets
import subprocess
import threading
import time
from pathlib import Path

from client.api import Api
from client.past import sql
from client.people import Organisation
from client.stack import ROOT

from .world import PASSWORD, Case, eventually, part, stack


def known_secrets() -> dict[str, bytes]:
    """The stack's secrets by name."""
    lines = (stack().folder / "secrets.env").read_text().splitlines()
    return {name: value.encode() for name, value in (line.split("=", 1) for line in lines) if name != "DEMO_PASSWORD"}


class Watch(threading.Thread):
    """Reads all command lines again and again, and keeps the names of secrets that were seen in them."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: dict[str, bytes] = {}
        self.looks, self.over = 0, False

    def run(self) -> None:
        secret = known_secrets()
        while not self.over:
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    line = (process / "cmdline").read_bytes()
                except OSError:
                    continue
                for name, value in secret.items():
                    if value in line:
                        self.seen[name] = line.replace(value, b"***")
            self.looks += 1


class Secrets(Case):
    """Everybody on the machine may read /proc/*/cmdline."""

    def test_command_lines_hold_none(self) -> None:
        watch = Watch()
        watch.start()
        shell = f"cd {ROOT} && source scripts/lib/all.sh && load_secrets && prepare_control_plane && make_roles && make_bucket && rabbitmq_ready"
        for _ in range(5):
            environment = {**os.environ, "HD_LOCAL_DIR": str(stack().folder)}
            subprocess.run(["bash", "-c", f"set -e; {shell}"], check=True, capture_output=True, env=environment)
            sql(stack()["CONTROL_DATABASE_URL"], "select pg_sleep(0.05)")
        part("stop", "redis")
        part("start", "redis")
        watch.over = True
        watch.join()
        self.assertGreater(watch.looks, 20)
        self.assertEqual(watch.seen, {})

    def test_the_servers_log_never_sees_a_tenants_password(self) -> None:
        log = stack().folder / "log/postgres.log"
        begun = log.stat().st_size
        superuser = stack()["SUPERUSER_DATABASE_URL"]
        sql(superuser, "alter system set log_statement = 'all'")
        sql(superuser, "select pg_reload_conf()")
        time.sleep(0.3)
        try:
            organisation = Organisation(stack(), f"secret-{secrets.token_hex(3)}", PASSWORD)
            body = {"organisation": "Secret", "slug": organisation.slug, "email": f"ada@{organisation.slug}.example", "password": PASSWORD}
            Api(stack()["CONTROL_API_URL"]).post("/api/v1/tenants", {**body, "firstname": "Ada", "lastname": "Byron"})
            organisation.wait_until_active()
        finally:
            sql(superuser, "alter system reset log_statement")
            sql(superuser, "select pg_reload_conf()")

        role = "tenant_" + organisation.slug.replace("-", "_")
        # A new role, or that of a database that waited.
        given = re.compile(f"(create|alter) role {role}\\w* .*password '")
        lines = eventually(5, lambda: [line for line in log.read_bytes()[begun:].decode().splitlines() if given.search(line)])
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], r"password 'SCRAM-SHA-256\$4096:[^']+'$")
        self.assertEqual(re.findall(r"password '(?!SCRAM)", "\n".join(lines)), [])
