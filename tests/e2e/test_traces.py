"""What any program of this run was given, or gave, and nobody else may read, stands in no log, no database, no key of Redis
and no message. Runs after others, and once more when all are over: by then every suite has issued its own."""

import base64
import re
import secrets
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urlsplit

from client import issued
from client.api import Api
from client.mailbox import Mailbox, text_of
from client.past import on_its_server, sql, where

from .broker import Tap
from .operators import Operator
from .world import PASSWORD, Case, acme, eventually, opened, stack

SERVICES = ("control-api*", "app-api*", "nginx*", "postgres*", "rabbitmq*", "redis", "pgbouncer*", "seaweedfs")
"""Whose logs: those of the programs that serve, not those of the tests that know the secrets."""
DATABASES = 40
"""So many organisations' databases are looked into, the newest first."""
EXCHANGES = ("auth_exchange", "sav_exchange")


def shapes(secret: str) -> set[bytes]:
    """How a secret looks where it is not hidden: as it is, without dashes, and as PostgreSQL dumps bytes."""
    found = {secret.encode(), secret.replace("-", "").encode(), secret.encode().hex().encode()}
    if re.fullmatch("[A-Z2-7]{32}", secret):
        found.add(base64.b32decode(secret).hex().encode())
    return found


class Search:
    """Looks for all that was issued at once. The list is in a file that its owner alone may read: everybody may read
    command lines."""

    def __init__(self) -> None:
        self.kinds = {shape: kind for text, kind in issued.all_in(stack().folder).items() for shape in shapes(text)}
        self.list = tempfile.NamedTemporaryFile(dir=stack().folder, prefix="issued-")  # noqa: SIM115 - as long as the search
        self.list.write(b"".join(shape + b"\n" for shape in self.kinds))
        self.list.flush()

    def kinds_in(self, place: bytes) -> set[str]:
        """The kinds of secrets that somebody finds there."""
        options = ["-a", "-o", "-F", "-f", self.list.name]
        found = subprocess.run(["grep", *options], input=place, capture_output=True, check=False, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
        assert found.returncode in (0, 1), found.stderr
        return {self.kinds[text] for text in found.stdout.splitlines()}


def logs() -> dict[str, bytes]:
    """What the services have written."""
    folder = stack().folder / "log"
    return {path.name: path.read_bytes() for service in SERVICES for path in folder.glob(f"{service}.log")}


def dump(url: str) -> bytes:
    """All rows of a database."""
    return subprocess.run(["pg_dump", "--data-only"], check=True, capture_output=True, env=where(url)).stdout


def tenants() -> dict[str, str]:
    """The databases of the organisations, the newest first."""
    newest = (f"select slug, host, port, database_name from tenants t join clusters c on c.id = t.cluster_id "
              f"where status in ('active', 'suspended') order by t.created_at desc limit {DATABASES}")
    rows = (row.split("|") for row in sql(stack()["CONTROL_DATABASE_URL"], newest).split())
    return {slug: on_its_server(stack(), *place) for slug, *place in rows}


READ = """
local kind, key = redis.call('TYPE', KEYS[1]).ok, KEYS[1]
if kind == 'string' then return {redis.call('GET', key)} end
if kind == 'hash' then return redis.call('HGETALL', key) end
if kind == 'list' then return redis.call('LRANGE', key, 0, -1) end
if kind == 'set' then return redis.call('SMEMBERS', key) end
if kind == 'zset' then return redis.call('ZRANGE', key, 0, -1) end
return kind == 'none' and {} or redis.error_reply('a kind that nobody reads: ' .. kind)
"""


def redis() -> bytes:
    """All keys of Redis with their values."""
    url = urlsplit(stack()["REDIS_URL"])
    program = ["redis-cli", "-h", url.hostname, "-p", str(url.port), "-n", url.path[1:] or "0"]
    environment = {"PATH": "/usr/bin:/bin", "REDISCLI_AUTH": unquote(url.password or "")}
    ask = lambda *more, text=None: subprocess.run([*program, *more], input=text, capture_output=True, check=True, env=environment).stdout  # noqa: E731
    keys = ask("--scan").splitlines()
    read = " ".join(READ.split("\n")).strip().encode()
    values = ask(text=b"".join(b'EVAL "' + read + b'" 1 "' + key + b'"\n' for key in keys))
    assert b"ERR" not in values and b"NOAUTH" not in values, values[:500]
    return b"\n".join(keys) + b"\n" + values


class Traces(Case):
    """What was issued stands nowhere."""

    KINDS = {"access_token", "refresh_token", "challenge_token", "enrolment_token", "secret", "recovery_codes", "key", "link", "cookie",
             "password that was sent", "operator's password", "operator's access_token", "operator's enrolment_token", "operator's secret"}
    LATER = {"e2e-sso.log": {"client_secret that was sent"},
             "browser.log": {f"browser's {kind}" for kind in ("password", "access_token", "cookie", "key", "link", "secret", "recovery_codes")}}
    """What others have issued, once they have left a log."""

    @classmethod
    def setUpClass(cls) -> None:
        """Issues one of each kind, whatever ran before, and takes them where a careless program would write them down."""
        world = acme()
        cls.taps = {exchange: Tap(exchange) for exchange in EXCHANGES}
        for tap in cls.taps.values():
            cls.addClassCleanup(tap.close)
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
        cls.look_in(admin)
        cls.ticket = opened(world.chloe, "Traces")["id"]

    @classmethod
    def look_in(cls, admin) -> None:
        """An operator looks into the organisation: their pass is a token like any."""
        admin.control.post("/api/v1/tenant/support-access", {"hours": 1, "reason": "To look for traces"})
        operator = Operator(cls())
        cls.addClassCleanup(operator.remove)
        # Written down as an operator's access_token, like that of their session.
        token = operator.page.post(f"/api/v1/operator/support-access/{acme().slug}")["access_token"]
        page = acme().page()
        page.headers["Authorization"] = f"Bearer {token}"
        page.get("/api/v1/tickets")
        page.send("GET", f"/api/v1/tickets?token={token}")

    def setUp(self) -> None:
        self.search = Search()
        self.addCleanup(self.search.list.close)

    def test_there_is_something_to_find(self) -> None:
        log = stack().folder / "log"
        later = set().union(*(kinds for name, kinds in self.LATER.items() if (log / name).exists()))
        self.assertLessEqual(self.KINDS | later, set(self.search.kinds.values()))
        self.assertGreaterEqual(len(issued.of_kind("operator's access_token")), 2)
        self.assertEqual((stack().folder / "issued.jsonl").stat().st_mode & 0o777, 0o600)
        for secret, kind in list(issued.known.items())[:50]:
            for shape in shapes(secret):
                self.assertEqual(self.search.kinds_in(b"before it " + shape + b" and after it"), {self.search.kinds[shape]}, kind)

    def test_the_logs_hold_none(self) -> None:
        marker = f"marker-{secrets.token_hex(8)}"
        for path in ("/api/v1/auth/me", "/api/v1/tickets"):
            acme().page(acme().ben).get(path, X_Request_Id=marker)
        sql(stack()["SUPERUSER_DATABASE_URL"], f"do $$ begin raise warning '{marker}'; end $$")
        marked = {"control-api.log", "app-api.log", "nginx-access.log", "postgres.log"}
        holds = lambda: marked <= {name for name, text in logs().items() if marker.encode() in text}  # noqa: E731
        eventually(10, holds)
        self.assertLessEqual({"redis.log", "rabbitmq.log"}, logs().keys())
        self.assertEqual({name: kinds for name, text in logs().items() if (kinds := self.search.kinds_in(text))}, {})

    def test_the_control_database_holds_none(self) -> None:
        # A mail holds its link until it was sent.
        eventually(20, lambda: sql(stack()["CONTROL_DATABASE_URL"], "select count(*) from mails where status = 'pending'") == "0")
        rows = dump(stack()["CONTROL_DATABASE_URL"])
        self.assertIn(acme().slug.encode(), rows)
        self.assertEqual(self.search.kinds_in(rows), set())

    def test_the_organisations_databases_hold_none(self) -> None:
        databases = tenants()
        self.assertIn(acme().slug, databases)
        self.assertIn(b"Traces, please help.", dump(databases[acme().slug]))
        with ThreadPoolExecutor(4) as pool:
            found = pool.map(lambda slug: (slug, self.search.kinds_in(dump(databases[slug]))), databases)
        self.assertEqual({slug: kinds for slug, kinds in found if kinds}, {})

    def test_redis_holds_none(self) -> None:
        page, seen = Api(stack()["APP_API_URL"], acme().ben.app.headers), []

        def is_kept() -> bool:
            """Redis keeps a route for some seconds only, and is not asked while memory has it."""
            page.get("/api/v1/tickets")
            seen.append(redis())
            return acme().slug.encode() in seen[-1]

        eventually(20, is_kept)
        self.assertEqual(self.search.kinds_in(b"".join(seen)), set())

    def test_the_messages_hold_none(self) -> None:
        wanted = {"auth_exchange": "ApiKeyCreated", "sav_exchange": "TicketCreated"}
        for exchange, tap in self.taps.items():
            tap.wait_for(wanted[exchange], 30)
            messages = str(tap.take()).encode()
            self.assertEqual(self.search.kinds_in(messages), set(), exchange)
