"""Two servers and databases that wait, with the real binaries."""

import json
import secrets
import time
from urllib.parse import urlsplit

from client.api import Api
from client.past import sql
from client.people import Organisation

from .world import PASSWORD, Case, command, eventually, opened, part, stack


def told(*arguments: str) -> list[dict]:
    """The lines of JSON that a command prints."""
    done = command("clusters", *arguments, "--json")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def known() -> dict[str, dict]:
    """Each cluster as it stands in the books."""
    return {cluster["name"]: cluster for cluster in told("list")}


def found() -> set[tuple[str, str, str]]:
    """Where the servers differ from the books."""
    return {(finding["cluster"], finding["what"], finding["name"]) for finding in told("check")}


def heavy_reads(way: str) -> int:
    """How many heavy reads of the control plane went that way."""
    url = urlsplit(stack()["CONTROL_METRICS_URL"])
    text = Api(f"http://{url.netloc}").send("GET", url.path).text
    return int(next(line.split()[-1] for line in text.splitlines() if line.startswith(f'heavy_reads_total{{went="{way}"}}')))


def signed_up(name: str) -> Organisation:
    """A new organisation with its admin, who has come in."""
    organisation = Organisation(stack(), f"{name}-{secrets.token_hex(3)}", PASSWORD)
    admin = {"email": f"ada@{organisation.slug}.example", "firstname": "Ada", "lastname": "Byron", "locale": "en"}
    organisation.sign_up(name.title(), admin)
    return organisation


class Clusters(Case):
    """The second server is closed until a test opens it."""

    def setUp(self) -> None:
        if "TEST_SECOND_DATABASE_ADMIN_URL" not in stack().values:
            self.fail("scripts/start --clusters 2 first")
        self.addCleanup(command, "clusters", "set", "local", "--accepting")
        self.addCleanup(command, "clusters", "set", "second", "--closed")

    def test_whoever_signs_up_while_the_first_is_closed_works_on_the_second(self) -> None:
        self.assertEqual(command("clusters", "set", "second", "--accepting").returncode, 0)
        self.assertEqual(command("clusters", "set", "local", "--closed").returncode, 0)
        before = known()["second"]["tenants"]
        organisation = signed_up("second")
        organisation.wait_until_active()
        self.assertEqual(known()["second"]["tenants"], before + 1)
        place = sql(stack()["CONTROL_DATABASE_URL"], f"select port, database from app_tenants where slug = '{organisation.slug}'")
        port, database = place.split("|")
        self.assertEqual(sql(stack()["SECOND_SUPERUSER_DATABASE_URL"], f"select count(*) from pg_database where datname = '{database}'"), "1")
        self.assertIn(f":{port}/", stack()["SECOND_SUPERUSER_DATABASE_URL"])
        customer = {"email": f"carl@{organisation.slug}.example", "firstname": "Carl", "lastname": "Cox", "locale": "en"}
        organisation.register(customer)
        self.assertEqual(opened(organisation.log_in(customer["email"]))["status"], "open")

    def test_databases_wait_and_a_killed_worker_leaves_none_behind(self) -> None:
        wait = lambda: known()["local"]["spares"] == 2  # noqa: E731
        eventually(20, wait)
        # The Rust tests have worked on the same servers, with books of their own.
        before = found()
        spares = sql(stack()["CONTROL_DATABASE_URL"], "select name from spares").split()
        organisation = signed_up("warm")
        part("kill", "control-api")
        part("start", "control-api")
        organisation.wait_until_active()
        database = sql(stack()["CONTROL_DATABASE_URL"], f"select database from app_tenants where slug = '{organisation.slug}'")
        self.assertIn(f"hd_spare_{database[-12:]}", spares)
        eventually(20, wait)
        begun = time.monotonic()
        self.assertEqual(found() - before, set())
        self.assertLess(time.monotonic() - begun, 20)

    def test_an_export_is_read_from_the_standby_and_without_it_from_the_server(self) -> None:
        clusters = known()
        (name,) = [name for name, cluster in clusters.items() if cluster["replica"]]
        command("clusters", "set", name, "--accepting")
        for other in clusters.keys() - {name}:
            command("clusters", "set", other, "--closed")
        organisation = signed_up("standby")
        organisation.wait_until_active()
        admin = organisation.log_in(f"ada@{organisation.slug}.example")

        def export_went(way: str) -> bool:
            before = heavy_reads(way)
            self.assertEqual(admin.control.send("GET", "/api/v1/audit-logs/export?format=jsonl").status, 200)
            return heavy_reads(way) == before + 1

        eventually(15, lambda: export_went("standby"))
        part("stop", "postgres-standby")
        self.addCleanup(part, "start", "postgres-standby")
        self.assertTrue(export_went("away"))

    def test_the_exit_code_says_whether_something_is_wrong(self) -> None:
        name = f"tenant_nobody_{secrets.token_hex(6)}"
        server = stack()["SECOND_PROVISIONER_DATABASE_URL"]
        self.assertEqual(command("clusters", "check", "--only", name).returncode, 0)
        sql(server, f"create database {name} allow_connections false")
        self.addCleanup(sql, server, f"drop database if exists {name}")
        done = command("clusters", "check", "--only", name, "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["what"]), (1, "orphan_database"))
        refused = command("clusters", "check", "--fix")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("Say --yes", refused.stderr)
        sql(stack()["CONTROL_DATABASE_URL"], f"update strays set seen_at = seen_at - interval '1 day' where name = '{name}'")
        self.assertEqual(command("clusters", "check", "--only", name, "--fix", "--yes").returncode, 0)
        self.assertEqual(sql(server, f"select count(*) from pg_database where datname = '{name}'"), "0")
