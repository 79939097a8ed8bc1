"""What nginx itself answers: headers, routes, errors."""

import json
import secrets
import socket
import threading
import time

from client.api import Answer, Api
from client.past import sql

from .world import PASSWORD, Case, acme, globex, stack


class Nginx(Case):
    """One origin per tenant."""

    def raw(self, request: bytes) -> Answer:
        """The answer to bytes that no client library would send."""
        with socket.create_connection(("127.0.0.1", stack().http_port), timeout=5) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            # A problem ends with a brace; nginx keeps the connection of a refused body open for some seconds.
            while not answer.endswith(b"}") and (data := connection.recv(65536)):
                answer += data
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return Answer(int(first.split()[1]), headers, body.decode("utf-8", "replace"))

    def test_every_answer_has_the_security_headers(self) -> None:
        for path in ("/", "/tickets/5", "/assets/none.js", "/api/v1/tickets", "/api/v1/auth/me", "/metrics"):
            with self.subTest(path=path):
                headers = acme().page().send("GET", path).headers
                self.assertIn("frame-ancestors 'none'", headers["content-security-policy"])
                self.assertEqual(headers["x-content-type-options"], "nosniff")
                self.assertLessEqual({"referrer-policy", "permissions-policy", "x-request-id"}, headers.keys())
                self.assertNotIn("strict-transport-security", headers)

    def test_the_front_end_answers_every_path_of_its_own(self) -> None:
        for path in ("/", "/login", "/tickets/12"):
            answer = acme().page().send("GET", path)
            self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/html; charset=utf-8"))
            self.assertEqual(answer.headers["cache-control"], "no-cache")
        script = answer.text.split('src="/assets/')[1].split('"')[0]
        asset = acme().page().send("GET", f"/assets/{script}")
        self.assertEqual(asset.status, 200)
        self.assertIn("immutable", asset.headers["cache-control"])
        self.assert_problem(acme().page().send("GET", "/assets/none.js"), 404, "not_found")

    def test_the_inside_has_no_route(self) -> None:
        for path in ("/metrics", "/health", "/health/ready", "/openapi.json", "/docs", "/docs/", "/.env", "/.git/config"):
            with self.subTest(path=path):
                self.assert_problem(acme().page().send("GET", path), 404, "not_found")

    def test_unknown_hosts_get_no_tenant(self) -> None:
        page = Api(f"http://127.0.0.1:{stack().http_port}", {"Host": "evil.example"})
        self.assert_problem(page.send("GET", "/"), 404, "tenant_not_found")

    def test_a_sane_request_id_is_kept(self) -> None:
        self.assertEqual(acme().page().send("GET", "/api/v1/tickets", None, X_Request_Id="my-id-12345").headers["x-request-id"], "my-id-12345")
        made = acme().page().send("GET", "/api/v1/tickets", None, X_Request_Id="bad id <>").headers["x-request-id"]
        self.assertNotIn("<", made)

    def test_what_is_no_request_is_refused(self) -> None:
        host = stack().host("acme").encode()
        for request in [b"GARBAGE\r\n\r\n", b"GET /../../x HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", b"GET /%zz HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
                        b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nHost: x." + host + b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                        b"GET http://other.localhost/ HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
                        b"POST /api/v1/tickets HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
                        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
                        b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"]:
            with self.subTest(request=request[:40]):
                self.assertIn(self.refused(request), (400, 414, 431))

    def refused(self, request: bytes) -> int:
        """The status of a problem with all its fields and headers, which tells nothing of nginx's version."""
        answer = self.raw(request)
        self.assert_problem(answer, answer.status)
        self.assertEqual(json.loads(answer.text)["request_id"], answer.headers["x-request-id"])
        self.assertIn("content-security-policy", answer.headers)
        self.assertEqual(answer.headers["server"], "nginx")
        return answer.status

    def test_what_nginx_itself_refuses_is_a_problem(self) -> None:
        host = b" HTTP/1.1\r\nHost: " + stack().host("acme").encode() + b"\r\nConnection: close\r\n"
        strange = b" HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n"
        for request, status in [
            (b"TRACE /" + host, 405), (b"TRACE /api/v1/tickets" + host, 405), (b"TRACE /" + strange, 405), (b"CONNECT /" + host, 405),
            (b"FOO /" + host, 405), (b"POST /" + host + b"Content-Length: 0\r\n", 405), (b"OPTIONS /" + host, 405), (b"DELETE /login" + host, 405),
            (b"get /" + host, 400), (b"OPTIONS *" + host, 400), (b"GET / HTTP/2.0\r\n", 400), (b"GET /%00" + host, 400),
            (b"POST /api/v1/tickets" + host + b"Transfer-Encoding: gzip\r\n", 400), (b"POST /" + strange + b"Transfer-Encoding: gzip\r\n", 400),
            (b"POST /api/v1/tickets" + host + b"Content-Length: -1\r\n", 400),
            (b"POST /api/v1/tickets" + host + b"Content-Length: 2000000\r\n", 413), (b"POST /" + host + b"Content-Length: 2000000\r\n", 413),
            (b"GET /" + host + b"Range: bytes=9000000-\r\n", 416), (b"GET /" + host + b'If-Match: "x"\r\n', 412),
            (b"GET /" + b"a" * 20_000 + host, 414), (b"GET /" + host + b"X: y\r\n" * 20_000, 431),
            (b"GET / HTTP/1.0\r\n", 404), (b"GET /assets/" + host, 404),
        ]:
            with self.subTest(request=request[:40]):
                self.assertEqual(self.refused(request + b"\r\n"), status)

    def test_what_is_refused_names_what_is_allowed(self) -> None:
        host = b" HTTP/1.1\r\nHost: " + stack().host("acme").encode() + b"\r\n\r\n"
        self.assertEqual(self.raw(b"TRACE /" + host).headers["allow"], "get, head")
        self.assertIn("post", self.raw(b"TRACE /api/v1/tickets" + host).headers["allow"])

    def test_http_1_0_with_a_host_is_served(self) -> None:
        answer = self.raw(b"GET /login HTTP/1.0\r\nHost: " + stack().host("acme").encode() + b"\r\n\r\n")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/html; charset=utf-8"))

    def test_nobody_says_for_whom_a_request_was_forwarded(self) -> None:
        theirs = {"X_Forwarded_Host": stack().host(globex().slug), "X_Original_Host": stack().host(globex().slug), "Forwarded": f"host={stack().host(globex().slug)}",
                  "X_Tenant_Id": globex().slug, "X_Rewrite_Url": "/metrics", "X_Original_Url": "/metrics", "X_Forwarded_Prefix": "/metrics"}
        for name, value in theirs.items():
            with self.subTest(header=name):
                self.assertEqual(acme().page(acme().admin).get("/api/v1/tenant", **{name: value})["slug"], acme().slug)
        self.assertIn(acme().page(acme().admin).send("GET", "/api/v1/tenant", None, X_Tenant=globex().slug).status, (400, 401, 403))
        body = {"organisation": "Forwarded", "slug": f"fwd-{secrets.token_hex(3)}", "password": PASSWORD, "firstname": "F", "lastname": "W"}
        body["email"] = f"ada@{body['slug']}.example"
        acme().page().post("/api/v1/tenants", body, X_Forwarded_For="203.0.113.9", X_Real_IP="203.0.113.9", Forwarded="for=203.0.113.9")
        who = f"select ip from audit_logs where action = 'TenantCreated' and changes::text like '%{body['slug']}%'"
        self.assertEqual(sql(stack()["CONTROL_DATABASE_URL"], who), "127.0.0.1")

    def test_other_origins_are_told_nothing(self) -> None:
        for origin in ("https://evil.example", "null", f"http://{stack().host('globex')}", f"http://{stack().host(acme().slug)}.evil.example"):
            for method, path in (("GET", "/api/v1/tickets"), ("GET", "/api/v1/auth/me"), ("OPTIONS", "/api/v1/tickets"), ("OPTIONS", "/api/v1/auth/login"), ("GET", "/")):
                with self.subTest(origin=origin, path=path, method=method):
                    answer = acme().page(acme().admin).send(method, path, None, Origin=origin, Access_Control_Request_Method="POST")
                    self.assertNotIn("access-control-allow-origin", answer.headers)

    def test_slow_senders_are_cut(self) -> None:
        host = b" HTTP/1.1\r\nHost: " + stack().host(acme().slug).encode() + b"\r\n"
        slow = {
            "header": (b"GET /" + host + b"X-Slow: ", 14),
            "body": (b"POST /api/v1/auth/login" + host + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", 19),
        }
        took: dict[str, float] = {}

        def send(name: str, start: bytes) -> None:
            begun = time.monotonic()
            with socket.create_connection(("127.0.0.1", stack().http_port), timeout=40) as connection:
                connection.sendall(start)
                try:
                    while connection.recv(4096):
                        pass
                except ConnectionResetError:
                    pass
            took[name] = time.monotonic() - begun

        senders = [threading.Thread(target=send, args=(name, start)) for name, (start, _) in slow.items()]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        for name, (_, limit) in slow.items():
            self.assertLess(took[name], limit, name)
