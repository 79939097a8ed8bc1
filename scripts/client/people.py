"""People who use Helpdeskly: signing up, logging in, verifying, accepting."""

import time
from dataclasses import dataclass

from .api import Api, Refused
from .mailbox import Mailbox
from .phone import Phones
from .stack import Stack


@dataclass
class Person:
    """Somebody who is logged in: the same token for both planes."""

    id: int
    email: str
    control: Api
    app: Api

    def close(self) -> None:
        """Lets both connections go."""
        self.control.close()
        self.app.close()


class Organisation:
    """One tenant, reached directly at the planes' ports with X-Tenant, so that nginx's rates per address do not slow a
    program that plays many people. Each of them has an address of their own, as they would behind nginx."""

    def __init__(self, stack: Stack, slug: str, password: str) -> None:
        self.stack, self.slug, self.password = stack, slug, password
        self.control = Api(stack["CONTROL_API_URL"], {"X-Tenant": slug})
        self.app = Api(stack["APP_API_URL"], {"X-Tenant": slug})
        self.phones = Phones(stack.folder)
        self.count = 0

    def sign_up(self, organisation: str, admin: dict) -> dict:
        """Signs the organisation up through nginx, as a visitor of the sign-up page does."""
        page = Api(f"http://127.0.0.1:{self.stack.http_port}", {"Host": self.stack.host("app")})
        body = {"organisation": organisation, "slug": self.slug, "password": self.password}
        return page.post("/api/v1/tenants", {**body, **person_fields(admin), "locale": admin["locale"]})

    def status(self) -> str:
        """`active`, `provisioning`… or `unknown`."""
        answer = self.control.send("GET", f"/api/v1/tenants/{self.slug}/status")
        return answer.json["status"] if answer.status == 200 else "unknown"

    def wait_until_active(self, seconds: float = 60) -> None:
        """Waits for the database to be ready."""
        deadline = time.monotonic() + seconds
        while (status := self.status()) != "active":
            if time.monotonic() > deadline or status == "failed":
                raise TimeoutError(f"{self.slug} is {status}")
            time.sleep(0.1)

    def address(self) -> str:
        """The next free address of the range that documents use."""
        self.count += 1
        return f"198.51.100.{self.count % 250 + 1}"

    def log_in(self, email: str) -> Person:
        """Logs somebody in."""
        login = {"email": email, "password": self.password, "client": "api"}
        address = self.address()
        answer = self.second_factor(email, self.control.post("/api/v1/auth/login", login, X_Forwarded_For=address), address)
        headers = {"Authorization": f"Bearer {answer['access_token']}", "X_Forwarded_For": address}
        return Person(answer["user"]["id"], email, self.control.with_headers(**headers), self.app.with_headers(**headers))

    def second_factor(self, email: str, answer: dict, address: str) -> dict:
        """The login behind the answer to a password: shows the code of somebody's phone, or sets that up first."""
        if token := answer.get("enrolment_token"):
            return self.enrol(email, self.control.with_headers(Authorization=f"Bearer {token}", X_Forwarded_For=address))
        if token := answer.get("challenge_token"):
            proof = {"challenge_token": token, "code": self.phones.code(email)}
            return self.control.post("/api/v1/auth/2fa/verify", proof, X_Forwarded_For=address)
        return answer

    def enrol(self, email: str, control: Api) -> dict:
        """Sets up somebody's phone, with a token that may do that."""
        self.phones.keep(email, control.post("/api/v1/auth/2fa/setup")["secret"])
        return control.post("/api/v1/auth/2fa/enable", {"code": self.phones.code(email)})

    def verify(self, email: str) -> None:
        """Follows the link of the verification mail."""
        with Mailbox(self.stack, email) as box:
            self.control.post("/api/v1/auth/email/verify", {"token": box.wait_for_token()})

    def register(self, customer: dict) -> None:
        """Registers a customer and verifies the address."""
        body = {**person_fields(customer), "password": self.password}
        self.control.post("/api/v1/auth/register", body, X_Forwarded_For=self.address())
        self.verify(customer["email"])

    def invite(self, admin: Person, member: dict, role: str) -> None:
        """Invites a member and accepts the invitation from the mail. An admin's own address comes first."""
        invitation = {"email": member["email"], "role": role}
        try:
            admin.control.post("/api/v1/invitations", invitation)
        except Refused as refused:
            if refused.answer.code != "email_not_verified":
                raise
            self.verify(admin.email)
            admin.control.post("/api/v1/invitations", invitation)
        with Mailbox(self.stack, member["email"]) as box:
            token = box.wait_for_token()
        names = {"firstname": member["firstname"], "lastname": member["lastname"]}
        accept = {"token": token, "password": self.password, **names}
        self.control.post("/api/v1/auth/invitations/accept", accept)

    def wait_for_staff(self, member: Person, emails: list[str], seconds: float = 20) -> None:
        """Waits until the product knows the new members: they reach it as events, a moment after they accepted."""
        deadline = time.monotonic() + seconds
        while not set(emails) <= {agent["email"] for agent in member.app.get("/api/v1/agents")["data"]}:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.slug} does not know all of {emails}")
            time.sleep(0.1)

    def log_in_or(self, email: str, otherwise) -> Person:
        """Logs somebody in; when they are not known yet, makes them known first."""
        try:
            return self.log_in(email)
        except Refused as refused:
            if refused.answer.status not in (401, 403):
                raise
        otherwise()
        return self.log_in(email)


def person_fields(person: dict) -> dict:
    """The fields that every form asks for."""
    return {name: person[name] for name in ("email", "firstname", "lastname")}
