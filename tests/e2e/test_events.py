"""Every change is told to the broker and, where it concerns a customer, by mail."""

import re

from client.mailbox import Mailbox, text_of

from .broker import Tap
from .world import Case, World, acme, eventually, opened, stack

FIELDS = {
    "TicketCreated": ("sav.ticket.created", {"ticket_id", "ticket_number", "user_id", "subject", "priority", "status", "order_id", "category"}),
    "TicketAssigned": ("sav.ticket.assigned", {"ticket_id", "ticket_number", "assigned_to", "assigned_by", "previous_status", "new_status"}),
    "TicketStatusChanged": ("sav.ticket.status_changed",
                            {"ticket_id", "ticket_number", "user_id", "previous_status", "new_status", "changed_by", "reason"}),
    "TicketResolved": ("sav.ticket.resolved",
                       {"ticket_id", "ticket_number", "user_id", "resolved_by", "resolution_time_minutes", "sla_met", "category"}),
    "MessageAdded": ("sav.ticket.message_added", {"ticket_id", "ticket_number", "message_id", "sender_id", "sender_type", "is_internal",
                                                  "has_attachments", "attachment_count"}),
}


class Events(Case):
    """sav_exchange and the mail catcher."""

    @classmethod
    def setUpClass(cls) -> None:
        acme()
        cls.tap = Tap("sav_exchange")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.tap.close()

    def test_each_event_has_its_fields_and_headers(self) -> None:
        world, ticket = acme(), opened(acme().chloe, "Events")
        path = f"/api/v1/tickets/{ticket['id']}"
        world.manager.app.post(f"{path}/assign", {"assigned_to": world.ana.id})
        world.ana.app.post(f"{path}/messages", {"message": "Done."})
        world.ana.app.post(f"{path}/status", {"status": "resolved"})
        for event, (key, fields) in FIELDS.items():
            with self.subTest(event=event):
                message = self.tap.wait_for(event, ticket_id=ticket["id"])
                self.assertEqual(message["routing_key"], key)
                self.assertEqual(message["payload"].keys(), {"id", "event", "tenant", "timestamp", "data"})
                self.assertEqual(message["payload"]["data"].keys(), fields)
                headers = message["properties"]["headers"]
                self.assertLessEqual({"tenant_id", "event_id", "occurred_at", "schema_version"}, headers.keys())
                self.assertEqual(headers["event_id"], message["payload"]["id"])
                self.assertEqual(message["properties"]["delivery_mode"], 2)

    def test_one_tickets_events_come_in_order(self) -> None:
        world, ticket = acme(), opened(acme().carl, "In order")
        path = f"/api/v1/tickets/{ticket['id']}"
        world.manager.app.post(f"{path}/assign", {"assigned_to": world.ana.id})
        for number in range(20):
            world.ana.app.post(f"{path}/messages", {"message": f"Line {number}"})
        mine = eventually(10, lambda: (got := [m["payload"]["data"]["message_id"] for m in self.tap.take()
                          if m["payload"]["event"] == "MessageAdded" and m["payload"]["data"]["ticket_id"] == ticket["id"]]) and len(got) == 20 and got)
        self.assertEqual(mine, sorted(mine))

    def test_the_customer_gets_a_mail_for_the_ticket_and_for_the_answer_but_not_for_the_note(self) -> None:
        world, ticket = acme(), opened(acme().chloe, "Mail me")
        path, number = f"/api/v1/tickets/{ticket['id']}", ticket["ticket_number"]
        with Mailbox(stack(), world.chloe.email) as box:
            def mails():
                return [mail for mail in box.mails() if number in (mail["subject"] or "") + text_of(mail)]
            eventually(15, lambda: len(mails()) == 1)
            world.manager.app.post(f"{path}/assign", {"assigned_to": world.ana.id})
            world.ana.app.post(f"{path}/messages", {"message": "hidden-note", "is_internal": True})
            world.ana.app.post(f"{path}/messages", {"message": "visible-answer"})
            eventually(15, lambda: any("visible-answer" in text_of(mail) for mail in mails()))
            self.assertFalse([mail for mail in mails() if "hidden-note" in text_of(mail)])
            self.assertEqual(len({mail["message-id"] for mail in mails()}), len(mails()))
            self.assertTrue(all(re.match(r"multipart/alternative", mail.get_content_type()) for mail in mails()))

    def test_a_new_name_reaches_the_tenants_own_database(self) -> None:
        world = World("rename")
        ticket = opened(world.chloe, "Rename")
        world.chloe.control.ask("PATCH", "/api/v1/auth/me", {"firstname": "Chloë"})
        path = f"/api/v1/tickets/{ticket['id']}"
        eventually(10, lambda: world.manager.app.get(path)["requester"]["firstname"] == "Chloë")
