"""Somebody who runs the platform: made on the command line, inside through the operators' own door."""

import secrets

from client import issued
from client.api import Api
from client.phone import Phones

from .world import Case, command, stack


class Operator:
    """An operator with a phone, signed in a moment ago."""

    def __init__(self, case: Case) -> None:
        self.email = f"olga-{secrets.token_hex(4)}@platform.example"
        done = command("operators", "add", self.email, "--name", "Olga")
        case.assertEqual(done.returncode, 0, done.stderr)
        self.password = done.stdout.splitlines()[-1].strip()
        issued.note("operator's password", self.password)
        self.door = Api(f"http://127.0.0.1:{stack().http_port}", {"Host": stack().host("admin")})
        self.page = self.sign_in()

    def sign_in(self) -> Api:
        """From the first password to a session: an authenticator app is set up on the way."""
        phones = Phones(stack().folder)
        login = self.door.post("/api/v1/operator/auth/login", {"email": self.email, "password": self.password})
        enrolling = self.door.with_headers(Authorization=f"Bearer {login['enrolment_token']}")
        phones.keep(self.email, enrolling.post("/api/v1/operator/auth/2fa/setup")["secret"])
        opened = enrolling.post("/api/v1/operator/auth/2fa/enable", {"code": phones.code(self.email)})
        return self.door.with_headers(Authorization=f"Bearer {opened['access_token']}")

    def tenants(self, slug: str, turn: str) -> dict:
        """Suspends or resumes an organisation."""
        return self.page.post(f"/api/v1/operator/tenants/{slug}/{turn}")

    def remove(self) -> int:
        """Takes them out again; the command's exit code."""
        return command("operators", "remove", self.email, "--yes").returncode
