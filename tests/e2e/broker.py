"""RabbitMQ seen from outside: a queue of our own on an exchange, read through the management API."""

import base64
import json
import secrets
import urllib.request
from urllib.parse import urlsplit

from .world import eventually, last_lines, stack


def call(method: str, path: str, body: dict | None = None):
    """One call of the management API."""
    url = urlsplit(stack()["RABBITMQ_MANAGEMENT_URL"])
    login = base64.b64encode(f"{url.username}:{url.password}".encode()).decode()
    request = urllib.request.Request(
        f"http://{url.hostname}:{url.port}/api{path}", json.dumps(body).encode() if body is not None else None, method=method,
        headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


class Tap:
    """Everything that is published to an exchange from now on."""

    def __init__(self, exchange: str) -> None:
        self.queue = f"tap-{secrets.token_hex(4)}"
        call("PUT", f"/exchanges/%2f/{exchange}", {"type": "topic", "durable": True})
        call("PUT", f"/queues/%2f/{self.queue}", {"durable": True})
        call("POST", f"/bindings/%2f/e/{exchange}/q/{self.queue}", {"routing_key": "#"})

    def take(self) -> list[dict]:
        """All messages so far: routing key, properties, payload. They stay in the queue: an answer that came too late
        would otherwise have taken them along."""
        ask = {"count": 10_000, "ackmode": "ack_requeue_true", "encoding": "auto"}
        messages = call("POST", f"/queues/%2f/{self.queue}/get", ask)
        return [{**message, "payload": json.loads(message["payload"])} for message in messages]

    def wait_for(self, event: str, seconds: float = 10, **data) -> dict:
        """The first message of an event whose data has these values."""
        def found():
            return next((m for m in self.take() if m["payload"]["event"] == event and data.items() <= m["payload"]["data"].items()), None)
        try:
            return eventually(seconds, found)
        except AssertionError as error:
            raise AssertionError(f"{event} {data}: {error}\n{self.told()}\n{last_lines('app-api')}") from error

    def told(self) -> str:
        """What the broker knows, for the message of a failed test."""
        bindings = call("GET", f"/queues/%2f/{self.queue}/bindings")
        queues = [(queue["name"], queue.get("state"), queue.get("messages")) for queue in call("GET", "/queues")]
        return f"{len(self.take())} messages here, {len(bindings)} bindings; all queues: {queues}"

    def close(self) -> None:
        """Removes the queue."""
        call("DELETE", f"/queues/%2f/{self.queue}", {})
