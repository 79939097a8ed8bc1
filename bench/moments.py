"""What `scripts/bench moment` measures: one tenant is brought back to a second while its neighbour on the same server works."""

import json
import secrets
import threading
import time

from client.past import sql, tenant_database
from client.stack import Stack
from e2e.moving import Load, cluster, reader, writer
from e2e.world import command
from measure import fill, percentile, sign_up

SEGMENTS = 10
NOW = """select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
FILLS_A_SEGMENT = "select pg_logical_emit_message(false, 'bench', repeat(md5(n::text), 30000)) from generate_series(1, 14) n"


def moment(stack: Stack, tickets: int) -> dict:
    """A tenant with so many tickets, and five times as many messages, loses all of them and is brought back: how long the base
    backup, the archiving of a segment and the restore take, and how the neighbour fared meanwhile."""
    organisation, _ = sign_up(stack, f"bench-back-{secrets.token_hex(3)}")
    while True:
        neighbour, _ = sign_up(stack, f"bench-near-{secrets.token_hex(3)}")
        if cluster(neighbour) == cluster(organisation):
            break
    database = tenant_database(stack, organisation.slug)
    fill(database, tickets)
    based, base = timed("base-backups", "take", "--cluster", cluster(organisation), "--json")
    at, count = sql(database, NOW), "select count(*) from support_tickets"
    before = sql(database, count)
    sql(database, "truncate support_tickets cascade")
    archived = archive(database)
    stop, admin = threading.Event(), neighbour.log_in(f"admin@{neighbour.slug}.example")
    loads = [Load(do(admin), stop) for do in (writer, writer, reader)]
    took, restored = timed("tenants", "restore", organisation.slug, "--at", at, "--yes", "--json")
    stop.set()
    for load in loads:
        load.join(15)
    return {
        "tickets": tickets, "outcome": restored["status"], "complete": sql(tenant_database(stack, organisation.slug), count) == before,
        "base_backup": base["status"], "base_backup_s": round(based, 1), "archiving_a_segment_ms": archived, "restore_s": round(took, 1),
        "neighbour": {
            "requests": sum(len(load.waits) for load in loads), "errors": sum(len(load.wrong) for load in loads),
            "p99_ms": round(percentile([wait for load in loads for wait in load.waits], 0.99) * 1e3),
            "longest_ms": round(max(load.longest for load in loads) * 1e3),
        },
    }


def timed(*arguments: str) -> tuple[float, dict]:
    """The seconds that a command took, and what it told."""
    begun = time.monotonic()
    done = command(*arguments)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - begun, json.loads(done.stdout)


def archive(database: str) -> int:
    """Milliseconds from a full segment to its safe keeping, on average over ten in a row."""
    def last() -> int:
        return int(sql(database, "select archived_count from pg_stat_archiver"))

    before, begun = last(), time.monotonic()
    for _ in range(SEGMENTS):
        sql(database, f"{FILLS_A_SEGMENT}; select pg_switch_wal()")
    while last() < before + SEGMENTS:
        time.sleep(0.02)
    return round((time.monotonic() - begun) / SEGMENTS * 1e3)
