"""People who work on while their organisation moves."""

import threading
import time
import uuid

from client.api import Api
from client.past import sql

from .world import stack


# Between two requests of one person.
BREATH = 0.1


class Load(threading.Thread):
    """One person who works on and on: a customer opens tickets, a manager reads, an agent replies."""

    def __init__(self, work, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.work, self.stop = work, stop
        self.waits, self.wrong, self.done = [], [], []
        self.start()

    @property
    def longest(self) -> float:
        """The longest wait, in seconds."""
        return max(self.waits)

    def run(self) -> None:
        while not self.stop.is_set():
            begun = time.monotonic()
            answer, key = self.work()
            self.waits.append(time.monotonic() - begun)
            if answer.status in (200, 201):
                self.done.append(key)
            else:
                self.wrong.append((answer.status, answer.text))
            time.sleep(BREATH)


def writer(person):
    """Opens one ticket, by a key of its own."""
    api = Api(stack()["APP_API_URL"], person.app.headers, 10)

    def work():
        key = str(uuid.uuid4())
        return api.send("POST", "/api/v1/tickets", {"subject": f"Moved {key}", "description": "On the way."}, Idempotency_Key=key), key
    return work


def replier(person, ticket: int):
    """Writes one message, by a key of its own."""
    api = Api(stack()["APP_API_URL"], person.app.headers, 10)

    def work():
        key = str(uuid.uuid4())
        return api.send("POST", f"/api/v1/tickets/{ticket}/messages", {"message": f"Moved {key}"}, Idempotency_Key=key), key
    return work


def reader(person):
    """Reads the newest tickets."""
    api = Api(stack()["APP_API_URL"], person.app.headers, 10)
    return lambda: (api.send("GET", "/api/v1/tickets?limit=5"), None)


def cluster(organisation) -> str:
    """Where the books say that the organisation is."""
    return sql(stack()["CONTROL_DATABASE_URL"],
               f"select c.name from tenants t join clusters c on c.id = t.cluster_id where t.slug = '{organisation.slug}'")


def other(organisation) -> str:
    """The server where the organisation is not."""
    return "second" if cluster(organisation) == "local" else "local"
