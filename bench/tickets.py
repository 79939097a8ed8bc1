"""What `scripts/bench tickets` measures: one big tenant's everyday work at app-api, at the bare handler (bench/ceiling) and by pgbench,
one right after the other."""

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from capture import Log, Work
from client.past import program, sql, tenant_database, where
from client.people import Organisation
from client.stack import ROOT, Stack
from measure import filled, memory

CONNECTIONS = (1, 16, 64)
# As many as app-api has for a tenant.
POOL = 5
# Tokens live for a quarter of an hour.
FRESH = 600
LONGEST_REST = 600
WAITS = """select (select count(*) from events where published_at is null), (select count(*) from mails where status = 'pending' and next_at <= now()),
    (select count(*) from mails)"""
BINARIES = "source '{root}/scripts/lib/all.sh' && build_binaries ceiling >&2 && echo \"$BIN_DIR/ceiling\""
WRITTEN = "It worked yesterday and today it does not. " * 8


@dataclass(frozen=True)
class Asked:
    """One piece of work: what is asked, what one of its statements holds, the p95 in milliseconds that it is to have at 16 connections, what
    is written, and whether it takes tickets that are being worked on."""

    path: str
    holds: str
    target: int | None = None
    body: dict | None = None
    is_in_progress: bool = False


def works() -> dict[str, Asked]:
    """Everything that is measured, by name."""
    tickets, one = "/api/v1/tickets", "select t.id, t.ticket_number, t.user_id"
    opened, said = {"subject": "The printer stops after two pages", "description": WRITTEN}, {"message": WRITTEN}
    views = ("mine", "unassigned", "all", "waiting", "snoozed", "breaching")
    searches = {"rare": "zeppelin", "frequent": "order", "typo": "pritner", "two": "invoice%20payment"}
    return {
        "by_id": Asked(f"{tickets}/{{id}}", one, 5),
        **{f"list_{view}": Asked(f"{tickets}?view={view}&limit=50", one, 50) for view in views},
        "counts": Asked("/api/v1/views/counts", "count(*) from (select from support_tickets", 50),
        "thread": Asked(f"{tickets}/{{id}}/messages", "from ticket_messages m", 20),
        **{f"search_{kind}": Asked(f"/api/v1/search?q={words}", "with found as (", 200) for kind, words in searches.items()},
        "create": Asked(tickets, "insert into support_tickets", body=opened),
        "reply": Asked(f"{tickets}/{{id}}/messages", "insert into ticket_messages", body=said, is_in_progress=True),
    }


