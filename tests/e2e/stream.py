"""A client of the live stream, as the front end's."""

import contextlib
import http.client
import json
import socket
import threading
import time

from .world import stack


class Stream:
    """GET /api/v1/live through nginx, read by a thread of its own."""

    def __init__(self, world, person, last_event_id: str | None = None) -> None:
        self.events: list[dict] = []
        self.last_id = last_event_id
        self.connection = http.client.HTTPConnection("127.0.0.1", stack().http_port, timeout=60)
        headers = {"Host": stack().host(world.slug), "Authorization": person.app.headers["Authorization"], "Accept": "text/event-stream"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        self.connection.request("GET", "/api/v1/live", headers=headers)
        self.socket = self.connection.sock
        self.response = self.connection.getresponse()
        self.status, self.type = self.response.status, self.response.getheader("content-type")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        """Collects events until the connection ends."""
        event: dict = {}
        try:
            while line := self.response.readline():
                name, _, value = line.decode().rstrip("\n").partition(":")
                value = value.removeprefix(" ")
                if not line.strip():
                    if "data" in event:
                        self.events.append({**event, "data": json.loads(event["data"] or "null"), "at": time.monotonic()})
                    self.last_id = event.get("id", self.last_id)
                    event = {}
                elif name:
                    event[name] = event.get(name, "") + value
        except (OSError, ValueError, AttributeError):
            pass

    def of(self, ticket: int) -> list[dict]:
        """What was told of one ticket."""
        return [event for event in self.events if isinstance(event["data"], dict) and event["data"].get("ticket_id") == ticket]

    def close(self) -> None:
        """Hangs up. The reading thread sees the end at once; closing alone would wait for its next line."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.connection.close()
