"""No secret where others can read it: command lines, logs, and what the control database stores. Runs last in its suite: by
then all the suite's tests have issued theirs."""

import base64
import os
import re
import secrets
import subprocess
import threading
import time
from pathlib import Path

from client import issued
from client.api import Api
from client.mailbox import Mailbox, text_of
from client.past import sql, where
from client.people import Organisation
from client.stack import ROOT

from .world import PASSWORD, Case, acme, eventually, part, stack


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
        lines = eventually(5, lambda: [line for line in log.read_bytes()[begun:].decode().splitlines() if f"create role {role}" in line])
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], r"password 'SCRAM-SHA-256\$4096:[^']+'$")
        self.assertEqual(re.findall(r"password '(?!SCRAM)", "\n".join(lines)), [])


SERVICES = ("control-api*", "app-api*", "nginx*", "postgres", "rabbitmq*", "redis", "pgbouncer", "seaweedfs")
"""Whose logs: those of the programs that serve, not those of the tests that know the secrets."""


def shapes(secret: str) -> list[bytes]:
    """How a secret looks where it is not hidden: as it is, without dashes, and as PostgreSQL dumps bytes."""
    found = [secret.encode(), secret.replace("-", "").encode(), secret.encode().hex().encode()]
    if re.fullmatch("[A-Z2-7]{32}", secret):
        found.append(base64.b32decode(secret).hex().encode())
    return found


def kinds_in(place: bytes) -> set[str]:
    """The kinds of issued secrets that somebody finds there."""
    return {kind for secret, kind in issued.known.items() if any(shape in place for shape in shapes(secret))}


def logs() -> dict[str, bytes]:
    """What the services have written."""
    folder = stack().folder / "log"
    return {path.name: path.read_bytes() for service in SERVICES for path in folder.glob(f"{service}.log")}


def dump() -> bytes:
    """All rows of the control database."""
    return subprocess.run(["pg_dump", "--data-only"], check=True, capture_output=True, env=where(stack()["CONTROL_DATABASE_URL"])).stdout


class Traces(Case):
    """What was issued stands in no log and in no row."""

    KINDS = {"access_token", "refresh_token", "challenge_token", "enrolment_token", "secret", "recovery_codes", "key", "link", "cookie",
             "password that was sent"}

    @classmethod
    def setUpClass(cls) -> None:
        """Issues one of each kind, whatever ran before, and takes them where a careless program would write them down."""
        world = acme()
        admin = world.log_in(world.admin.email)
        named = {"name": "traces", "scopes": ["tickets:read"]}
        key = admin.control.post("/api/v1/api-keys", named, Idempotency_Key=secrets.token_hex(8))["key"]
        Api(stack()["APP_API_URL"], {"X-Tenant": world.slug, "Authorization": f"Bearer {key}"}).get("/api/v1/tickets")
        login = {"email": world.ben.email, "password": PASSWORD}
        refresh = world.control.post("/api/v1/auth/login", {**login, "client": "api"}, X_Forwarded_For=world.address())["refresh_token"]
        token = world.control.post("/api/v1/auth/refresh", {"refresh_token": refresh})["access_token"]
        world.page().post("/api/v1/auth/login", {**login, "client": "browser"})
        world.control.post("/api/v1/auth/password/forgot", {"email": world.carl.email})
        with Mailbox(stack(), world.carl.email) as box:
            box.wait_for(lambda mail: "/reset?token=" in text_of(mail))
        link = sorted(issued.of_kind("link"))[0]
        for path in (f"/verify?token={link}", f"/api/v1/tickets?token={token}", f"/api/v1/auth/me?key={key}"):
            world.page(world.ben).send("GET", path)
        world.page().send("POST", "/api/v1/auth/login", {**login, "client": PASSWORD, "unknown": PASSWORD})
        world.page().send("POST", "/api/v1/auth/login", f'{{"email": "{world.ben.email}", "password": "{PASSWORD}'.encode())

    def test_there_is_something_to_find(self) -> None:
        self.assertLessEqual(self.KINDS, set(issued.known.values()))

    def test_the_logs_hold_none(self) -> None:
        marker = f"marker-{secrets.token_hex(8)}"
        for path in ("/api/v1/auth/me", "/api/v1/tickets"):
            acme().page(acme().ben).get(path, X_Request_Id=marker)
        sql(stack()["SUPERUSER_DATABASE_URL"], f"do $$ begin raise warning '{marker}'; end $$")
        marked = {"control-api.log", "app-api.log", "nginx-access.log", "postgres.log"}
        holds = lambda: marked <= {name for name, text in logs().items() if marker.encode() in text}  # noqa: E731
        eventually(10, holds)
        self.assertLessEqual({"redis.log", "rabbitmq.log"}, logs().keys())
        self.assertEqual({name: kinds for name, text in logs().items() if (kinds := kinds_in(text))}, {})

    def test_the_control_database_holds_none(self) -> None:
        # A mail holds its link until it was sent.
        eventually(20, lambda: sql(stack()["CONTROL_DATABASE_URL"], "select count(*) from mails where status = 'pending'").strip() == "0")
        rows = dump()
        self.assertIn(acme().slug.encode(), rows)
        self.assertEqual(kinds_in(rows), set())
