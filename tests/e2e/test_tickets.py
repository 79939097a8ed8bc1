"""The main job: a customer's ticket is opened, assigned, answered, put on hold, resolved and confirmed."""

from .world import Case, acme, opened


class Tickets(Case):
    """Through nginx, as the front end calls it."""

    def step(self, person, method: str, path: str, body=None, status: int = 200, **headers):
        """One call that must give a status; gives its JSON."""
        answer = acme().page(person).send(method, path, body, **headers)
        self.assertEqual(answer.status, status, f"{method} {path}: {answer.text[:400]}")
        return answer.json

    def test_the_whole_way(self) -> None:
        world = acme()
        new = {"subject": "Imprimante bloquée", "description": "Elle clignote.", "priority": "high", "order_id": "CMD-1"}
        ticket = self.step(world.chloe, "POST", "/api/v1/tickets", new, 201)
        self.assertRegex(ticket["ticket_number"], r"^TKT-")
        self.assertEqual((ticket["status"], ticket["assigned_to"], ticket["user_id"]), ("open", None, world.chloe.id))
        path = f"/api/v1/tickets/{ticket['id']}"
        self.assertEqual(self.step(world.ana, "GET", f"/api/v1/tickets/{ticket['ticket_number']}")["id"], ticket["id"])
        self.assertEqual(self.step(world.manager, "POST", f"{path}/assign", {"assigned_to": world.ana.id})["status"], "in_progress")
        self.step(world.ana, "POST", f"{path}/messages", {"message": "Known fault.", "is_internal": True}, 201)
        self.step(world.ana, "POST", f"{path}/messages", {"message": "Which light?"}, 201)
        self.assertEqual(self.step(world.ana, "POST", f"{path}/status", {"status": "waiting_customer"})["status"], "waiting_customer")
        self.step(world.chloe, "POST", f"{path}/messages", {"message": "The orange one."}, 201)
        self.assertEqual(self.step(world.ana, "GET", path)["status"], "in_progress")
        resolved = self.step(world.ana, "POST", f"{path}/status", {"status": "resolved"})
        self.assertIsNotNone(resolved["resolved_at"])
        self.assertIsNone(self.step(world.chloe, "POST", f"{path}/status", {"status": "in_progress"})["resolved_at"])
        self.step(world.ana, "POST", f"{path}/status", {"status": "resolved"})
        closed = self.step(world.chloe, "POST", f"{path}/status", {"status": "closed"})
        self.assertEqual((closed["status"], closed["allowed_transitions"]), ("closed", []))
        self.assertIsNotNone(closed["closed_at"])
        late = world.page(world.chloe).send("POST", f"{path}/messages", {"message": "One more thing"})
        self.assert_problem(late, 409, "ticket_closed")
        walk = [row["to"] for row in self.step(world.ana, "GET", f"{path}/history")["data"] if row["kind"] == "status"]
        self.assertEqual(sorted(walk), sorted(["open", "in_progress", "waiting_customer", "in_progress", "resolved", "in_progress",
                                               "resolved", "closed"][-len(walk):]))

    def test_notes_stay_inside(self) -> None:
        path = f"/api/v1/tickets/{opened(acme().chloe)['id']}"
        self.step(acme().manager, "POST", f"{path}/assign", {"assigned_to": acme().ana.id})
        self.step(acme().ana, "POST", f"{path}/messages", {"message": "secret note", "is_internal": True}, 201)
        self.assertIn("secret note", str(self.step(acme().ana, "GET", f"{path}/messages")))
        self.assertNotIn("secret note", str(self.step(acme().chloe, "GET", f"{path}/messages")))
        answer = acme().page(acme().chloe).send("POST", f"{path}/messages", {"message": "x", "is_internal": True})
        self.assertIn(answer.status, (403, 422))

    def test_the_impossible_is_refused(self) -> None:
        path = f"/api/v1/tickets/{opened(acme().chloe)['id']}"
        page = acme().page(acme().manager)
        self.assert_problem(page.send("POST", f"{path}/status", {"status": "resolved"}), 409, "illegal_transition")
        self.assert_problem(page.send("POST", f"{path}/status", {"status": "nonsense"}), 422, "validation_failed")
        self.assert_problem(page.send("POST", f"{path}/assign", {"assigned_to": acme().chloe.id}), 422)

    def test_a_stale_change_is_refused(self) -> None:
        path = f"/api/v1/tickets/{opened(acme().chloe)['id']}"
        page = acme().page(acme().manager)
        etag = page.send("GET", path).headers["etag"]
        self.assertEqual(page.send("PATCH", path, {"priority": "urgent"}, If_Match=etag).status, 200)
        self.assert_problem(page.send("PATCH", path, {"priority": "low"}, If_Match=etag), 412, "version_mismatch")

    def test_lists_page_and_filter(self) -> None:
        mark = opened(acme().carl, "Filter me", order_id="CMD-FILTER")
        for number in range(4):
            opened(acme().carl, f"Filter {number}", order_id="CMD-FILTER")
        page, seen, cursor = acme().page(acme().manager), [], ""
        while True:
            part = page.get(f"/api/v1/tickets?user_id={acme().carl.id}&limit=2{cursor}")
            seen += [ticket["id"] for ticket in part["data"]]
            if part["page"]["next_cursor"] is None:
                break
            cursor = f"&cursor={part['page']['next_cursor']}"
        self.assertEqual(len(seen), len(set(seen)))
        self.assertIn(mark["id"], seen)
        self.assertEqual(page.get("/api/v1/tickets?status=closed&assigned_to=none&user_id=%d" % acme().carl.id)["data"], [])
        self.assert_problem(page.send("GET", "/api/v1/tickets?cursor=forged"), 422, "validation_failed")
        self.assert_problem(page.send("GET", "/api/v1/tickets?limit=1000"), 422, "validation_failed")

    def test_a_repeated_request_has_one_effect(self) -> None:
        page, key = acme().page(acme().chloe), {"Idempotency_Key": f"key-{acme().slug}"}
        body = {"subject": "Once", "description": "Only once."}
        first = page.send("POST", "/api/v1/tickets", body, **key)
        again = page.send("POST", "/api/v1/tickets", body, **key)
        self.assertEqual((first.status, again.status, first.json["id"]), (201, 201, again.json["id"]))
        other = page.send("POST", "/api/v1/tickets", {**body, "subject": "Other"}, **key)
        self.assert_problem(other, 422, "idempotency_key_reused")
