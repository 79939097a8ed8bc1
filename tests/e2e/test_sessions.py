"""Logging in, staying in, getting out."""

from client.api import Api
from client.mailbox import Mailbox

from .world import PASSWORD, Case, acme, globex, stack


class Sessions(Case):
    """/api/v1/auth."""

    def login(self, email: str, password: str = PASSWORD, **more):
        """One attempt through nginx."""
        return acme().page().send("POST", "/api/v1/auth/login", {"email": email, "password": password, **more})

    def test_a_login_has_the_fields_of_the_contract(self) -> None:
        answer = self.login(acme().mail("ana"), client="api")
        self.assertEqual(answer.status, 200)
        self.assertLessEqual({"access_token", "token_type", "expires_in", "refresh_token", "user"}, answer.json.keys())
        self.assertEqual(answer.json["user"]["role"], "agent")

    def test_unknown_and_wrong_get_the_same_answer(self) -> None:
        wrong = self.login(acme().mail("ben"), "wrong-password-123")
        unknown = self.login(acme().mail("nobody"), "wrong-password-123")
        elsewhere = self.login(globex().mail("ana"))
        for answer in (wrong, unknown, elsewhere):
            self.assert_problem(answer, 401)
        self.assertEqual(wrong.code, unknown.code)

    def test_a_browser_gets_a_cookie_and_no_refresh_token(self) -> None:
        answer = self.login(acme().mail("ana"), client="browser")
        cookie = next(line for line in answer.headers["set-cookie"].split("\n") if line.startswith("hd_refresh="))
        self.assertNotIn("refresh_token", {name for name, value in answer.json.items() if value})
        for word in ("hd_refresh=", "HttpOnly", "SameSite=Strict", "Path=/api/v1/auth"):
            self.assertIn(word, cookie)
        refreshed = acme().page().send("POST", "/api/v1/auth/refresh", {}, Cookie=cookie.split(";")[0])
        self.assertEqual(refreshed.status, 200, refreshed.text)

    def test_a_refresh_token_shown_again_after_its_successor_ends_the_session(self) -> None:
        def refresh(token: str):
            return acme().page().send("POST", "/api/v1/auth/refresh", {"refresh_token": token})
        first = self.login(acme().mail("ana"), client="api").json["refresh_token"]
        second = refresh(first).json["refresh_token"]
        third = refresh(second).json["refresh_token"]
        self.assertEqual(len({first, second, third}), 3)
        for token in (first, third):
            self.assert_problem(refresh(token), 401)

    def test_a_logout_ends_the_refresh_token(self) -> None:
        login = self.login(acme().mail("ana"), client="api").json
        token = {"Authorization": f"Bearer {login['access_token']}"}
        self.assertEqual(acme().page().send("POST", "/api/v1/auth/logout", {}, **token).status, 204)
        self.assert_problem(acme().page().send("POST", "/api/v1/auth/refresh", {"refresh_token": login["refresh_token"]}), 401)

    def test_me_is_me(self) -> None:
        me = acme().page(acme().chloe).get("/api/v1/auth/me")
        self.assertEqual((me["id"], me["email"]), (acme().chloe.id, acme().chloe.email))

    def test_a_customer_verifies_before_the_first_login(self) -> None:
        customer = acme().named("dora")
        form = {name: customer[name] for name in ("email", "firstname", "lastname")}
        for _ in range(2):
            answer = acme().page().send("POST", "/api/v1/auth/register", {**form, "password": PASSWORD})
            self.assertEqual(answer.status, 202, answer.text)
        self.assert_problem(self.login(customer["email"]), 403, "email_not_verified")
        self.assert_problem(self.login(customer["email"], "wrong-password-123"), 401)
        with Mailbox(stack(), customer["email"]) as box:
            token = box.wait_for_token()
        self.assertEqual(acme().page().send("POST", "/api/v1/auth/email/verify", {"token": token}).status, 204)
        self.assertEqual(self.login(customer["email"]).status, 200)
        self.assertGreaterEqual(acme().page().send("POST", "/api/v1/auth/email/verify", {"token": token}).status, 400)

    def test_an_unknown_tenant_is_not_found(self) -> None:
        page = Api(f"http://127.0.0.1:{stack().http_port}", {"Host": stack().host("nobody-has-this")})
        login = {"email": acme().mail("ana"), "password": PASSWORD}
        self.assert_problem(page.send("POST", "/api/v1/auth/login", login), 404, "tenant_not_found")
