"""HTTP with JSON, over one kept connection."""

import http.client
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from . import issued


@dataclass
class Answer:
    """What came back. A header that came several times has a line for each."""

    status: int
    headers: dict
    text: str

    @property
    def json(self):
        """The body as JSON; None when there is none."""
        return json.loads(self.text) if self.text else None

    @property
    def code(self) -> str:
        """The problem's code; empty when the answer is no problem."""
        if "problem+json" not in self.headers.get("content-type", ""):
            return ""
        return self.json.get("code", "")


class Refused(Exception):
    """An answer that the caller did not count on."""

    def __init__(self, call: str, answer: Answer) -> None:
        super().__init__(f"{call} answered {answer.status}: {answer.text[:500]}")
        self.answer = answer


@dataclass
class Api:
    """One address of an API with the headers that say who asks. Not for several threads at once."""

    url: str
    headers: dict = field(default_factory=dict)
    timeout: float = 30

    def __post_init__(self) -> None:
        self.connection = None

    def with_headers(self, **headers: str) -> "Api":
        """The same address for somebody else; underscores stand for dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Api(self.url, {**self.headers, **named}, self.timeout)

    def send(self, method: str, path: str, body=None, **headers: str) -> Answer:
        """One request, whatever the answer. A body that is bytes is sent as it is."""
        named = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None and not isinstance(body, bytes):
            issued.note_sent(body)
            body = json.dumps(body).encode()
            named.setdefault("Content-Type", "application/json")
        if self.connection is None:
            address = urlsplit(self.url)
            self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=self.timeout)
        try:
            self.connection.request(method, path, body, named)
            response = self.connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except Exception:
            self.close()
            raise
        several: dict[str, list[str]] = {}
        for name, value in response.getheaders():
            several.setdefault(name.lower(), []).append(value)
        answer = Answer(response.status, {name: "\n".join(values) for name, values in several.items()}, text)
        issued.note_given(path, answer.headers, text)
        return answer

    def close(self) -> None:
        """Lets the connection go; the next request opens a new one."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def ask(self, method: str, path: str, body=None, **headers: str):
        """One request that must succeed; gives its JSON. Waits as told when there were too many, and reconnects once
        when the server had closed the kept connection before it saw the request."""
        for attempt in range(8):
            try:
                answer = self.send(method, path, body, **headers)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                if attempt:
                    raise
                continue
            pause = int(answer.headers.get("retry-after", "1"))
            if answer.status != 429 or pause > 60:
                break
            time.sleep(pause)
        if not 200 <= answer.status < 300:
            raise Refused(f"{method} {path}", answer)
        return answer.json

    def get(self, path: str, **headers: str):
        """Reads."""
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, body=None, **headers: str):
        """Creates or does."""
        return self.ask("POST", path, body if body is not None else {}, **headers)
