"""What happens by itself when a time has come."""

from client.past import sql, tenant_database

from .world import Case, acme, eventually, opened, stack


class Timers(Case):
    """The sweep looks once a minute, so this is run on one route only."""

    def test_a_resolution_that_nobody_contests_closes_by_itself(self) -> None:
        world = acme()
        ticket = opened(world.chloe, "Solved")["id"]
        path = f"/api/v1/tickets/{ticket}"
        world.manager.app.post(f"{path}/assign", {"assigned_to": world.ana.id})
        world.ana.app.post(f"{path}/status", {"status": "resolved"})
        older = f"update support_tickets set status_since = status_since - interval '24 hours' where id = {ticket}"
        sql(tenant_database(stack(), world.slug), older)
        eventually(100, lambda: world.ana.app.get(path)["status"] == "closed")
        last = world.ana.app.get(f"{path}/history")["data"][-1]
        self.assertEqual((last["from"], last["to"], last["by"]), ("resolved", "closed", None))
