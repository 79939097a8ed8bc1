"""One part after another is frozen or killed: the API answers within 3 s with the right code, loses nothing, and recovers
without a restart."""

import time

from client.api import Answer
from client.mailbox import Mailbox

from .stream import Stream
from .world import Case, acme, eventually, opened, part, stack

TICKET = {"subject": "During a fault", "description": "Written while a part was away."}


class Faults(Case):
    """kill -STOP and kill -9 of each part, one at a time."""

    @classmethod
    def setUpClass(cls) -> None:
        opened(acme().chloe)
        cls.pids = {plane: stack().pid(plane) for plane in ("control-api", "app-api")}

    def tearDown(self) -> None:
        for plane, pid in self.pids.items():
            self.assertEqual(stack().pid(plane), pid, f"{plane} was restarted")

    def quick(self, person, method: str, path: str, body=None, plane: str = "app") -> Answer:
        """One call straight to a plane, that must be answered within 3 s."""
        api = getattr(person, plane).with_headers()
        api.timeout = 10
        began = time.monotonic()
        answer = api.send(method, path, body)
        self.assertLess(time.monotonic() - began, 3.0, f"{method} {path} took too long")
        api.close()
        return answer

    def broken(self, action: str, name: str) -> None:
        """Breaks a part, and mends it at the end of the test whatever happens."""
        part(action, name)
        self.addCleanup(self.mend, action, name)

    def mend(self, action: str, name: str) -> None:
        """Brings a part back; asks nothing of one that is back."""
        part("resume" if action == "pause" else "start", name)

    def recovers(self, seconds: float, check) -> None:
        """The API serves again, by itself."""
        eventually(seconds, check)

    def works(self) -> bool:
        """Whether a ticket can be opened and somebody can log in."""
        opened_ok = self.quick(acme().chloe, "POST", "/api/v1/tickets", TICKET).status == 201
        return opened_ok and acme().log_in(acme().chloe.email) is not None

    def all_still_there(self, tickets: list[int]) -> None:
        """What was acknowledged exists."""
        for ticket in tickets:
            self.assertEqual(acme().manager.app.send("GET", f"/api/v1/tickets/{ticket}").status, 200)

    def without_postgres(self, action: str) -> None:
        """Writes and reads are refused with 503, sign-in too; nothing is 401, 404 or empty."""
        before = [opened(acme().chloe)["id"] for _ in range(5)]
        self.broken(action, "postgres")
        for method, path, body in [("GET", "/api/v1/tickets", None), ("GET", f"/api/v1/tickets/{before[0]}", None), ("POST", "/api/v1/tickets", TICKET)]:
            self.assert_problem(self.quick(acme().chloe, method, path, body), 503, "unavailable")
        login = {"email": acme().chloe.email, "password": acme().password}
        self.assert_problem(self.quick(acme().chloe, "POST", "/api/v1/auth/login", login, "control"), 503, "unavailable")
        self.mend(action, "postgres")
        self.recovers(15, self.works)
        self.all_still_there(before)

    def test_postgres_frozen(self) -> None:
        self.without_postgres("pause")

    def test_postgres_killed(self) -> None:
        self.without_postgres("kill")

    def without_redis(self, action: str) -> None:
        """Everything works; only slower."""
        self.broken(action, "redis")
        ticket = self.quick(acme().chloe, "POST", "/api/v1/tickets", TICKET)
        self.assertEqual(ticket.status, 201, ticket.text)
        self.assertEqual(self.quick(acme().ana, "GET", "/api/v1/tickets").status, 200)
        login = {"email": acme().ana.email, "password": acme().password, "client": "api"}
        self.assertEqual(self.quick(acme().ana, "POST", "/api/v1/auth/login", login, "control").status, 200)
        self.mend(action, "redis")
        self.recovers(5, self.works)
        self.all_still_there([ticket.json["id"]])

    def test_redis_frozen(self) -> None:
        self.without_redis("pause")

    def test_redis_killed(self) -> None:
        self.without_redis("kill")

    def without_rabbitmq(self, action: str) -> None:
        """Writes go on; each event is published later, and what it sets off happens. Seen in the customer's mails and
        not in a queue of the test: RabbitMQ forgets a binding that is younger than two seconds when it is killed, and
        only the product declares its own again."""
        self.broken(action, "rabbitmq")
        numbers = set()
        for _ in range(5):
            answer = self.quick(acme().chloe, "POST", "/api/v1/tickets", TICKET)
            self.assertEqual(answer.status, 201, answer.text)
            numbers.add(answer.json["ticket_number"])
        self.mend(action, "rabbitmq")
        with Mailbox(stack(), acme().chloe.email) as box:
            def told() -> set[str]:
                return {number for mail in box.mails() for number in numbers if number in str(mail["subject"])}
            eventually(60, lambda: told() == numbers)
        self.recovers(5, self.works)

    def test_rabbitmq_frozen(self) -> None:
        self.without_rabbitmq("pause")

    def test_rabbitmq_killed(self) -> None:
        self.without_rabbitmq("kill")

    def without_mail(self, action: str) -> None:
        """Registration is accepted; its mail comes later."""
        self.broken(action, "mail")
        name = f"late-{action}"
        form = {**{k: v for k, v in acme().named(name).items() if k != "locale"}, "password": acme().password}
        answer = self.quick(acme().chloe, "POST", "/api/v1/auth/register", form, "control")
        self.assertEqual(answer.status, 202, answer.text)
        self.assertEqual(self.quick(acme().chloe, "POST", "/api/v1/tickets", TICKET).status, 201)
        self.mend(action, "mail")
        self.recovers(90, lambda: acme().verify(acme().mail(name)) is None)
        self.assertIsNotNone(acme().log_in(acme().mail(name)))

    def test_mail_frozen(self) -> None:
        self.without_mail("pause")

    def test_mail_killed(self) -> None:
        self.without_mail("kill")

    def without_s3(self, action: str) -> None:
        """Tickets without files go on; health says what is missing."""
        self.broken(action, "seaweedfs")
        self.assertEqual(self.quick(acme().chloe, "POST", "/api/v1/tickets", TICKET).status, 201)
        health = self.quick(acme().chloe, "GET", "/health")
        self.assertEqual((health.status, health.json["status"]), (200, "degraded"), health.text)
        self.mend(action, "seaweedfs")
        self.recovers(30, lambda: self.quick(acme().chloe, "GET", "/health").json["status"] == "ok")

    def test_s3_frozen(self) -> None:
        self.without_s3("pause")

    def test_s3_killed(self) -> None:
        self.without_s3("kill")

    def test_live_goes_on_after_redis_was_away(self) -> None:
        stream = Stream(acme(), acme().manager)
        self.addCleanup(stream.close)
        self.broken("kill", "redis")
        during = opened(acme().chloe, "No Redis")["id"]
        self.mend("kill", "redis")
        after = opened(acme().chloe, "Redis again")["id"]
        eventually(15, lambda: stream.of(during) and stream.of(after))
