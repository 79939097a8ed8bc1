"""Signing in through an organisation's own identity provider, with a real one behind nginx."""

import functools
import http.client
import json
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from client.api import Answer, Api, Refused
from client.mailbox import Mailbox

from .world import Case, World, eventually, globex, part, stack

SETTINGS = "/api/v1/tenant/identity-provider"
CALLBACK = "/api/v1/auth/sso/callback"


@functools.cache
def initech() -> World:
    """An organisation with a provider."""
    world = World("initech")
    put_provider(world)
    return world


def put_provider(world: World, **fields) -> dict:
    """Names the provider of the stack as this organisation's."""
    settings = {
        "issuer": stack()["PROVIDER_URL"],
        "client_id": world.slug,
        "client_secret": "any secret will do here",
        "name": "Initech ID",
        "domains": [f"{world.slug}.example"],
        "default_role": "customer",
        "enabled": True,
        **fields,
    }
    return world.admin.control.ask("PUT", SETTINGS, settings)


def tell(subject: str, **claims) -> None:
    """Tells the provider what to say of somebody."""
    send(stack()["PROVIDER_URL"], "PUT", f"/users/{quote(subject)}", json.dumps(claims), {"Content-Type": "application/json"})


def send(base: str, method: str, path: str, body: str | None = None, headers: dict | None = None) -> Answer:
    """One request by a browser that follows no redirect by itself."""
    url = urlsplit(base)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode())
    finally:
        connection.close()


class Browser:
    """Somebody's browser, at an organisation and at its provider."""

    def __init__(self, world: World) -> None:
        self.world, self.page = world, world.page()
        self.cookie = ""

    def set_out(self, path: str = "/api/v1/auth/sso/start?next=/tickets") -> str:
        """Goes to the provider's page and keeps the cookie; gives the page's address."""
        answer = self.page.send("GET", path)
        if answer.status != 302:
            raise Refused(path, answer)
        self.cookie = answer.headers["set-cookie"].split(";")[0]
        return answer.headers["location"]

    def authorise(self, page: str, subject: str) -> str:
        """Signs in at the provider; gives the way back."""
        url = urlsplit(page)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = send(page, "POST", f"{url.path}?{url.query}", urlencode({"sub": subject, "action": "authorize"}), form)
        if answer.status != 302:
            raise Refused(page, answer)
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def come_back(self, path: str, cookie: str | None = None) -> Answer:
        """Follows the provider's redirect."""
        return self.page.send("GET", path, Cookie=self.cookie if cookie is None else cookie)

    def sign_in(self, subject: str) -> Answer:
        """The whole way."""
        return self.come_back(self.authorise(self.set_out(), subject))

    def inside(self, answer: Answer) -> dict:
        """Who is signed in after that answer."""
        assert answer.status == 302, answer.text
        cookies = [c for c in answer.headers["set-cookie"].split("\n") if c.startswith("hd_refresh=")]
        login = self.page.post("/api/v1/auth/refresh", {}, Cookie=cookies[-1].split(";")[0])
        return login["user"]


