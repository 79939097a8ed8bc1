"""However a path is spelled, it leads to where it leads when it is spelled plainly, or nowhere (R10 of page 11)."""

import json
import re
import secrets

from client.stack import ROOT

from .world import Case, acme, eventually, stack

INSIDE = ("/metrics", "/health", "/health/live", "/health/ready", "/openapi.json", "/docs", "/docs/")
NOWHERE = (400, 404, 405)


def operations() -> dict[str, str]:
    """Every path of both documents, with something in the place of each parameter, and whose it is."""
    known = {}
    for plane in ("control-api", "app-api"):
        document = json.loads((ROOT / plane / "openapi.json").read_text(encoding="utf-8"))
        for path in document["paths"]:
            if path.startswith("/api/"):
                known[re.sub(r"\{[^}]*\}", lambda name: acme().slug if name[0] == "{slug}" else "1", path)] = plane
    return known


def spellings(path: str) -> dict[str, str]:
    """The same path, as somebody writes it who wants to get past a rule."""
    first, last = path.rsplit("/", 1)
    middle = path.replace("/api/v1/", "/api/v1{}", 1) if path.startswith("/api/v1/") else f"{{}}{path[1:]}"
    return {
        "two slashes": middle.format("//"),
        "a dot": middle.format("/./"),
        "an escaped dot": middle.format("/%2e/"),
        "through elsewhere": middle.format("/none/%2e%2e/"),
        "a parameter": f"{path};x=1",
        "a slash at the end": f"{path}/",
        "upper case": path.upper(),
        "an escaped slash": f"{first}%2f{last}",
        "an escaped letter": f"{first}/%{ord(last[0]):02x}{last[1:]}" if last else f"{path}%2e",
        "NUL": f"{path}%00",
        "NUL and more": f"{path}%00.css",
    }


class Paths(Case):
    """Through nginx, as an admin who may do everything."""

    def asked(self, path: str) -> tuple[int, str]:
        """The status of a request, and the id by which nginx's log knows it."""
        mark = f"path-{secrets.token_hex(8)}"
        return self.page.send("GET", path, None, X_Request_Id=mark).status, mark

    def setUp(self) -> None:
        self.page = acme().page(acme().admin)
        self.addCleanup(self.page.close)

    def upstreams(self, marks: set[str]) -> dict[str, str]:
        """Which server nginx has asked, by the request's id."""
        def read():
            found = {}
            with open(stack().folder / "log/nginx-access.log", encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    if '"request_id":"path-' in line and (entry := json.loads(line))["request_id"] in marks:
                        found[entry["request_id"]] = entry["upstream"]
            return found if marks <= found.keys() else None
        return eventually(10, read)

    def test_no_spelling_leads_to_the_other_plane_or_past_a_rule(self) -> None:
        planes = {"control-api": stack()["CONTROL_API_URL"], "app-api": stack()["APP_API_URL"]}
        seen = {}
        for path, plane in operations().items():
            own = planes[plane].removeprefix("http://")
            # A stream does not end.
            plain = None if path.endswith("/live") else self.asked(path)[0]
            if plain:
                self.assertTrue(plain < 500, (path, plain))
            for name, spelled in spellings(path).items():
                status, mark = self.asked(spelled)
                seen[mark] = (name, spelled, status, plain, own)
        # What is not even a request has no id, and has been nowhere.
        upstreams = self.upstreams({mark for mark, (_, _, status, *_) in seen.items() if status != 400})
        for mark, (name, spelled, status, plain, own) in seen.items():
            with self.subTest(spelling=name, path=spelled):
                page = status == 200 and not upstreams.get(mark) and not spelled.startswith("/api/")
                self.assertTrue(status in NOWHERE or status == plain or page, f"{status}, plainly {plain}")
                if status not in NOWHERE and not page:
                    self.assertEqual(upstreams[mark], own)

    def test_no_spelling_opens_what_is_inside(self) -> None:
        seen = {}
        for path in INSIDE:
            for name, spelled in spellings(path).items():
                status, mark = self.asked(spelled)
                seen[mark] = (name, spelled, status)
        upstreams = self.upstreams({mark for mark, (_, _, status) in seen.items() if status != 400})
        for mark, (name, spelled, status) in seen.items():
            with self.subTest(spelling=name, path=spelled):
                # The front end answers what it does not know with its page: what counts is that no plane was asked.
                self.assertIn(status, (200, *NOWHERE))
                self.assertEqual(upstreams.get(mark, ""), "")

    def test_no_header_makes_one_method_another(self) -> None:
        for header in ("X_HTTP_Method_Override", "X_HTTP_Method", "X_Method_Override"):
            for path in ("/api/v1/tickets", f"/api/v1/members/{acme().ben.id}", "/api/v1/auth/logout-all", "/api/v1/tenant"):
                with self.subTest(header=header, path=path):
                    plain = self.page.send("GET", path).status
                    for method in ("DELETE", "POST", "PATCH"):
                        self.assertEqual(self.page.send("GET", path, None, **{header: method}).status, plain)
        self.assertIn(acme().ben.email, [agent["email"] for agent in self.page.get("/api/v1/agents")["data"]])
