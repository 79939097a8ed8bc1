"""What `scripts/bench files` measures: tickets that are taken away and brought as files, and what app-api holds meanwhile."""

import http.client
import json
import secrets
import threading
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from client.past import sql, tenant_database
from client.people import Organisation
from client.stack import ROOT, Stack
from measure import TICKETS, memory, sign_up

PART = 1 << 20
BEGAN = datetime(2024, 1, 1, tzinfo=timezone.utc)


class Watch:
    """The most memory that app-api has resided in while something is done, in MiB, and what it was before."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.before, self.most = stack, memory(stack)["app-api"], 0.0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self.stop.is_set():
            self.most = max(self.most, memory(self.stack)["app-api"])
            time.sleep(0.02)

    def __enter__(self) -> "Watch":
        self.thread.start()
        self.begun = time.monotonic()
        return self

    def __exit__(self, *_) -> None:
        self.seconds = time.monotonic() - self.begun
        self.stop.set()
        self.thread.join()

    def shown(self) -> dict:
        """What was seen."""
        return {"seconds": round(self.seconds, 1), "before_mib": self.before, "most_mib": round(self.most, 1)}


def files(stack: Stack, tickets: int):
    """Each figure: all tickets of one organisation as a file of each kind, and as many brought from a file of each kind."""
    organisation, _ = sign_up(stack, f"bench-files-{secrets.token_hex(3)}")
    fill = (ROOT / "bench/fill.sql").read_text().replace(str(TICKETS), str(tickets))
    sql(tenant_database(stack, organisation.slug), fill)
    admin = organisation.log_in(f"admin@{organisation.slug}.example")
    for kind in ("csv", "json", "xlsx"):
        with Watch(stack) as watch:
            taken = take(stack, f"/api/v1/tickets/export?format={kind}", admin.app.headers)
        yield {"work": f"export {kind}", "tickets": tickets, "mib": round(taken / (1 << 20), 1), **watch.shown()}
    for kind, lines in (("csv", table), ("zendesk", exported)):
        yield {"work": f"import {kind}", "tickets": tickets, **bring(stack, kind, lines(tickets))}


def take(stack: Stack, path: str, headers: dict) -> int:
    """Reads what is at a path to its end, and says how many bytes it has. Straight from the API, as a program would."""
    address = urlsplit(stack["APP_API_URL"])
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=600)
    connection.request("GET", path, headers=headers)
    response, taken = connection.getresponse(), 0
    assert response.status == 200, response.read()
    while piece := response.read(PART):
        taken += len(piece)
    connection.close()
    return taken


def bring(stack: Stack, kind: str, text: str) -> dict:
    """Sends a file to an organisation of its own and has it run."""
    organisation, _ = sign_up(stack, f"bench-bring-{secrets.token_hex(3)}")
    admin = organisation.log_in(f"admin@{organisation.slug}.example")
    organisation.verify(admin.email)
    whole = text.encode()
    begun = admin.app.post("/api/v1/imports", {"kind": kind, "file_name": "tickets", "file_size": len(whole)})
    path = f"/api/v1/imports/{begun['id']}"
    with Watch(stack) as watch:
        for offset in range(0, len(whole), PART):
            sent = admin.app.send("PUT", f"{path}/file/{offset}", whole[offset:offset + PART])
            assert sent.status == 200, sent.text
        sending = time.monotonic() - watch.begun
        admin.app.post(f"{path}/run", {"dry_run": False})
        ended = wait(organisation, path)
    counts = ended["counts"]
    assert ended["state"] == "finished" and counts["failed"] == 0, ended
    return {"mib": round(len(whole) / (1 << 20), 1), "imported": counts["imported"], "sending_s": round(sending, 1),
            "tickets_a_second": round(counts["imported"] / (watch.seconds - sending)), **watch.shown()}


def wait(organisation: Organisation, path: str) -> dict:
    """The import, once it is over; whoever asks signs in anew, for a token lasts a quarter of an hour."""
    while True:
        admin, until = organisation.log_in(f"admin@{organisation.slug}.example"), time.monotonic() + 600
        while time.monotonic() < until:
            now = admin.app.get(path)
            if now["state"] not in ("checking", "running"):
                return now
            time.sleep(0.5)


def moment(n: int, minutes: int = 0) -> str:
    """When the n-th ticket was opened, or so many minutes later."""
    return (BEGAN + timedelta(minutes=5 * n + minutes)).isoformat()


def table(tickets: int) -> str:
    """So many tickets with five messages each, as a table."""
    def line(n: int) -> str:
        said = [{"message": f"Have you tried to switch number {n} off and on again?", "created_at": moment(n, m),
                 **({"author_email": f"agent{n % 20}@bench.example"} if m % 2 else {})} for m in range(1, 6)]
        cell = json.dumps(said).replace('"', '""')
        status = ("open", "resolved", "closed", "closed")[n % 4]
        return f'{n},Machine number {n} stops,"It worked yesterday. Today, it does not.",{status},person{n % 200}@bench.example,{moment(n)},"{cell}"'
    return "\n".join(["id,subject,description,status,email,created_at,comments", *(line(n) for n in range(tickets)), ""])


def exported(tickets: int) -> str:
    """The same as Zendesk exports it."""
    def line(n: int) -> str:
        requester = {"id": n % 200, "name": f"Person {n % 200}", "email": f"person{n % 200}@bench.example"}
        agent = {"id": 1000 + n % 20, "name": f"Agent {n % 20}", "email": f"agent{n % 20}@bench.example"}
        said = [{"id": 10 * n + m, "author_id": (requester, agent)[m % 2]["id"], "public": m != 3, "created_at": moment(n, m),
                 "body": f"Have you tried to switch number {n} off and on again?", "attachments": []} for m in range(1, 6)]
        return json.dumps({"id": n, "subject": f"Machine number {n} stops", "description": "It worked yesterday.", "status": ("new", "solved", "closed", "closed")[n % 4],
                           "priority": "normal", "requester": requester, "submitter": agent, "tags": ["vip"], "created_at": moment(n), "updated_at": moment(n, 9),
                           "via": {"channel": "email"}, "comments": said})
    return "\n".join([*(line(n) for n in range(tickets)), ""])
