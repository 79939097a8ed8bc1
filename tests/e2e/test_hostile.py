"""Bad input gets a clear refusal and never a 5xx."""

import json

from .world import Case, acme, opened

TEXTS = ["a\u0000b", "\u202e", "x" * 100_000, "' or 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "../../etc/passwd", "\ud7ff"]


class Hostile(Case):
    """Through nginx."""

    def setUp(self) -> None:
        self.page = acme().page(acme().chloe)

    def raw(self, body: bytes, path: str = "/api/v1/tickets", **headers):
        """A body as it is, said to be JSON."""
        return self.page.send("POST", path, body, **{"Content_Type": "application/json", **headers})

    def test_what_is_not_json(self) -> None:
        for body in [b"", b"{", b"[1,", b"nonsense", b'{"subject": }', b"\xff\xfe", b'{"subject":"\xff"}']:
            with self.subTest(body=body):
                self.assert_problem(self.raw(body), 400, "malformed_json")

    def test_deep_and_wide_json(self) -> None:
        for body in [b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b'{"custom_fields":' + b'{"a":' * 200 + b"1" + b"}" * 201]:
            with self.subTest(start=body[:20]):
                self.assertIn(self.raw(body).status, (400, 422))

    def test_unknown_fields_and_wrong_types(self) -> None:
        good = {"subject": "S", "description": "D"}
        for wrong in [{**good, "surprise": 1}, {"subject": "S"}, {**good, "subject": 5}, {**good, "priority": "extreme"},
                      {**good, "subject": ""}, {**good, "subject": "x" * 256}, {**good, "description": None}, {**good, "user_id": "1"}, []]:
            with self.subTest(body=str(wrong)[:60]):
                self.assert_problem(self.raw(json.dumps(wrong).encode()), 422, "validation_failed")

    def test_strange_texts_are_kept_or_refused(self) -> None:
        for text in TEXTS:
            with self.subTest(text=text[:20]):
                answer = self.page.send("POST", "/api/v1/tickets", {"subject": "Strange", "description": text})
                self.assertIn(answer.status, (201, 422), answer.text[:300])
                if answer.status == 201:
                    self.assertEqual(answer.json["description"], text)

    def test_bodies_that_are_too_large_or_no_json(self) -> None:
        self.assert_problem(self.raw(b'{"subject":"' + b"x" * 2_000_000 + b'"}'), 413, "payload_too_large")
        plain = self.page.send("POST", "/api/v1/tickets", b"subject=x", Content_Type="text/plain")
        self.assert_problem(plain, 415, "unsupported_media_type")

    def test_ids_that_cannot_be(self) -> None:
        for name in ["0", "-1", "9223372036854775807", "9223372036854775808", "1e3", "%00", "TKT-", "null", "' or 1=1", "%F0%9F%92%A9"]:
            with self.subTest(id=name):
                answer = self.page.send("GET", f"/api/v1/tickets/{name.replace(' ', '%20')}")
                self.assertIn(answer.status, (400, 404, 422), answer.text[:300])

    def test_filters_that_cannot_be(self) -> None:
        for query in ["status=x", "priority=,", "assigned_to=abc", "user_id=99999999999999999999", "limit=0", "limit=-1", "limit=x",
                      "cursor=%00", "cursor=" + "A" * 5000, "sort=password", "created_from=yesterday", "unknown=1"]:
            with self.subTest(query=query[:30]):
                self.assert_problem(self.page.send("GET", f"/api/v1/tickets?{query}"), 422, "validation_failed")

    def test_methods_and_paths_that_do_not_exist(self) -> None:
        self.assert_problem(self.page.send("DELETE", "/api/v1/tickets"), 405)
        self.assert_problem(self.page.send("PUT", "/api/v1/auth/login", {}), 405)
        self.assert_problem(self.page.send("GET", "/api/v1/no-such-thing"), 404, "not_found")
        self.assert_problem(self.page.send("GET", "/api/v1/auth/no-such-thing"), 404, "not_found")

    def test_tokens_that_are_none(self) -> None:
        token = acme().chloe.app.headers["Authorization"].split()[1]
        head, body, signature = token.split(".")
        none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
        for forged in ["", "x", "a.b.c", f"{none}.{body}.", f"{head}.{body}.{signature[:-2]}AA", token + "A", "A" * 10_000]:
            with self.subTest(token=forged[:20]):
                answer = acme().page().send("GET", "/api/v1/tickets", None, Authorization=f"Bearer {forged}")
                self.assertIn(answer.status, (401, 431), answer.text[:300])

    def test_html_does_not_survive(self) -> None:
        path = f"/api/v1/tickets/{opened(acme().chloe)['id']}/messages"
        message = self.page.post(path, {"message": "<img src=x onerror=alert(1)> **bold** [x](javascript:alert(1))"})
        self.assertNotIn("<img", message["message_html"])
        self.assertNotIn("href=\"javascript", message["message_html"])