class Sso(Case):
    """/api/v1/auth/sso."""

    @classmethod
    def setUpClass(cls) -> None:
        initech()

    def address(self, who: str) -> str:
        """An address that the provider may vouch for."""
        return initech().mail(who)

    def test_the_sign_in_page_learns_of_the_provider(self) -> None:
        methods = initech().page().get("/api/v1/auth/methods")
        self.assertEqual(methods["sso"], {"name": "Initech ID"})
        self.assertIsNone(globex().page().get("/api/v1/auth/methods")["sso"])

    def test_a_newcomer_comes_in_and_can_work(self) -> None:
        tell("new", email=self.address("nora"), email_verified=True, given_name="Nora", family_name="Kowalska")
        browser = Browser(initech())
        answer = browser.sign_in("new")
        self.assertEqual(answer.headers["location"], f"http://{stack().host(initech().slug)}/tickets")
        user = browser.inside(answer)
        self.assertEqual((user["email"], user["role"], user["firstname"]), (self.address("nora"), "customer", "Nora"))
        again = browser.inside(browser.sign_in("new"))
        self.assertEqual(again["id"], user["id"])
        # The product knows them, too.
        cookie = next(c for c in browser.sign_in("new").headers["set-cookie"].split("\n") if c.startswith("hd_refresh="))
        token = browser.page.post("/api/v1/auth/refresh", {}, Cookie=cookie.split(";")[0])["access_token"]
        page = Api(browser.page.url, {**browser.page.headers, "Authorization": f"Bearer {token}"})
        ticket = eventually(20, lambda: page.post("/api/v1/tickets", {"subject": "By SSO", "description": "It works."}))
        self.assertEqual(ticket["status"], "open")

    def test_a_member_keeps_their_account_and_gets_a_mail(self) -> None:
        tell("chloe", email=self.address("chloe"), email_verified=True)
        browser = Browser(initech())
        user = browser.inside(browser.sign_in("chloe"))
        self.assertEqual(user["id"], initech().chloe.id)
        with Mailbox(stack(), self.address("chloe")) as box:
            eventually(20, lambda: any("Initech ID" in mail["Subject"] for mail in box.mails()))

    def test_the_provider_vouches_for_its_own_people_only(self) -> None:
        tell("unverified", email=self.address("una"), email_verified=False)
        self.assert_problem(Browser(initech()).sign_in("unverified"), 403, "email_not_verified")
        tell("foreign", email="fred@elsewhere.example", email_verified=True)
        self.assert_problem(Browser(initech()).sign_in("foreign"), 403, "forbidden")
        tell("nameless")
        self.assert_problem(Browser(initech()).sign_in("nameless"), 403, "email_not_verified")

    def test_whoever_was_removed_stays_out(self) -> None:
        tell("gone", email=self.address("gus"), email_verified=True)
        browser = Browser(initech())
        user = browser.inside(browser.sign_in("gone"))
        initech().admin.control.ask("DELETE", f"/api/v1/members/{user['id']}")
        self.assert_problem(browser.sign_in("gone"), 403, "forbidden")

    def test_a_way_back_is_good_once_and_in_its_own_browser(self) -> None:
        tell("once", email=self.address("olga"), email_verified=True)
        browser, other = Browser(initech()), Browser(initech())
        back = browser.authorise(browser.set_out(), "once")
        self.assert_problem(browser.come_back(back, cookie=""), 401)
        other.set_out()
        self.assert_problem(other.come_back(back), 401)
        self.assertEqual(browser.come_back(back).status, 302)
        self.assert_problem(browser.come_back(back), 401)
        elsewhere = Browser(globex())
        elsewhere.cookie = browser.cookie
        self.assert_problem(elsewhere.come_back(browser.authorise(browser.set_out(), "once")), 401)

    def test_a_token_of_another_attempt_opens_nothing(self) -> None:
        tell("nonce", email=self.address("nina"), email_verified=True)
        browser = Browser(initech())
        page = browser.set_out()
        query = parse_qs(urlsplit(page).query)
        changed = page.replace(f"nonce={quote(query['nonce'][0])}", "nonce=another")
        self.assertNotEqual(page, changed)
        self.assert_problem(browser.come_back(browser.authorise(changed, "nonce")), 401)
        self.assert_problem(browser.come_back(f"{CALLBACK}?code=made-up&state={query['state'][0]}"), 401)

    def test_afterwards_one_stays_inside(self) -> None:
        for elsewhere in ("//evil.example", "https://evil.example", "/%5Cevil.example"):
            answer = initech().page().send("GET", f"/api/v1/auth/sso/start?next={elsewhere}")
            self.assert_problem(answer, 422, "validation_failed")

    def test_a_provider_that_is_away_is_503_and_comes_back(self) -> None:
        tell("away", email=self.address("axel"), email_verified=True)
        browser = Browser(initech())
        back = browser.authorise(browser.set_out(), "away")
        part("pause", "provider")
        try:
            self.assert_problem(browser.come_back(back), 503, "unavailable")
        finally:
            part("resume", "provider")
        eventually(20, lambda: browser.sign_in("away").status == 302)
