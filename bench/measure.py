"""What `scripts/bench` measures, each on the running stack and through its real interfaces."""

import os
import secrets
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from client.api import Api
from client.past import sql, tenant_database
from client.people import Organisation, Person
from client.stack import ROOT, Stack
from e2e.broker import Tap
from e2e.stream import Stream

PASSWORD = "correct-horse-battery-42"
TICKETS = 100_000


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def sign_up(stack: Stack, slug: str) -> tuple[Organisation, float]:
    """A new organisation, and the seconds from the request to `active`. Straight to the control plane: nginx would
    count the requests of one address."""
    organisation = Organisation(stack, slug, PASSWORD)
    body = {"organisation": slug, "slug": slug, "email": f"admin@{slug}.example", "password": PASSWORD}
    begun = time.monotonic()
    page = Api(stack["CONTROL_API_URL"])
    # An address of its own (RFC 2544): the control plane counts the sign-ups of a network.
    address = f"198.18.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    page.post("/api/v1/tenants", {**body, "firstname": "Ada", "lastname": "Admin", "locale": "en"}, X_Forwarded_For=address)
    while organisation.status() != "active":
        time.sleep(0.005)
    return organisation, time.monotonic() - begun


def provisioning(stack: Stack, count: int = 50) -> dict:
    """Sign-up to active, one after the other: where a database waits, and where none may be taken."""
    control = stack["CONTROL_DATABASE_URL"]

    def one(is_warm: bool) -> float:
        while is_warm and int(sql(control, "select count(*) from spares where ready_at is not null")) == 0:
            time.sleep(0.02)
        return sign_up(stack, f"bench-{secrets.token_hex(4)}")[1]

    times = {"warm": [one(is_warm=True) for _ in range(count)]}
    # They count as there, so nobody makes others, and nobody may take them.
    sql(control, "update spares set ready_at = null, holder = gen_random_uuid(), leased_until = now() + interval '1 hour'")
    try:
        times["cold"] = [one(is_warm=False) for _ in range(count)]
    finally:
        sql(control, "update spares set leased_until = now() where ready_at is null")
    shares = ((name, took, share) for name, took in times.items() for share in (50, 95))
    return {"sign_ups": 2 * count, **{f"{name}_p{share}_ms": round(percentile(took, share / 100) * 1e3) for name, took, share in shares}}


def memory(stack: Stack) -> dict:
    """Resident memory of both APIs, in MiB."""
    def resident(name: str) -> float:
        lines = Path(f"/proc/{stack.pid(name)}/status").read_text().splitlines()
        kib = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
        return round(kib / 1024, 1)
    return {name: resident(name) for name in ("control-api", "app-api")}


def rates(stack: Stack) -> dict:
    """CPU of one request at an otherwise empty route: without limits, counted by Redis, and counted while Redis is away."""
    command = ["cargo", "run", "--quiet", "--locked", "--release", "-p", "app-api", "--example", "rate_cost"]
    environment = {**os.environ, "REDIS_URL": stack["REDIS_URL"], "SQLX_OFFLINE": "true"}
    output = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name: float(text.split()[0]) for name, text in (line.split("\t") for line in output.splitlines())}


def logins(stack: Stack, connections: int, seconds: int) -> dict:
    """Sign-ins of the demo's agent by password, so many at once, and the exchange of a refresh token, which does the same but
    for the hashing."""
    organisation = Organisation(stack, "demo", stack["DEMO_PASSWORD"])
    body = {"email": stack["DEMO_AGENT_EMAIL"], "password": stack["DEMO_PASSWORD"], "client": "api"}

    def series(work) -> list[float]:
        times, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            begun = time.perf_counter()
            work()
            times.append((time.perf_counter() - begun) * 1e3)
        return times

    def sign_in(_: int) -> list[float]:
        page = organisation.control.with_headers()
        return series(lambda: page.post("/api/v1/auth/login", body, X_Forwarded_For=organisation.address()))

    with ThreadPoolExecutor(connections) as pool:
        times = [took for lane in pool.map(sign_in, range(connections)) for took in lane]
    kept = organisation.control.post("/api/v1/auth/login", body, X_Forwarded_For=organisation.address())

    def exchange() -> None:
        shown = {"refresh_token": kept["refresh_token"]}
        kept.update(organisation.control.post("/api/v1/auth/refresh", shown, X_Forwarded_For=organisation.address()))

    return {"connections": connections, "logins_per_second": round(len(times) / seconds, 1), "p50_ms": round(percentile(times, 0.5), 1),
            "p95_ms": round(percentile(times, 0.95), 1), "refresh_p50_ms": round(percentile(series(exchange), 0.5), 1)}


def fill(database: str, tickets: int) -> None:
    """So many tickets, and five times as many messages."""
    sql(database, f"\\set tickets {tickets}\n" + (ROOT / "bench/fill.sql").read_text())


def filled(stack: Stack, tickets: int) -> tuple[Organisation, Person]:
    """The organisation with so many tickets, made on first use, and its admin, who signs in."""
    organisation = Organisation(stack, f"bench-full-{tickets}", PASSWORD)
    if organisation.status() == "unknown":
        sign_up(stack, organisation.slug)
        fill(tenant_database(stack, organisation.slug), tickets)
        # Whose address is not proved is mailed once a day: less work than a customer makes.
        organisation.verify(f"admin@{organisation.slug}.example")
    return organisation, organisation.log_in(f"admin@{organisation.slug}.example")


def delays(stack: Stack, count: int = 100) -> dict:
    """From the answer to a change until it is on the live stream, and in a queue of RabbitMQ."""
    slug = f"bench-{secrets.token_hex(4)}"
    organisation, _ = sign_up(stack, slug)
    organisation.verify(f"admin@{slug}.example")
    admin = organisation.log_in(f"admin@{slug}.example")
    stream, tap = Stream(organisation, admin), Tap("sav_exchange")
    time.sleep(0.5)
    live, broker = [], []
    for _ in range(count):
        ticket = admin.app.post("/api/v1/tickets", {"subject": "Delay", "description": "x"})["id"]
        answered = time.monotonic()
        while not stream.of(ticket):
            time.sleep(0.001)
        live.append(max(0.0, stream.of(ticket)[0]["at"] - answered))
        while not any(m["payload"]["data"].get("ticket_id") == ticket for m in tap.take()):
            time.sleep(0.001)
        broker.append(time.monotonic() - answered)
    stream.close()
    tap.close()
    def shown(values: list[float]) -> dict:
        return {"p50_ms": round(statistics.median(values) * 1e3, 1), "p95_ms": round(percentile(values, 0.95) * 1e3, 1)}
    return {"changes": count, "live": shown(live), "broker": shown(broker)}
