"""Orders, with the orders service of the local stack: its ids say what its orders are like."""

import json
import time

from client.past import sql, tenant_database

from .broker import call
from .world import Case, acme, eventually, globex, opened, part, stack


def tell(**command) -> None:
    """Gives the orders service a command."""
    message = {"properties": {}, "routing_key": "orders.commands", "payload": json.dumps(command), "payload_encoding": "string"}
    if not call("POST", "/exchanges/%2f/amq.default/publish", message)["routed"]:
        raise AssertionError("the orders service has no queue")


def tenant_id(world) -> str:
    """An organisation's id, as messages name it."""
    return sql(tenant_database(stack(), world.slug), "select id from tenant_marker").strip()


class Orders(Case):
    """An order is looked up when its ticket is opened, and followed from then on."""

    def seen(self, ticket: dict) -> dict:
        """What the staff sees of a ticket's order."""
        return acme().manager.app.get(f"/api/v1/tickets/{ticket['id']}")["metadata"].get("order", {})

    def test_a_ticket_comes_with_its_order_and_hears_what_happens_to_it(self) -> None:
        world = acme()
        ticket = opened(world.chloe, "Where is it?", order_id="ORD-549")
        self.assertEqual((ticket["priority"], ticket["priority_reason"]), ("high", "order_value"))
        self.assertNotIn("metadata", ticket)
        self.assertEqual((self.seen(ticket)["validation"], self.seen(ticket)["state"]), ("valid", "shipped"))
        change = {"tenant": tenant_id(world), "order_id": "ORD-549", "customer_id": world.chloe.id, "event": "delivered", "state": "delivered"}
        tell(change=change)
        eventually(10, lambda: self.seen(ticket)["state"] == "delivered")
        history = f"/api/v1/tickets/{ticket['id']}/history"
        last = world.manager.app.get(history)["data"][-1]
        self.assertEqual((last["kind"], last["from"], last["to"]), ("order", "shipped, paid, 549.00 EUR", "delivered, paid, 549.00 EUR"))
        self.assertEqual({entry["kind"] for entry in world.chloe.app.get(history)["data"]}, {"status"})

    def test_another_ones_order_is_refused_as_one_that_does_not_exist(self) -> None:
        refused = []
        for order in ("NONE-1", "OTHER-1", "ABROAD-1"):
            body = {"subject": "Mine?", "description": "Please.", "order_id": order}
            problem = self.assert_problem(globex().chloe.app.send("POST", "/api/v1/tickets", body), 422, "unknown_order")
            self.assertEqual(problem["errors"][0]["field"], "order_id")
            refused.append({**problem, "request_id": None})
        self.assertEqual(refused[0], refused[1])
        self.assertEqual(refused[1], refused[2])

    def test_while_the_service_is_away_tickets_are_opened_and_asked_for_later(self) -> None:
        part("pause", "orders-service")
        try:
            begun = time.monotonic()
            ticket = opened(acme().carl, "Nobody knows", order_id="ORD-550")
            self.assertLess(time.monotonic() - begun, 2.8)
            self.assertEqual((ticket["priority"], self.seen(ticket)), ("medium", {"validation": "pending"}))
        finally:
            part("resume", "orders-service")
        eventually(150, lambda: self.seen(ticket)["validation"] == "valid")
        self.assertEqual(acme().manager.app.get(f"/api/v1/tickets/{ticket['id']}")["priority"], "high")
