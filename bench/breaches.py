"""What `scripts/bench breaches` measures: how long after a target's due time its breach is recorded, and how long until it is told,
while some of many tenants are busy (T-13: within five seconds)."""

import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urlsplit

from client.past import sql, tenant_database
from client.stack import Stack
from measure import percentile
from scale import prepared, run, servers, slugs

# Targets begin to be due so late that each database has been looked at.
AHEAD = 120
LATE = 30
EACH_BUSY, EACH_QUIET = 10, 1
# A ticket whose first answer is due in an hour after its creation, warned of already.
DUE = """
with asker as (select min(id) as id from users where active),
times as (select n, now() + interval '{ahead} seconds' + random() * interval '{over} seconds' as due from generate_series(1, {count}) n),
policy as (select id, version from sla_policies where is_default),
opened as (
    insert into support_tickets (ticket_number, user_id, subject, description, description_html, priority, priority_reason, created_at,
        updated_at, sla_policy_id, sla_policy_version, sla_state, sla_next_at, response_target_minutes, response_due_at, response_warned_at,
        resolution_target_minutes, resolution_due_at)
    select 'TKT-BREACH-' || substr(md5(random()::text || n), 1, 12), a.id, 'Due', 'x', '<p>x</p>', 'urgent', 'breach bench', t.due - interval '60 minutes',
        now(), p.id, p.version, 'warning', t.due, 60, t.due, t.due - interval '12 minutes', 240, t.due + interval '180 minutes'
    from times t, asker a, policy p
    returning id, created_at
)
insert into ticket_history (ticket_id, version, kind, to_value, created_at) select id, 1, 'status', 'open', created_at from opened
"""
TOLD = """
select extract(epoch from t.response_breached_at - t.response_due_at), extract(epoch from e.published_at - t.response_due_at)
from support_tickets t
left join lateral (
    select min(published_at) as published_at from events where subject = 'ticket:' || t.id and kind = 'TicketSLABreach'
) e on true
where t.priority_reason = 'breach bench'
"""
FORGET = "update support_tickets set priority_reason = 'manual' where priority_reason = 'breach bench'"


def delays(stack: Stack, tenants: int, busy: int, each: float, over: int) -> dict:
    """Targets in all tenants, ten times as many in each busy one, due at random moments of `over` seconds. The busy ones answer so many
    requests a second meanwhile, or all that they can."""
    names = slugs(stack)[:tenants]
    addresses = {slug: tenant_database(stack, slug) for slug in names}
    lines = [prepared(stack, slug) for slug in names[:busy]]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda slug: sql(addresses[slug], FORGET), names))
        begun = time.monotonic()
        list(pool.map(lambda slug: sql(addresses[slug], due(slug in names[:busy], begun, over)), names))
    announce(stack)
    if time.monotonic() - begun > AHEAD:
        raise RuntimeError("the first targets were due before the last were set")
    served, before = [], opened(stack)
    load = threading.Thread(target=lambda: served.append(run(stack, lines, round(begun + AHEAD + over - time.monotonic()), each * busy)))
    load.start()
    load.join()
    time.sleep(LATE)
    connections = opened(stack) - before
    told = [row.split("|") for slug in names for row in sql(addresses[slug], TOLD).splitlines()]
    columns = {"recorded": [row[0] for row in told], "published": [row[1] for row in told]}
    return {"tenants": len(names), "busy": busy, "targets": len(told), "over_s": over, "wanted_rps": each * busy,
            **{name: shown([float(value) for value in column if value]) for name, column in columns.items()},
            "missed": sum(not all(row) for row in told), "meanwhile": served[0], "connections_opened": connections}


def announce(stack: Stack) -> None:
    """Says of every tenant that it has something new, as each act does that opens a ticket."""
    url = urlsplit(stack["REDIS_URL"])
    ids = sql(stack["CONTROL_DATABASE_URL"], "select id from tenants where slug like 'scale-%' and status = 'active'").split()
    said = "".join(f'PUBLISH changed "bench {tenant}"\n' for tenant in ids)
    program = ["redis-cli", "-h", url.hostname, "-p", str(url.port), "-n", url.path[1:] or "0"]
    environment = {**os.environ, "REDISCLI_AUTH": unquote(url.password or "")}
    subprocess.run(program, env=environment, input=said, check=True, stdout=subprocess.DEVNULL, text=True)


def opened(stack: Stack) -> int:
    """How many connections to tenants' databases there ever were."""
    return sum(int(sql(url, "select coalesce(sum(sessions), 0) from pg_stat_database where datname like 'tenant_%'")) for url in servers(stack))


def due(is_busy: bool, begun: float, over: int) -> str:
    """A tenant's targets: for all tenants at the same times, however late it is their turn to be told."""
    ahead = AHEAD - (time.monotonic() - begun)
    return DUE.format(ahead=ahead, over=over, count=EACH_BUSY if is_busy else EACH_QUIET)


def shown(seconds: list[float]) -> dict:
    """How long it took."""
    if not seconds:
        return {}
    return {"p50_s": round(percentile(seconds, 0.5), 2), "p95_s": round(percentile(seconds, 0.95), 2), "max_s": round(max(seconds), 2)}
