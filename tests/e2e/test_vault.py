"""Keys and passwords in Vault, which is a real OpenBao: an older installation goes there though it is killed on the way, both
planes live on while Vault is sealed or dead, a new process waits for it, and whoever has the app plane's token can do little."""

import base64
import functools
import json
import os
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from client.api import Api
from client.past import sql
from client.people import Organisation
from client.stack import ROOT

from .world import PASSWORD, Case, acme, command, eventually, globex, opened, part, settings, stack


def control(statement: str) -> str:
    """What a statement says, run in the control database."""
    return sql(stack()["CONTROL_DATABASE_URL"], statement)


def folder() -> Path:
    """Where OpenBao's own files are, and the planes' tokens."""
    return stack().folder / "data/vault"


def vault(method: str, path: str, body=None, token: str = "") -> tuple[int, dict]:
    """One request to OpenBao; by its administrator unless a token is told."""
    told = json.loads((folder() / "init.json").read_text())
    data = json.dumps(body).encode() if body is not None else None
    headers = {"X-Vault-Token": token or told["root_token"], "Content-Type": "application/json"}
    if method == "PATCH":
        headers["Content-Type"] = "application/merge-patch+json"
    request = urllib.request.Request(f"{settings('control-api')['VAULT_ADDR']}/v1/{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as refused:
        return refused.code, {}


def seal() -> None:
    """Closes OpenBao."""
    vault("PUT", "sys/seal")


def unseal() -> None:
    """Opens it again."""
    vault("PUT", "sys/unseal", {"key": json.loads((folder() / "init.json").read_text())["keys_base64"][0]})


def tenant(slug: str) -> str:
    """The id of an organisation."""
    return control(f"select id from tenants where slug = '{slug}'")


def passwords(slug: str) -> dict:
    """What Vault has of an organisation's database roles; empty when it has nothing."""
    _, said = vault("GET", f"secret/data/tenants/{tenant(slug)}/db")
    return said.get("data", {}).get("data") or {}


def ready(plane: str) -> dict:
    """What a plane says about itself, with its status."""
    page = Api(stack()["CONTROL_API_URL" if plane == "control-api" else "APP_API_URL"], timeout=5)
    try:
        answer = page.send("GET", "/health/ready")
        return {"http": answer.status, **{one["name"]: one["status"] for one in answer.json["parts"]}}
    finally:
        page.close()


def left_here() -> str:
    """How much is still under the local key, or in the control database."""
    return control("select (select count(*) from data_keys where master_key_id not like 'vault:v%') "
                   "+ (select count(*) from backups where tenant_id is null and key_id not like 'vault:v%') "
                   "+ (select count(*) from tenants where sealed_password <> '' and status <> 'deleted')")


@functools.cache
def moved() -> tuple[int, int]:
    """The installation goes into Vault, with everything that it has by then. Whoever does it is killed when a password is in
    both places; the next process goes on. Gives how the command ended, and how much was here before it began: all of it was,
    unless a former run has brought it there."""
    opened(acme().chloe)
    opened(globex().chloe)
    if (folder() / "used").exists():
        return command("keys", "to-vault", "--yes").returncode, int(left_here()) + 4
    folder().mkdir(exist_ok=True, mode=0o700)
    part("start", "vault")
    (folder() / "used").touch()
    for plane in ("control-api", "app-api"):
        part("start", plane)
    before = int(left_here())
    program, environment = os.readlink(f"/proc/{stack().pid('control-api')}/exe"), settings("control-api")
    part("stop", "control-api")
    with (stack().folder / "log" / "vault-kills.log").open("ab") as log:
        dying = subprocess.Popen([program, "serve"], env={**environment, "HD_CRASH_AT": "rotate_master.passwords.kept"},
                                 stdout=log, stderr=log)
        asking = subprocess.Popen([program, "keys", "to-vault", "--yes"], env=environment, stdout=log, stderr=log)
        try:
            died = dying.wait(timeout=60)
        finally:
            dying.kill()
    assert died < 0, f"it has ended in another way: {died}"
    assert left_here() != "0", "it was killed before everything was there"
    # Half is there and half is here: the app plane reads both.
    opened(acme().chloe)
    opened(globex().chloe)
    control("update jobs set leased_until = null where finished_at is null")
    part("start", "control-api")
    return asking.wait(timeout=120), before


class Vault(Case):
    """One stack, whose keys were its own before."""

    def test_an_older_installation_goes_into_vault_and_both_planes_live_there(self) -> None:
        code, before = moved()
        self.assertEqual(code, 0)
        self.assertGreaterEqual(before, 4, "two organisations and their keys were here")
        self.assertEqual(left_here(), "0")
        for world in (acme(), globex()):
            role = control(f"select role_name from tenants where slug = '{world.slug}'")
            self.assertEqual(list(passwords(world.slug)), [role])
            opened(world.chloe)
            self.assertIsNotNone(world.log_in(world.mail("admin")), "the second factor opens, too")
        listed = command("keys", "list", "--json")
        self.assertEqual({key["master_key_id"][:7] for key in json.loads(listed.stdout)["data_keys"]}, {"vault:v"}, listed.stderr)

    def test_whoever_signs_up_gets_a_password_that_only_vault_knows(self) -> None:
        moved()
        organisation = self.signs_up()
        organisation.wait_until_active()
        (role, password), = passwords(organisation.slug).items()
        self.assertTrue(role.startswith("tenant_"), role)
        self.assertEqual(left_here(), "0")
        dump = control("select string_agg(t::text, '') from tenants t")
        self.assertNotIn(password, dump)
        for plane in ("control-api", "app-api"):
            log = (stack().folder / "log" / f"{plane}.log").read_text(errors="replace")
            token = (folder() / f"{plane}.token").read_text().strip()
            self.assertFalse(password in log or token in log, f"{plane} has written a secret into its log")

    def test_while_vault_is_sealed_what_runs_answers_and_what_is_new_waits_and_all_recovers(self) -> None:
        moved()
        opened(acme().chloe)
        seal()
        self.addCleanup(unseal)
        for _ in range(3):
            opened(acme().chloe)
            self.assertIsNotNone(acme().log_in(acme().mail("admin")), "with a second factor")
        eventually(5, lambda: ready("app-api").get("vault") == "down")
        self.assertEqual((ready("app-api")["http"], ready("control-api")["http"]), (200, 200), "what runs goes on")
        part("kill", "app-api")
        starting = subprocess.Popen([ROOT / "scripts/part", "start", "app-api"], stdout=subprocess.DEVNULL,
                                    env={**os.environ, "HD_LOCAL_DIR": str(stack().folder)})
        self.addCleanup(starting.wait)
        eventually(20, lambda: ready("app-api") is not None)
        waiting = self.signs_up()
        until = time.monotonic() + 5
        while time.monotonic() < until:
            said = ready("app-api")
            self.assertEqual((said["http"], said["vault"]), (503, "down"), "a new process is not ready")
            time.sleep(0.2)
        self.assertEqual(waiting.status(), "provisioning")
        acme().chloe.app.close()
        refused = acme().chloe.app.send("POST", "/api/v1/tickets", {"subject": "x", "description": "y"})
        self.assert_problem(refused, 503)
        self.assertEqual(command("keys", "list").returncode, 1, "nothing is shown that is not known")

        unseal()
        begun = time.monotonic()
        eventually(10, lambda: ready("app-api")["http"] == 200)
        eventually(10, lambda: waiting.status() == "active")
        eventually(10, lambda: acme().chloe.app.send("POST", "/api/v1/tickets", {"subject": "x", "description": "y"}).status == 201)
        eventually(10, lambda: ready("control-api").get("vault") == "ok")
        self.assertLess(time.monotonic() - begun, 10.0, "ten seconds after Vault is open again")
        self.assertEqual(starting.wait(timeout=60), 0)

    def test_when_vault_dies_nobody_notices_and_it_comes_back_without_a_restart_of_ours(self) -> None:
        moved()
        opened(globex().chloe)
        pids = [stack().pid(plane) for plane in ("control-api", "app-api")]
        part("kill", "vault")
        self.addCleanup(part, "start", "vault")
        for _ in range(3):
            opened(globex().chloe)
        eventually(5, lambda: ready("control-api").get("vault") == "down")
        self.assertEqual(ready("control-api")["http"], 200)
        part("start", "vault")
        eventually(10, lambda: ready("control-api").get("vault") == "ok" and ready("app-api").get("vault") == "ok")
        self.assertEqual([stack().pid(plane) for plane in ("control-api", "app-api")], pids)

    def test_the_transit_key_is_exchanged_and_what_was_wrapped_never_leaves_vault(self) -> None:
        moved()
        before = int(vault("GET", "transit/keys/helpdeskly")[1]["data"]["latest_version"])
        wrapped = control("select min(encode(wrapped, 'escape')) from data_keys")
        done = command("keys", "rotate-master", "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(control("select distinct master_key_id from data_keys"), f"vault:v{before + 1}")
        self.assertNotEqual(control("select min(encode(wrapped, 'escape')) from data_keys"), wrapped)
        opened(acme().chloe)
        self.assertIsNotNone(acme().log_in(acme().mail("admin")))
        done = command("keys", "rotate-data", "--tenant", acme().slug, "--yes", "--no-wait")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_app_planes_token_opens_and_reads_and_does_nothing_else(self) -> None:
        moved()
        token = (folder() / "app-api.token").read_text().strip()
        self.assertEqual((folder() / "app-api.token").stat().st_mode & 0o777, 0o600)
        path = f"secret/data/tenants/{tenant(acme().slug)}/db"
        self.assertEqual(vault("GET", path, token=token)[0], 200)
        plain = base64.b64encode(b"x").decode()
        for method, where, body in [
            ("POST", path, {"data": {"role": "mine"}}),
            ("PATCH", path, {"data": {"role": "mine"}}),
            ("DELETE", path, None),
            ("DELETE", path.replace("/data/", "/metadata/"), None),
            ("GET", path.replace("/data/", "/metadata/"), None),
            ("GET", "secret/metadata/tenants?list=true", None),
            ("GET", "secret/data/others", None),
            ("POST", "transit/encrypt/helpdeskly", {"plaintext": plain, "context": plain}),
            ("POST", "transit/rewrap/helpdeskly", {"ciphertext": "vault:v1:x", "context": plain}),
            ("GET", "transit/keys/helpdeskly", None),
            ("POST", "transit/keys/helpdeskly/rotate", {}),
            ("GET", "transit/export/encryption-key/helpdeskly", None),
            ("GET", "sys/mounts", None),
            ("POST", "auth/token/create", {}),
        ]:
            self.assertEqual(vault(method, where, body, token)[0], 403, f"{method} {where}")
        self.assertEqual(len(passwords(acme().slug)), 1)
        # The control plane's may write passwords, and neither take the key out nor read another secret.
        mighty = (folder() / "control-api.token").read_text().strip()
        for method, where in [("GET", "transit/export/encryption-key/helpdeskly"), ("DELETE", "transit/keys/helpdeskly"),
                              ("GET", "secret/data/others"), ("GET", "sys/mounts")]:
            self.assertEqual(vault(method, where, token=mighty)[0], 403, f"{method} {where}")

    def test_one_organisations_key_opens_in_nobody_elses_place(self) -> None:
        moved()
        # A data key comes with what it seals first.
        self.done("backup", "create", acme().slug)
        token = (folder() / "app-api.token").read_text().strip()
        own, other = tenant(acme().slug), tenant(globex().slug)
        rows = control(f"select version || ' ' || encode(wrapped, 'escape') from data_keys where tenant_id = '{own}' order by version desc")
        version, wrapped = rows.splitlines()[0].split()

        def opens(owner: str) -> int:
            context = base64.b64encode(owner.encode()).decode()
            return vault("POST", "transit/decrypt/helpdeskly", {"ciphertext": wrapped, "context": context}, token)[0]

        self.assertEqual(opens(f"tenant:{own}:data-key:{version}"), 200)
        for owner in (f"tenant:{other}:data-key:{version}", f"platform:data-key:{version}", f"tenant:{own}:data-key:99"):
            self.assertEqual(opens(owner), 400, owner)

    def test_with_an_organisation_its_passwords_go_for_good(self) -> None:
        moved()
        organisation = self.signs_up()
        organisation.wait_until_active()
        path = f"secret/metadata/tenants/{tenant(organisation.slug)}/db"
        self.assertEqual(vault("GET", path)[0], 200)
        done = command("tenants", "delete", organisation.slug, "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        control("update deletions d set delete_after = now() from tenants t "
                f"where t.id = d.tenant_id and t.slug = '{organisation.slug}'")
        eventually(60, lambda: control(f"select status from tenants where slug = '{organisation.slug}'") == "deleted")
        self.assertEqual(vault("GET", path)[0], 404)
        self.assertEqual(len(passwords(acme().slug)), 1, "nobody else loses anything")

    def test_an_organisation_and_the_control_database_are_restored_with_vault(self) -> None:
        moved()
        page, slug = globex().chloe.app, globex().slug
        kept = opened(globex().chloe, "Kept")["id"]
        self.done("backup", "create", slug)
        lost = opened(globex().chloe, "Lost")["id"]
        before = set(passwords(slug))
        self.done("backup", "restore", slug, "--yes")
        role = control(f"select role_name from tenants where slug = '{slug}'")
        self.assertEqual(set(passwords(slug)), before | {role}, "the database that was left has its password while it is kept")
        self.assertNotIn(role, before)
        eventually(10, lambda: page.send("GET", f"/api/v1/tickets/{kept}").status == 200)
        self.assertEqual(page.send("GET", f"/api/v1/tickets/{lost}").status, 404)
        self.assertEqual(left_here(), "0")

        backup = json.loads(self.done("backup", "create", "--control", "--json"))["id"]
        database = f"restored_{secrets.token_hex(4)}"
        superuser = stack()["SUPERUSER_DATABASE_URL"]
        sql(superuser, f"create database {database} owner control")
        self.addCleanup(sql, superuser, f"drop database {database} with (force)")
        into = stack()["CONTROL_DATABASE_URL"].rsplit("/", 1)[0] + f"/{database}"
        program = os.readlink(f"/proc/{stack().pid('control-api')}/exe")
        told = {**settings("control-api"), "RESTORE_DATABASE_URL": into}
        without = {name: value for name, value in told.items() if not name.startswith("VAULT_")}
        for environment, code in ((without, 1), (told, 0)):
            done = subprocess.run([program, "backup", "restore-control", "--backup", backup, "--json"], env=environment,
                                  capture_output=True, text=True, check=False, timeout=120)
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertTrue(json.loads(done.stdout)["equal"])

    def done(self, *arguments: str) -> str:
        """What a command says that comes to its end."""
        said = command(*arguments)
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        return said.stdout

    def signs_up(self) -> Organisation:
        """Somebody new."""
        organisation = Organisation(stack(), f"vault-{secrets.token_hex(4)}", PASSWORD)
        form = {"organisation": "Vault", "slug": organisation.slug, "email": f"admin@{organisation.slug}.example",
                "password": PASSWORD, "firstname": "Va", "lastname": "Ult"}
        self.assertEqual(Api(stack()["CONTROL_API_URL"]).send("POST", "/api/v1/tenants", form).status, 202)
        return organisation
