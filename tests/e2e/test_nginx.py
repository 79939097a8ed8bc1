"""What nginx itself answers: headers, routes, errors."""

import socket

from client.api import Api

from .world import Case, acme, stack


class Nginx(Case):
    """One origin per tenant."""

    def raw(self, request: bytes) -> tuple[int, str]:
        """Status and body of bytes that no client library would send."""
        with socket.create_connection(("127.0.0.1", stack().http_port), timeout=5) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while data := connection.recv(65536):
                answer += data
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode("utf-8", "replace")

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
                status, body = self.raw(request)
                self.assertIn(status, (400, 414, 431))
                self.assertIn('"request_id"', body)
