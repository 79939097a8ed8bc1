"""What is another's does not exist."""

import re

from client.mailbox import TOKEN, Mailbox, text_of

from .world import PASSWORD, Case, acme, eventually, globex, opened, stack


class Isolation(Case):
    """Between tenants, and between customers of one tenant."""

    def test_another_customers_ticket_is_not_found(self) -> None:
        ticket = opened(acme().chloe)
        page = acme().page(acme().carl)
        for method, path, body in [("GET", "", None), ("GET", "/messages", None), ("GET", "/history", None),
                                   ("POST", "/messages", {"message": "hi"}), ("POST", "/status", {"status": "closed"}),
                                   ("POST", "/read", {})]:
            with self.subTest(path=path):
                self.assert_problem(page.send(method, f"/api/v1/tickets/{ticket['id']}{path}", body), 404, "not_found")
        self.assertNotIn(ticket["id"], [row["id"] for row in page.get("/api/v1/tickets")["data"]])

    def test_another_tenants_token_is_refused_everywhere(self) -> None:
        stranger = globex().admin
        for path in ("/api/v1/tickets", "/api/v1/agents", "/api/v1/live", "/api/v1/members", "/api/v1/auth/me", "/api/v1/tenant"):
            with self.subTest(path=path):
                self.assert_problem(acme().page(stranger).send("GET", path), 403, "tenant_mismatch")

    def test_host_and_header_must_agree(self) -> None:
        answer = acme().page(acme().ana).send("GET", "/api/v1/tickets", None, X_Tenant=globex().slug)
        self.assertEqual(answer.status, 400, answer.text)

    def test_without_a_token_nothing(self) -> None:
        for path in ("/api/v1/tickets", "/api/v1/agents", "/api/v1/live", "/api/v1/members", "/api/v1/auth/me"):
            with self.subTest(path=path):
                self.assert_problem(acme().page().send("GET", path), 401, "unauthenticated")

    def test_customers_do_not_manage(self) -> None:
        page = acme().page(acme().chloe)
        ticket = opened(acme().chloe)["id"]
        self.assert_problem(page.send("GET", "/api/v1/agents"), 403)
        self.assert_problem(page.send("POST", f"/api/v1/tickets/{ticket}/assign", {"assigned_to": acme().ana.id}), 403)
        self.assert_problem(page.send("PATCH", f"/api/v1/tickets/{ticket}", {"priority": "urgent"}), 403)
        self.assert_problem(page.send("POST", "/api/v1/invitations", {"email": "x@y.example", "role": "admin"}), 403)

    def test_whoever_was_invited_gets_no_ticket_before_they_accept(self) -> None:
        ida = {"email": globex().mail("ida"), "firstname": "Ida", "lastname": "Rhodes"}
        globex().invite(globex().admin, ida, "agent")
        person = globex().log_in(ida["email"]).id  # people have one id at all organisations
        page, path = acme().page(acme().manager), f"/api/v1/tickets/{opened(acme().chloe)['id']}/assign"
        acme().admin.control.post("/api/v1/invitations", {"email": ida["email"], "role": "agent"})
        with Mailbox(stack(), ida["email"]) as box:
            mail = text_of(box.wait_for(lambda mail: stack().host(acme().slug) in text_of(mail)))

        refused = self.assert_problem(page.send("POST", path, {"assigned_to": person}), 422, "validation_failed")
        self.assertEqual([(error["field"], error["code"]) for error in refused["errors"]], [("assigned_to", "unknown_value")])
        self.assertNotIn(ida["email"], [agent["email"] for agent in page.get("/api/v1/agents")["data"]])

        accept = {"token": TOKEN.search(mail).group(1), "password": PASSWORD, "firstname": "Ida", "lastname": "Rhodes"}
        acme().control.post("/api/v1/auth/invitations/accept", accept)
        assigned = eventually(20, lambda: (answer := page.send("POST", path, {"assigned_to": person})).status == 200 and answer.json)
        self.assertEqual(assigned["assigned_to"], person)

    def test_whoever_takes_an_address_that_another_has_left_sees_nothing_of_theirs(self) -> None:
        old, moved = acme().mail("cleo"), acme().mail("cleo.new")
        for who in ("cleo", "cyril"):
            acme().register(acme().named(who))
        cleo, cyril = acme().log_in(old), acme().log_in(acme().mail("cyril"))
        theirs = opened(cleo, "From Cleo's old address")["id"]
        requester = lambda ticket: acme().manager.app.get(f"/api/v1/tickets/{ticket}")["requester"]["email"]  # noqa: E731
        self.moves(cleo, moved)
        eventually(20, lambda: requester(theirs) == moved)
        own = opened(cyril, "From Cyril's own")["id"]
        self.moves(cyril, old)
        eventually(20, lambda: requester(own) == old)
        again = acme().log_in(old)
        self.assertEqual(again.id, cyril.id)
        page = acme().page(again)
        for path in ("", "/messages", "/history"):
            self.assert_problem(page.send("GET", f"/api/v1/tickets/{theirs}{path}"), 404, "not_found")
        self.assertEqual([ticket["id"] for ticket in page.get("/api/v1/tickets?limit=100")["data"]], [own])
        # What Cleo had is hers at her new address.
        self.assertEqual([ticket["id"] for ticket in acme().page(acme().log_in(moved)).get("/api/v1/tickets")["data"]], [theirs])

    def links(self, address: str) -> set[str]:
        """The tokens of all links about an address that have come to it."""
        with Mailbox(stack(), address) as box:
            return {token for mail in box.mails() for token in re.findall(r"/verify-address\?token=([\w-]+)", text_of(mail))}

    def moves(self, person, address: str) -> None:
        """Somebody takes another address by the link that goes there; the one that they leave hears of it."""
        left, there, here = person.email, self.links(address), self.links(person.email)
        person.control.post("/api/v1/auth/email/change", {"email": address, "password": PASSWORD})
        token = eventually(20, lambda: self.links(address) - there).pop()
        person.control.post("/api/v1/auth/email/change/confirm", {"token": token})
        eventually(20, lambda: self.links(left) - here)
