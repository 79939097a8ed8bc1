"""What `scripts/bench move` measures: a tenant goes to another server while its people work."""

import json
import secrets
import threading
import time

from client.past import sql, tenant_database
from client.stack import Stack
from e2e.moving import Load, other, reader, writer
from e2e.world import command
from measure import fill, percentile, sign_up

WRITERS, READERS = 6, 2


def move(stack: Stack, tickets: int) -> dict:
    """A tenant with so many tickets, and five times as many messages, under load: how long it takes, how long a writer and a reader
    waited at most, and what they were answered besides success."""
    organisation, _ = sign_up(stack, f"bench-move-{secrets.token_hex(3)}")
    fill(tenant_database(stack, organisation.slug), tickets)
    admin, stop = organisation.log_in(f"admin@{organisation.slug}.example"), threading.Event()
    writers = [Load(writer(admin), stop) for _ in range(WRITERS)]
    readers = [Load(reader(admin), stop) for _ in range(READERS)]
    time.sleep(2)
    to, begun = other(organisation), time.monotonic()
    moved = command("tenants", "move", organisation.slug, "--to", to, "--json")
    took = time.monotonic() - begun
    time.sleep(1)
    stop.set()
    for load in writers + readers:
        load.join(15)
    return {
        "tickets": tickets, "outcome": json.loads(moved.stdout)["status"] if moved.stdout else moved.stderr, "seconds": round(took, 1),
        "writes_during": sum(len(load.done) for load in writers), "reads_during": sum(len(load.done) for load in readers),
        "writer_p99_ms": round(percentile([wait for load in writers for wait in load.waits], 0.99) * 1e3),
        "longest_write_ms": round(max(load.longest for load in writers) * 1e3),
        "longest_read_ms": round(max(load.longest for load in readers) * 1e3),
        "errors": sum(len(load.wrong) for load in writers + readers),
    }
