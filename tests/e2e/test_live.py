"""Who looks at a list sees what happens to it, within a second."""

import time

from .stream import Stream
from .world import Case, acme, eventually, opened


class Live(Case):
    """Server-sent events through nginx."""

    def open(self, person, last: str | None = None) -> Stream:
        """A stream that is hung up at the end of the test."""
        stream = Stream(acme(), person, last)
        self.addCleanup(stream.close)
        self.assertEqual((stream.status, stream.type.split(";")[0]), (200, "text/event-stream"))
        time.sleep(0.3)
        return stream

    def test_a_new_ticket_is_told_within_a_second(self) -> None:
        agent = self.open(acme().ana)
        ticket = opened(acme().chloe, "Live")["id"]
        answered = time.monotonic()
        eventually(2, lambda: agent.of(ticket))
        self.assertLess(agent.of(ticket)[0]["at"] - answered, 1.0)
        self.assertEqual((agent.of(ticket)[0]["event"], agent.of(ticket)[0]["data"]["event"]), ("ticket", "TicketCreated"))

    def test_only_those_hear_who_may_see(self) -> None:
        other, chloe, ben = self.open(acme().carl), self.open(acme().chloe), self.open(acme().ben)
        ticket = opened(acme().chloe, "Private")["id"]
        acme().manager.app.post(f"/api/v1/tickets/{ticket}/assign", {"assigned_to": acme().ana.id})
        acme().ana.app.post(f"/api/v1/tickets/{ticket}/messages", {"message": "a note", "is_internal": True})
        acme().ana.app.post(f"/api/v1/tickets/{ticket}/messages", {"message": "an answer"})
        eventually(3, lambda: [e for e in chloe.of(ticket) if e["event"] == "message"])
        time.sleep(0.5)
        self.assertEqual(len([e for e in chloe.of(ticket) if e["event"] == "message"]), 1)
        self.assertEqual(other.of(ticket), [])
        self.assertIn("hidden", [e["event"] for e in ben.of(ticket)])

    def test_a_reconnect_misses_nothing(self) -> None:
        first = self.open(acme().manager)
        seen = opened(acme().chloe, "Seen")["id"]
        eventually(3, lambda: first.of(seen) and first.last_id)
        first.close()
        missed = [opened(acme().chloe, f"Missed {number}")["id"] for number in range(3)]
        second = self.open(acme().manager, first.last_id)
        eventually(3, lambda: all(second.of(ticket) for ticket in missed))
        self.assertEqual(second.of(seen), [])
