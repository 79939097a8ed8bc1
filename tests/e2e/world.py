"""The world of the tests: organisations with their people, made through the public API as strangers would."""

import functools
import json
import os
import secrets
import subprocess
import time
import unittest

from client import issued
from client.api import Answer, Api, Refused
from client.people import Organisation, Person
from client.stack import ROOT, Stack

PASSWORD = "correct-horse-battery-42"


@functools.cache
def stack() -> Stack:
    """The stack under test. What its programs issue is kept for those who look for it."""
    found = Stack()
    issued.keep_in(found.folder)
    return found


class World(Organisation):
    """One organisation with an admin, a manager, two agents and two customers, made on first use."""

    def __init__(self, name: str) -> None:
        super().__init__(stack(), f"{name}-{secrets.token_hex(3)}", PASSWORD)
        self.name = name
        self.sign_up(name.title(), self.named("admin"))
        self.wait_until_active()
        self.admin = self.log_in(self.mail("admin"))
        for who, role in (("manager", "manager"), ("ana", "agent"), ("ben", "agent")):
            self.invite(self.admin, self.named(who), role)
        for who in ("chloe", "carl"):
            self.register(self.named(who))
        self.manager, self.ana, self.ben, self.chloe, self.carl = (
            self.log_in(self.mail(who)) for who in ("manager", "ana", "ben", "chloe", "carl")
        )
        self.wait_for_staff(self.manager, [self.ana.email, self.ben.email])

    def mail(self, who: str) -> str:
        """Somebody's address: of this organisation alone, so that tests do not meet."""
        return f"{who}@{self.slug}.example"

    def named(self, who: str) -> dict:
        """What a form asks of somebody."""
        return {"email": self.mail(who), "firstname": who.title(), "lastname": self.name.title(), "locale": "en"}

    def page(self, person: Person | None = None) -> Api:
        """nginx, as a browser of this organisation's visitor reaches it."""
        headers = {"Host": self.stack.host(self.slug)}
        if person:
            headers["Authorization"] = person.app.headers["Authorization"]
        return Api(f"http://127.0.0.1:{self.stack.http_port}", headers)


@functools.cache
def acme() -> World:
    """The organisation that most tests use."""
    return World("acme")


@functools.cache
def globex() -> World:
    """Another one, whose people must see nothing of the first."""
    return World("globex")


def opened(customer: Person, subject: str = "Printer on fire", **fields) -> dict:
    """A ticket that the customer opens."""
    return customer.app.post("/api/v1/tickets", {"subject": subject, "description": f"{subject}, please help.", **fields})


def part(action: str, name: str) -> None:
    """Does something to one part of the stack; see scripts/part."""
    environment = {**os.environ, "HD_LOCAL_DIR": str(stack().folder)}
    subprocess.run([ROOT / "scripts/part", action, name], check=True, capture_output=True, text=True, env=environment)


def settings(name: str) -> dict[str, str]:
    """The environment of a part that runs."""
    with open(f"/proc/{stack().pid(name)}/environ", "rb") as lines:
        pairs = (line.split(b"=", 1) for line in lines.read().split(b"\0") if b"=" in line)
        return {os.fsdecode(key): os.fsdecode(value) for key, value in pairs}


def command(*arguments: str) -> subprocess.CompletedProcess:
    """A command of control-api, as whoever runs the server gives it: the same binary and settings."""
    program = [os.readlink(f"/proc/{stack().pid('control-api')}/exe"), *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=False, env=settings("control-api"), timeout=120)


def last_lines(name: str, count: int = 30) -> str:
    """The end of a part's log, for the message of a failed test."""
    log = stack().folder / "log" / f"{name}.log"
    return "\n".join([f"The last lines of {name}:", *log.read_text(errors="replace").splitlines()[-count:]])


def eventually(seconds: float, check):
    """The first true answer of `check` within some time; fails with its last answer or error otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            last = check()
            if last:
                return last
        except (OSError, AssertionError, ValueError, Refused) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {last}")
        time.sleep(0.1)


class Case(unittest.TestCase):
    """Assertions in the words of the contract."""

    def assert_problem(self, answer: Answer, status: int, code: str | None = None) -> dict:
        """The answer is a problem as page 7 has it."""
        self.assertEqual(answer.status, status, answer.text[:500])
        self.assertIn("application/problem+json", answer.headers.get("content-type", ""))
        problem = json.loads(answer.text)
        self.assertLessEqual({"type", "title", "status", "detail", "code", "request_id"}, problem.keys())
        self.assertEqual(problem["status"], status)
        if answer.headers.get("x-request-id"):
            self.assertEqual(problem["request_id"], answer.headers["x-request-id"])
        if status in (429, 503):
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
        if status == 422 and problem["code"] == "validation_failed":
            self.assertTrue(problem["errors"])
            for error in problem["errors"]:
                self.assertLessEqual({"field", "code", "message"}, error.keys())
        if code:
            self.assertEqual(problem["code"], code, answer.text[:500])
        return problem
