"""A stranger signs an organisation up and can work at once."""

import secrets
import time

from client.api import Api
from client.people import Organisation

from .world import PASSWORD, Case, acme, stack


def form(**fields) -> dict:
    """A good sign-up form with some fields changed."""
    name = f"org-{secrets.token_hex(4)}"
    good = {"organisation": "Org", "slug": name, "email": f"admin@{name}.example", "password": PASSWORD,
            "firstname": "Ada", "lastname": "Byron"}
    return {**good, **fields}


class SignUp(Case):
    """POST /api/v1/tenants."""

    def setUp(self) -> None:
        self.page = Api(f"http://127.0.0.1:{stack().http_port}", {"Host": stack().host("app")})

    def test_an_organisation_is_ready_within_seconds(self) -> None:
        body = form()
        began = time.monotonic()
        answer = self.page.send("POST", "/api/v1/tenants", body)
        self.assertEqual(answer.status, 202, answer.text)
        tenant = answer.json["tenant"]
        self.assertEqual(tenant["slug"], body["slug"])
        self.assertEqual(answer.json["user"]["email"], body["email"])
        self.assertIn(f"/api/v1/tenants/{body['slug']}/status", answer.headers["location"])
        self.assertTrue(tenant["url"].startswith(f"http://{body['slug']}.{stack()['HD_DOMAIN']}:{stack().http_port}"))
        organisation = Organisation(stack(), body["slug"], PASSWORD)
        organisation.wait_until_active(10)
        self.assertLess(time.monotonic() - began, 10)
        admin = organisation.log_in(body["email"])
        self.assertEqual(admin.app.get("/api/v1/tickets")["data"], [])

    def test_a_slug_belongs_to_one(self) -> None:
        self.assert_problem(self.page.send("POST", "/api/v1/tenants", form(slug=acme().slug)), 409, "slug_taken")

    def test_bad_forms_name_their_fields(self) -> None:
        for field, value in [("slug", "a"), ("slug", "UPPER"), ("slug", "www"), ("slug", "-x-"), ("slug", "a_b"), ("slug", "é-x"),
                             ("email", "nobody"), ("password", "short"), ("password", "password1234"), ("organisation", ""),
                             ("firstname", "x" * 300), ("lastname", "a\u0000b"), ("locale", "xx-invalid-locale")]:
            with self.subTest(field=field, value=value):
                problem = self.assert_problem(self.page.send("POST", "/api/v1/tenants", form(**{field: value})), 422, "validation_failed")
                self.assertIn(field, [error["field"] for error in problem["errors"]])

    def test_status_tells_nothing_else(self) -> None:
        status = self.page.get(f"/api/v1/tenants/{acme().slug}/status")
        self.assertEqual(status, {"slug": acme().slug, "status": "active"})
        self.assert_problem(self.page.send("GET", "/api/v1/tenants/nobody-has-this/status"), 404)

    def test_an_unverified_admin_works_but_does_not_invite(self) -> None:
        body = form()
        self.page.post("/api/v1/tenants", body)
        organisation = Organisation(stack(), body["slug"], PASSWORD)
        organisation.wait_until_active()
        admin = organisation.log_in(body["email"])
        invitation = {"email": f"x@{body['slug']}.example", "role": "agent"}
        self.assert_problem(admin.control.send("POST", "/api/v1/invitations", invitation), 403, "email_not_verified")
        organisation.verify(body["email"])
        self.assertEqual(admin.control.send("POST", "/api/v1/invitations", invitation).status, 201)
