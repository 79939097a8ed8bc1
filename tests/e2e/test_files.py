"""Tickets as files, through nginx and over kills: what is brought goes on where it was, and comes back as it was."""

import csv
import http.client
import io
import json
import time

from client.api import Api

from .world import Case, acme, eventually, part, stack

PART = 1 << 20
TICKETS = 3000


def table(tag: str) -> bytes:
    """Tickets with a message each, in a file of several parts."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["id", "subject", "description", "email", "status", "created_at", "comments"])
    for n in range(TICKETS):
        said = json.dumps([{"message": f"Hello {n}", "created_at": "2024-01-02T00:00:00Z"}])
        lines.writerow([f"{tag}-{n}", f"{tag} {n}", "It smokes. " * 60, f"person{n % 40}@{tag}.example", "closed", "2024-01-01", said])
    return out.getvalue().encode()


class Files(Case):
    """An import that is killed, and an export of what it has brought."""

    def import_of(self, path: str) -> dict:
        """How far it is; whoever is starting does not answer."""
        return eventually(30, lambda: self.asked(path))

    def asked(self, path: str):
        try:
            answer = Api(stack()["APP_API_URL"], acme().admin.app.headers, 10).send("GET", path)
        except (OSError, http.client.HTTPException):
            return None
        return answer.json if answer.status == 200 else None

    def test_a_killed_import_goes_on_and_brings_each_ticket_once(self) -> None:
        page, tag = acme().page(acme().admin), f"kill{time.time_ns():x}"
        whole = table(tag)
        self.assertGreater(len(whole), PART)
        begun = page.post("/api/v1/imports", {"kind": "csv", "file_name": "a.csv", "file_size": len(whole)})
        path = f"/api/v1/imports/{begun['id']}"
        for offset in range(0, len(whole), PART):
            sent = page.send("PUT", f"{path}/file/{offset}", whole[offset:offset + PART])
            self.assertEqual(sent.status, 200, sent.text)
        page.post(f"{path}/run", {"dry_run": False})
        seen = []
        for pause in (2.5, 1.0, 0.6):
            time.sleep(pause)
            seen.append(self.import_of(path)["counts"]["imported"])
            part("kill", "app-api")
            part("start", "app-api")
        done = eventually(120, lambda: (now := self.import_of(path)) and now["state"] == "finished" and now)
        counts = done["counts"]
        self.assertEqual((counts["imported"], counts["failed"], counts["skipped"]), (TICKETS, 0, 0), f"{done} {seen}")
        file = acme().page(acme().admin).send("GET", f"/api/v1/tickets/export?format=csv&q={tag}&sort=created_at")
        self.assertEqual(file.status, 200, file.text[:300])
        subjects = [line["subject"] for line in csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff")))]
        self.assertEqual((len(subjects), len(set(subjects))), (TICKETS, TICKETS))
