"""Spreads the demo's tickets over the last weeks.

The API writes the present only, and rightly so: this is the one step of the demo that is done by SQL, in the demo
organisation's own database. It moves the times of tickets, messages, history rows and ratings, in their order, and has
reports count them anew. Events, audit rows and mails keep the moment at which they really happened.
"""

import os
import random
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .stack import Stack

MOVE = """
begin;
create temp table plan (ticket_id bigint primary key, starts timestamptz, ends timestamptz);
insert into plan values
{rows};

create temp table step as
with happened as (
    select ticket_id, 'm' as kind, id, created_at from ticket_messages
    union all
    select ticket_id, 'h', id, created_at from ticket_history
), placed as (
    select h.*, dense_rank() over (partition by ticket_id order by created_at) as place from happened h
)
select p.kind, p.id, p.ticket_id,
       plan.starts + (plan.ends - plan.starts) * ((p.place - 1)::float8 / greatest(max(p.place) over (partition by p.ticket_id) - 1, 1)) as at
from placed p join plan using (ticket_id);

update ticket_messages m set created_at = s.at, updated_at = s.at, read_at = case when m.read_at is null then null else s.at end
from step s where s.kind = 'm' and s.id = m.id;
update ticket_history h set created_at = s.at from step s where s.kind = 'h' and s.id = h.id;
update support_tickets t
set created_at = plan.starts,
    updated_at = coalesce((select max(at) from step where ticket_id = t.id), plan.starts),
    first_response_at = (select min(m.created_at) from ticket_messages m
        where m.ticket_id = t.id and m.sender_type = 'agent' and not m.is_internal),
    status_since = (select max(h.created_at) from ticket_history h where h.ticket_id = t.id and h.kind = 'status'),
    resolved_at = case when t.resolved_at is null then null else
        (select max(h.created_at) from ticket_history h where h.ticket_id = t.id and h.to_value = 'resolved') end,
    closed_at = case when t.closed_at is null then null else
        (select max(h.created_at) from ticket_history h where h.ticket_id = t.id and h.to_value = 'closed') end
from plan where plan.ticket_id = t.id;
update csat_answers a set solved_at = h.created_at, created_at = least(h.created_at + interval '2 hours', now()), updated_at = now()
from ticket_history h where h.id = a.solving_id;
insert into report_due select ticket_id from plan on conflict do nothing;
commit;
"""


def hours(chance: random.Random, low: float, high: float) -> timedelta:
    """Some time between two numbers of hours."""
    return timedelta(hours=chance.uniform(low, high))


def span(end: str, now: datetime, chance: random.Random) -> tuple[datetime, datetime]:
    """When a ticket with this end began, and when its last step was. Nothing that waits is so old that it would be
    closed by itself (7 days for an answer, 24 hours for a resolution)."""
    if end == "open":
        return now - hours(chance, 0.5, 96), now
    if end == "in_progress":
        last = now - hours(chance, 0.2, 60)
    elif end == "waiting_customer":
        last = now - hours(chance, 2, 140)
    elif end == "resolved":
        last = now - hours(chance, 0.5, 18)
    else:
        last = now - hours(chance, 3, 45 * 24)
    return last - hours(chance, 3, 90), last


def spread(stack: Stack, slug: str, ends: dict[int, str]) -> None:
    """Gives each ticket its place in the past."""
    chance = random.Random(7)
    now = datetime.now(timezone.utc)
    rows = []
    for ticket, end in ends.items():
        start, last = span(end, now, chance)
        rows.append(f"    ({ticket}, '{start.isoformat()}', '{last.isoformat()}')")
    sql(tenant_database(stack, slug), MOVE.format(rows=",\n".join(rows)))


def tenant_database(stack: Stack, slug: str) -> str:
    """The address of a tenant's database, as the superuser of the local stack."""
    place = sql(stack["CONTROL_DATABASE_URL"], f"select host, port, database from app_tenants where slug = '{slug}'")
    return on_its_server(stack, *place.split("|"))


def on_its_server(stack: Stack, host: str, port: str, database: str) -> str:
    """The address of a database, on whichever server it is; their superusers have one password."""
    known = urlsplit(stack["SUPERUSER_DATABASE_URL"])
    login = known.netloc.rpartition("@")[0]
    return known._replace(netloc=f"{login}@{host}:{port}", path=f"/{database}").geturl()


def program(name: str) -> Path:
    """One of PostgreSQL's programs itself: Debian's wrapper around it takes longer than most questions."""
    return max(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))


def sql(url: str, text: str) -> str:
    """Runs SQL with psql; the rows that it prints, without the end of the last line."""
    command = [program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False, env=where(url))
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout.rstrip("\n")


def where(url: str) -> dict[str, str]:
    """The environment in which PostgreSQL's programs find a database: everybody may read command lines."""
    at = urlsplit(url)
    place = {"PGHOST": at.hostname, "PGPORT": str(at.port), "PGUSER": at.username, "PGPASSWORD": unquote(at.password), "PGDATABASE": at.path[1:]}
    return {**os.environ, **place}
