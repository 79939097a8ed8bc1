"""A fleet migration: many tenants are put back to the schema of the release before and brought forward again, while some of
them are worked in."""

import json
import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from client.api import Api
from client.past import sql, tenant_database
from client.people import Person
from client.stack import ROOT, Stack
from measure import PASSWORD, Organisation, percentile
from scale import slugs

WORKED_IN = 10
LEAVES = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
TOOK = """select count(*), percentile_cont(0.5) within group (order by took), percentile_cont(0.95) within group (order by took), max(took)
    from (select extract(epoch from finished_at - started_at) * 1000 as took from migration_targets
          where run_id = '{run}' and from_version < to_version) t"""


class Client(threading.Thread):
    """Opens and lists tickets in one organisation, one request after the other."""

    def __init__(self, stack: Stack, person: Person, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.api, self.stop = Api(stack["APP_API_URL"], person.app.headers, 10), stop
        self.times, self.errors = [], []

    def run(self) -> None:
        while not self.stop.is_set():
            for method, path, body in (("GET", "/api/v1/tickets?limit=10", None), ("POST", "/api/v1/tickets", {"subject": "x", "description": "x"})):
                begun = time.monotonic()
                try:
                    status = self.api.send(method, path, body).status
                except OSError:
                    status = 0
                self.times.append(time.monotonic() - begun)
                if status not in (200, 201):
                    self.errors.append(status)
            time.sleep(0.02)


def put_back(stack: Stack, names: list[str]) -> float:
    """Puts these tenants' databases back; the seconds that it took."""
    begun, text = time.monotonic(), (ROOT / "bench/before_last.sql").read_text()

    def one(slug: str) -> None:
        database = tenant_database(stack, slug)
        sql(database, f"{text}\n{LEAVES}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, names))
    return time.monotonic() - begun


def migration(stack: Stack, count: int) -> dict:
    """Brings so many databases forward by `control-api tenants migrate`, while ten of them are worked in."""
    names = slugs(stack)[:count]
    people = [Organisation(stack, slug, PASSWORD).log_in(f"admin@{slug}.example") for slug in names[:WORKED_IN]]
    prepared = put_back(stack, names)
    stop = threading.Event()
    clients = [Client(stack, person, stop) for person in people]
    for client in clients:
        client.start()
    time.sleep(2)
    pid = stack.pid("control-api")
    with open(f"/proc/{pid}/environ", "rb") as lines:
        environment = {os.fsdecode(k): os.fsdecode(v) for k, _, v in (line.partition(b"=") for line in lines.read().split(b"\0") if line)}
    begun = time.monotonic()
    done = subprocess.run([os.readlink(f"/proc/{pid}/exe"), "tenants", "migrate", "--json"], env=environment, capture_output=True, text=True, check=True)
    seconds = time.monotonic() - begun
    time.sleep(1)
    stop.set()
    for client in clients:
        client.join()
    run, times = json.loads(done.stdout), [took for client in clients for took in client.times]
    migrated, p50, p95, most = sql(stack["CONTROL_DATABASE_URL"], TOOK.format(run=run["id"])).split("|")
    return {
        "databases": int(migrated), "seconds": round(seconds, 1), "parallel": run["parallel"], "failed": run["failed"],
        "per_database_ms": {"p50": round(float(p50)), "p95": round(float(p95)), "max": round(float(most))},
        "requests_meanwhile": len(times), "errors": sum(len(client.errors) for client in clients),
        "request_p99_ms": round(percentile(times, 0.99) * 1e3), "request_max_ms": round(max(times) * 1e3), "put_back_s": round(prepared, 1),
    }
