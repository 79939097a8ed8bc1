"""An operator, made on the server's command line, closes an organisation's doors and opens them again."""

import time

from client.api import Api

from .operators import Operator
from .world import Case, World, acme, command, eventually, opened, stack

TICKETS = "/api/v1/tickets?limit=1"


class Operators(Case):
    """From `operators add` to an organisation that nobody enters."""

    def until(self, api: Api, status: int) -> float:
        """Seconds until somebody is answered so, at most five."""
        began = time.monotonic()
        while (answer := api.send("GET", TICKETS)).status != status:
            self.assertLess(time.monotonic() - began, 5.0, f"still {answer.status}: {answer.text[:200]}")
            time.sleep(0.01)
        return time.monotonic() - began

    def test_an_organisation_is_suspended_within_five_seconds_and_resumed_and_no_other_notices(self) -> None:
        world = World("closed")
        opened(world.chloe)
        operator = Operator(self)
        self.addCleanup(operator.remove)
        listed = command("operators", "list")
        self.assertIn(f"{operator.email}\tOlga\tenrolled", listed.stdout)
        page = world.page(world.ana)
        self.assertEqual(page.send("GET", TICKETS).status, 200)

        self.assertEqual(operator.tenants(world.slug, "suspend")["status"], "suspended")
        self.until(page, 403)
        self.assert_problem(page.send("GET", TICKETS), 403, "tenant_suspended")
        self.assert_problem(page.send("POST", "/api/v1/tickets", {"subject": "a", "description": "b"}), 403, "tenant_suspended")
        login = {"email": world.ana.email, "password": world.password, "client": "api"}
        self.assert_problem(world.page().send("POST", "/api/v1/auth/login", login), 403, "tenant_suspended")
        self.assertEqual(acme().page(acme().ana).send("GET", TICKETS).status, 200)

        self.assertEqual(operator.tenants(world.slug, "resume")["status"], "active")
        again = world.page(world.log_in(world.ana.email))
        eventually(5, lambda: again.send("GET", TICKETS).status == 200)
        self.assertEqual([ticket["subject"] for ticket in again.get(TICKETS)["data"]], ["Printer on fire"])

    def test_whoever_is_no_operator_finds_no_door_and_whoever_is_none_any_more_is_out(self) -> None:
        path = f"/api/v1/operator/tenants/{acme().slug}/suspend"
        door = Api(f"http://127.0.0.1:{stack().http_port}", {"Host": stack().host("admin")})
        self.assert_problem(door.send("POST", path, {}), 401, "unauthenticated")
        theirs = door.with_headers(Authorization=acme().admin.app.headers["Authorization"])
        self.assert_problem(theirs.send("POST", path, {}), 401, "unauthenticated")
        operator = Operator(self)
        at_acme = acme().page().with_headers(Authorization=operator.page.headers["Authorization"])
        self.assert_problem(at_acme.send("POST", path, {}), 404, "not_found")
        self.assert_problem(at_acme.send("GET", TICKETS), 401, "unauthenticated")
        operator.page.get("/api/v1/operator/me")
        self.assertEqual(operator.remove(), 0)
        self.assert_problem(operator.page.send("POST", path, {}), 401, "unauthenticated")
        self.assertEqual(acme().page(acme().ana).send("GET", TICKETS).status, 200)
