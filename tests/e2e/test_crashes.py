"""kill -9 of an API under load loses no acknowledged write and no event."""

import http.client
import threading
import time
import uuid

from client.api import Api

from .broker import Tap
from .world import Case, acme, eventually, part, stack


class Writer(threading.Thread):
    """Opens tickets one after another, and repeats with the same key what was cut off, as a careful client does."""

    def __init__(self, customer, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.api = Api(stack()["APP_API_URL"], customer.app.headers, 10)
        self.stop, self.acknowledged, self.cut = stop, {}, 0

    def run(self) -> None:
        while not self.stop.is_set():
            key = str(uuid.uuid4())
            body = {"subject": f"Crash {key}", "description": "Written under fire."}
            while True:
                try:
                    answer = self.api.send("POST", "/api/v1/tickets", body, Idempotency_Key=key)
                except (OSError, http.client.HTTPException):
                    self.cut += 1
                    time.sleep(0.05)
                    continue
                if answer.status == 201:
                    self.acknowledged[key] = answer.json["id"]
                    break
                assert answer.status in (502, 503, 504), answer.text
                time.sleep(0.05)


class Crashes(Case):
    """Each API is killed several times."""

    def test_app_api(self) -> None:
        tap, stop = Tap("sav_exchange"), threading.Event()
        writers = [Writer(customer, stop) for customer in (acme().chloe, acme().carl) for _ in range(2)]
        for writer in writers:
            writer.start()
        for pause in (0.7, 1.3, 0.4):
            time.sleep(pause)
            part("kill", "app-api")
            part("start", "app-api")
        time.sleep(1)
        stop.set()
        for writer in writers:
            writer.join(30)
        wanted = {ticket: key for writer in writers for key, ticket in writer.acknowledged.items()}
        self.assertGreater(len(wanted), 20)
        self.assertGreater(sum(writer.cut for writer in writers), 0)
        page = Api(stack()["APP_API_URL"], acme().manager.app.headers)
        for ticket, key in wanted.items():
            self.assertEqual(page.get(f"/api/v1/tickets/{ticket}")["subject"], f"Crash {key}")

        def created() -> dict[str, set[int]]:
            keys: dict[str, set[int]] = {}
            for message in tap.take():
                data = message["payload"]["data"]
                if message["payload"]["event"] == "TicketCreated" and data["subject"].startswith("Crash "):
                    keys.setdefault(data["subject"][6:], set()).add(data["ticket_id"])
            return keys
        told = eventually(30, lambda: (keys := created()) and set(wanted.values()) <= keys.keys() and keys)
        self.assertEqual([key for key, tickets in told.items() if len(tickets) > 1], [])
        tap.close()

    def test_control_api_during_sign_ups(self) -> None:
        page = Api(stack()["CONTROL_API_URL"], timeout=10)
        slugs = [f"crash-{uuid.uuid4().hex[:8]}" for _ in range(6)]
        for number, slug in enumerate(slugs):
            form = {"organisation": slug, "slug": slug, "email": f"admin@{slug}.example", "password": acme().password,
                    "firstname": "Cra", "lastname": "Sh"}
            self.assertEqual(page.send("POST", "/api/v1/tenants", form).status, 202)
            if number % 2:
                part("kill", "control-api")
                part("start", "control-api")
                page.close()
        for slug in slugs:
            eventually(40, lambda slug=slug: page.get(f"/api/v1/tenants/{slug}/status")["status"] == "active")
