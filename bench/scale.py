"""Many tenants on one machine: what they cost at rest, how the busy ones fare, and how long a crash takes to mend."""

import json
import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from client.past import sql, tenant_database
from client.stack import ROOT, Stack
from measure import PASSWORD, Organisation, fill, memory, percentile, sign_up

TICK = os.sysconf("SC_CLK_TCK")
SERVERS = ("postgres", "postgres-2")
CONNECTIONS = 16


def create(stack: Stack, count: int) -> dict:
    """Signs up as many as are missing, four at a time, through the public API."""
    known = set(slugs(stack))
    missing = [slug for slug in (f"scale-{n:04}" for n in range(count)) if slug not in known]
    begun = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        times = [took for _, took in pool.map(lambda slug: sign_up(stack, slug), missing)]
    if not times:
        return {"tenants": count, "made": 0}
    return {"tenants": count, "made": len(times), "seconds": round(time.monotonic() - begun, 1),
            "sign_up_p50_ms": round(percentile(times, 0.5) * 1e3), "sign_up_p95_ms": round(percentile(times, 0.95) * 1e3)}


def slugs(stack: Stack) -> list[str]:
    """The tenants of former and present runs."""
    return sql(stack["CONTROL_DATABASE_URL"], "select slug from tenants where slug like 'scale-%' and status = 'active' order by slug").split()


def disk(stack: Stack) -> dict:
    """Bytes and files of a tenant's database, on average."""
    per_database = """select count(*), sum(pg_database_size(oid)), sum((select count(*) from pg_ls_dir('base/' || oid)))
        from pg_database where datname like 'tenant_scale_%'"""
    rows = [sql(url, per_database).split("|") for url in servers(stack)]
    databases = sum(int(row[0]) for row in rows)
    return {"databases": databases, "mib_each": round(sum(float(row[1] or 0) for row in rows) / databases / 2**20, 2),
            "files_each": round(sum(float(row[2] or 0) for row in rows) / databases)}


def servers(stack: Stack) -> list[str]:
    """The superuser's way to each server."""
    urls = [stack["SUPERUSER_DATABASE_URL"], stack.values.get("TEST_SECOND_DATABASE_ADMIN_URL", "")]
    return [url for url in urls if url]


def idle(stack: Stack, seconds: int = 120) -> dict:
    """CPU of the whole stack while nobody asks for anything, in per cent of one core; memory and connections then."""
    names = [name for name in ("control-api", "app-api", *SERVERS) if is_running(stack, name)]
    before = {name: cpu(stack.pid(name)) for name in names}
    time.sleep(seconds)
    used = {name: round((cpu(stack.pid(name)) - before[name]) / seconds * 100, 2) for name in names}
    return {"seconds": seconds, "cpu_percent": used, "mib": memory(stack), "connections": connections(stack)}


def is_running(stack: Stack, name: str) -> bool:
    """Whether the stack has that part."""
    key = "PID_" + name.upper().replace("-", "_")
    return key in stack.values and Path(stack[key]).exists()


def cpu(pid: int) -> float:
    """Seconds of CPU of a process, of its children and of those that it has buried."""
    own = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    total = sum(int(own[n]) for n in (11, 12, 13, 14)) / TICK
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            total += cpu(int(child))
        except FileNotFoundError:
            continue
    return total


def connections(stack: Stack) -> int:
    """Connections of our APIs to all servers."""
    asked = "select count(*) from pg_stat_activity where application_name like 'app-api%' or application_name like 'control-api%'"
    return sum(int(sql(url, asked)) for url in servers(stack))


def busy(stack: Stack, count: int, seconds: int) -> dict:
    """So many tenants work at the same time; beside it the same work by one tenant alone."""
    everybody = [prepared(stack, slug) for slug in slugs(stack)[:count]]
    run(stack, everybody, 3)
    figures = {"one": run(stack, everybody[:1], seconds), "all": run(stack, everybody, seconds)}
    return {"busy": count, **figures, "connections": connections(stack), "mib": memory(stack),
            "p99_ratio": round(figures["all"]["p99_ms"] / figures["one"]["p99_ms"], 2)}


def prepared(stack: Stack, slug: str) -> str:
    """A tenant with a thousand tickets, as a line of the file that wrk reads."""
    organisation = Organisation(stack, slug, PASSWORD)
    admin = organisation.log_in(f"admin@{slug}.example")
    database = tenant_database(stack, slug)
    if int(sql(database, "select count(*) from support_tickets")) < 1000:
        fill(database, 1000)
    first, last = sql(database, "select min(id), min(id) + 999 from support_tickets").split("|")
    return f"{slug} {admin.app.headers['Authorization'].removeprefix('Bearer ')} {first} {last}\n"


def run(stack: Stack, lines: list[str], seconds: int, rps: float = 0) -> dict:
    """One run of wrk at 16 connections, with at most so many requests a second, or as many as there can be."""
    with tempfile.NamedTemporaryFile("w", suffix=".who") as who:
        who.writelines(lines)
        who.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(ROOT / "bench/wrk_many.lua"), stack["APP_API_URL"]]
        done = subprocess.run(command, env={**os.environ, "BENCH_WHO": who.name, "BENCH_PAUSE": str(round(CONNECTIONS * 1000 / rps) if rps else 0)}, capture_output=True, text=True, check=True)
    said = [line.removeprefix("JSON ") for line in done.stdout.splitlines() if line.startswith("JSON ")]
    if not said:
        raise RuntimeError(f"wrk says no figures: {done.stdout}{done.stderr}")
    return json.loads(said[0])


def recovery(stack: Stack) -> dict:
    """`kill -9` of the first server just after changes; from its start until it answers, and until a tenant is served."""
    slug = slugs(stack)[0]
    line = prepared(stack, slug)
    run(stack, [line], 3)
    part = str(ROOT / "scripts/part")
    subprocess.run([part, "kill", "postgres"], check=True, stdout=subprocess.DEVNULL)
    begun = time.monotonic()
    subprocess.run([part, "start", "postgres"], check=True, stdout=subprocess.DEVNULL)
    answers = time.monotonic() - begun
    token = line.split()[1]
    organisation = Organisation(stack, slug, PASSWORD)
    served = organisation.app.with_headers(Authorization=f"Bearer {token}")
    while served.send("GET", "/api/v1/tickets?limit=1").status != 200:
        time.sleep(0.05)
    databases = int(sql(stack["SUPERUSER_DATABASE_URL"], "select count(*) from pg_database"))
    return {"databases": databases, "server_answers_s": round(answers, 2), "tenant_served_s": round(time.monotonic() - begun, 2)}