class Bench:
    """The tenant, its tickets, and the bare handler beside app-api."""

    def __init__(self, stack: Stack, count: int) -> None:
        self.stack, self.count = stack, count
        self.organisation, self.admin = filled(stack, count)
        self.since = time.monotonic()
        self.database = tenant_database(stack, self.organisation.slug)
        self.first = int(sql(self.database, "select min(id) from support_tickets"))
        self.folder = Path(tempfile.mkdtemp(prefix="ceiling-"))
        self.works = self.captured()

    def token(self) -> str:
        """The admin's token, of the last minutes."""
        if time.monotonic() - self.since > FRESH:
            organisation = Organisation(self.stack, self.organisation.slug, self.organisation.password)
            self.admin, self.since = organisation.log_in(self.admin.email), time.monotonic()
        return self.admin.app.headers["Authorization"].removeprefix("Bearer ")

    def range(self, asked: Asked) -> tuple[int, int]:
        """The first and the last ticket that may be asked for."""
        last = self.first + self.count - 1
        return (last - max(500, self.count // 100) + 1 if asked.is_in_progress else self.first), last

    def captured(self) -> dict[str, Work]:
        """What app-api asks for each piece of work."""
        found = {}
        with Log(self.stack, self.database) as log:
            for name, asked in works().items():
                # One of most: of all tickets most are over.
                ticket = sum(self.range(asked)) // 2

                def request(asked: Asked = asked, ticket: int = ticket) -> int | None:
                    answer = self.admin.app.ask("POST" if asked.body else "GET", asked.path.format(id=ticket), asked.body)
                    return answer["id"] if asked.body and not asked.is_in_progress else None
                found[name] = log.work(request, ticket, asked.holds)
        return found

    def wrk(self, url: str, path: str, asked: Asked, connections: int, seconds: int) -> dict:
        """One run of wrk."""
        first, last = self.range(asked)
        environment = {**os.environ, "BENCH_PATH": path, "BENCH_TENANT": self.organisation.slug, "BENCH_TOKEN": self.token(),
                       "BENCH_FIRST": str(first), "BENCH_LAST": str(last)}
        if asked.body:
            environment["BENCH_BODY"] = json.dumps(asked.body)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(ROOT / "bench/wrk.lua"), url]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("JSON ")).removeprefix("JSON "))

    def pgbench(self, name: str, asked: Asked, connections: int, seconds: int) -> float:
        """What PostgreSQL alone does of the same statements in a second, prepared and over TCP."""
        script, values = self.works[name].script()
        file = self.folder / f"{name}.sql"
        file.write_text(script)
        first, last = self.range(asked)
        named = {"first": first, "last": last, **values}
        command = [program("pgbench"), "-n", "-M", "prepared", "-c", str(connections), "-j", "1", "-T", str(seconds), "-f", file]
        command += [part for name, value in named.items() for part in ("-D", f"{name}={value}")]
        settings = " ".join(f"-c {name}={value}" for name, value in self.works[name].settings().items())
        done = subprocess.run(command, env={**where(self.database), "PGOPTIONS": settings}, capture_output=True, text=True, check=True)
        return float(next(line for line in done.stdout.splitlines() if line.startswith("tps")).split()[2])

    def rest(self) -> None:
        """Waits until app-api has told and mailed what was written, so that what is measured next has the machine for itself."""
        before, until = "", time.monotonic() + LONGEST_REST
        while time.monotonic() < until:
            waits = sql(self.database, WAITS)
            if waits == before and waits.startswith("0|0|"):
                return
            before = waits
            time.sleep(2)
        raise RuntimeError(f"events, mails that wait, and all mails: {before}")

    def forget(self) -> None:
        """What others have written is nobody's news."""
        sql(self.database, "update events set published_at = now() where published_at is null")

    def measured(self, name: str, asked: Asked, connections: int, seconds: int, ceiling: str) -> dict:
        """One piece of work at so many connections: app-api, the bare handler, pgbench."""
        targets = ((self.stack["APP_API_URL"], asked.path), (ceiling, f"/{name}/{{id}}" if "{id}" in asked.path else f"/{name}/0"))
        runs = []
        for (url, path), after in zip(targets, (self.rest, self.forget), strict=True):
            self.wrk(url, path, asked, connections, 1)
            runs.append(self.wrk(url, path, asked, connections, seconds))
            if asked.body:
                after()
        app, bare = runs
        alone = self.pgbench(name, asked, connections, seconds)
        self.forget()
        shares = {"bare_rps": bare["rps"], "bare_p95_ms": bare["p95_ms"], "bare_errors": bare["errors"], "share_of_bare": share(app["rps"], bare["rps"]),
                  "sql_rps": round(alone), "share_of_sql": share(app["rps"], alone)}
        met = {"met": app["p95_ms"] < asked.target} if asked.target and connections == 16 else {}
        return {"tickets": self.count, "work": name, "connections": connections, **app, **shares, **met}


def share(part: float, whole: float) -> float:
    """As a number up to 1, usually."""
    return round(part / whole, 2) if whole else 0.0


class Ceiling:
    """The bare handler while it runs."""

    def __init__(self, bench: Bench) -> None:
        stack, slug = bench.stack, bench.organisation.slug
        address = urlsplit(stack["APP_API_URL"])
        self.address = f"{address.hostname}:{address.port + 1}"
        told = bench.folder / "works.json"
        told.write_text(json.dumps({name: vars(work) for name, work in bench.works.items()}))
        self.environment = {
            "BIND_ADDR": self.address, "CEILING_WORKS": str(told), "CEILING_SLUG": slug, "CEILING_CONNECTIONS": str(POOL),
            "CEILING_TENANT": sql(stack["CONTROL_DATABASE_URL"], f"select id from app_tenants where slug = '{slug}'"),
            "DATABASE_URL": bench.database, "JWT_SECRET": secret(stack),
        }

    def __enter__(self) -> str:
        built = subprocess.run(["bash", "-c", BINARIES.format(root=ROOT)], check=True, stdout=subprocess.PIPE, text=True)
        self.process = subprocess.Popen([built.stdout.strip()], env={**os.environ, **self.environment})
        time.sleep(2)
        return f"http://{self.address}"

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait()


def secret(stack: Stack) -> str:
    """What app-api checks tokens by."""
    with open(f"/proc/{stack.pid('app-api')}/environ", "rb") as file:
        return next(part for part in file.read().split(b"\0") if part.startswith(b"JWT_SECRET=")).decode().partition("=")[2]


def figures(stack: Stack, count: int, seconds: int):
    """Each figure as it is measured."""
    begun = time.monotonic()
    bench = Bench(stack, count)
    size = sql(bench.database, "select pg_database_size(current_database()) / 1048576")
    yield {"figure": "tenant filled", "tickets": count, "seconds": round(time.monotonic() - begun), "mib": int(size)}
    yield {"figure": "resident memory before, MiB", "tickets": count, **memory(stack)}
    with Ceiling(bench) as ceiling:
        for name, asked in works().items():
            for connections in CONNECTIONS:
                yield {"figure": "work", **bench.measured(name, asked, connections, seconds, ceiling)}
    yield {"figure": "resident memory after, MiB", "tickets": count, **memory(stack)}
