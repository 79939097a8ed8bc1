"""Files of tickets through nginx, the real store and the real scanner; each of them away, and the API killed meanwhile."""

import contextlib
import hashlib
import os
import subprocess
import threading

from client.api import Answer
from client.past import sql, tenant_database

from .files import EICAR, Upload, attach, fetch
from .world import ROOT, Case, acme, eventually, globex, opened, part, stack


class Attachments(Case):
    """Sent, looked at, fetched; refused; interrupted."""

    def setUp(self) -> None:
        self.ticket = opened(acme().chloe)["id"]

    def shown(self, file: dict, person=None) -> dict:
        """What is known of a file."""
        return (person or acme().chloe).app.get(f"/api/v1/attachments/{file['id']}")

    def sent(self, name: str, content: bytes, **fields: str) -> dict:
        """A file of the customer's, that is taken."""
        answer = attach(acme().page(acme().chloe), self.ticket, name, content, **fields)
        self.assertEqual(answer.status, 201, answer.text)
        return answer.json

    def looked_at(self, file: dict, status: str = "clean", seconds: float = 15) -> dict:
        """The same, when it was looked at."""
        return eventually(seconds, lambda: (found := self.shown(file))["scan_status"] == status and found)

    def test_a_file_comes_is_looked_at_and_goes(self) -> None:
        content = os.urandom(64 * 1024)
        self.assert_problem(attach(acme().page(acme().chloe), self.ticket, "a.png", content), 415, "content_mismatch")
        text = content.hex().encode() * 8
        file = self.looked_at(self.sent("Été.txt", text))
        status, headers, got = fetch(file["url"])
        self.assertEqual((status, got), (200, text))
        self.assertEqual(headers["x-content-type-options"], "nosniff")
        self.assertTrue(headers["content-disposition"].startswith("attachment;"), headers)
        self.assertEqual(headers["content-security-policy"], "default-src 'none'; sandbox; frame-ancestors 'none'")
        status, headers, got = fetch(file["url"], Range="bytes=5-9")
        self.assertEqual((status, got, headers["content-range"]), (206, text[5:10], f"bytes 5-9/{len(text)}"))
        elsewhere = file["url"].replace(stack().host(acme().slug), stack().host(globex().slug))
        self.assertEqual(fetch(elsewhere)[0], 403)

    def test_malware_reaches_nobody(self) -> None:
        for name, content in (("a.txt", EICAR), ("b.txt", b"Hello. " + EICAR + b" Bye.")):
            file = self.looked_at(self.sent(name, content), "infected")
            self.assertIsNone(file["url"])

    def test_a_long_file_passes_and_a_longer_one_is_refused_by_the_api(self) -> None:
        api = acme().page(acme().chloe)
        self.assertEqual(attach(api, self.ticket, "a.csv", b"a;b\n" * (10 * 1024 * 256)).status, 201)
        answer = attach(acme().page(acme().chloe), self.ticket, "b.csv", b"a;b\n" * (10 * 1024 * 256) + b"x")
        self.assert_problem(answer, 413, "payload_too_large")

    def test_without_the_scanner_files_wait_and_nothing_is_lost(self) -> None:
        part("stop", "clamav")
        try:
            file = self.sent("waits.txt", b"waits for the scanner")
            with self.assertRaises(AssertionError):
                self.looked_at(file, seconds=3)
            self.assertIsNone(self.shown(file)["url"])
        finally:
            part("start", "clamav")
        self.looked_at(file, seconds=60)

    def test_without_the_store_files_are_refused_and_words_are_not(self) -> None:
        part("pause", "seaweedfs")
        try:
            answer = attach(acme().page(acme().chloe), self.ticket, "a.txt", b"nowhere to go")
            self.assert_problem(answer, 503, "unavailable")
            acme().chloe.app.post(f"/api/v1/tickets/{self.ticket}/messages", {"message": "Then without."})
        finally:
            part("resume", "seaweedfs")
        self.assertEqual(acme().chloe.app.get(f"/api/v1/tickets/{self.ticket}/attachments")["data"], [])
        eventually(10, lambda: attach(acme().page(acme().chloe), self.ticket, "a.txt", b"nowhere to go").status == 201)

    def test_a_tenants_role_that_says_whose_it_is_reaches_their_files_alone(self) -> None:
        self.sent("a.txt", b"hers")
        carls = opened(acme().carl)["id"]
        self.assertEqual(attach(acme().carl.app, carls, "b.txt", b"his").status, 201)
        database = tenant_database(stack(), acme().slug)
        role = sql(
            database,
            "select distinct grantee from information_schema.role_table_grants g join pg_roles r on r.rolname = g.grantee "
            "where table_name = 'ticket_attachments' and privilege_type = 'INSERT' and not rolsuper and not rolcreaterole",
        )
        seen = sql(
            database,
            f"begin; set local role {role}; set local helpdeskly.owner = '{acme().chloe.id}'; "
            "select distinct uploaded_by from ticket_attachments; rollback",
        )
        self.assertEqual(seen.split(), [str(acme().chloe.id)])


class Interrupted(Case):
    """A part is away, or slow, in the middle of an upload: what has come stays, and it goes on from there."""

    def begin(self) -> None:
        """Sends the first piece of a file to a ticket of its own."""
        self.ticket = opened(acme().chloe)["id"]
        self.content = os.urandom(5 << 20).hex().encode()[: 9 << 20]
        self.upload = Upload(acme().page(acme().chloe), self.ticket, "long.csv", len(self.content))
        self.assertEqual(self.upload.send(0, self.content[: 4 << 20]).status, 204)

    def send_more(self, until: int = 8 << 20) -> Answer:
        """Sends the next piece, whatever the answer."""
        return self.upload.send(4 << 20, self.content[4 << 20 : until])

    def files(self) -> list[dict]:
        """What the ticket has."""
        return acme().chloe.app.get(f"/api/v1/tickets/{self.ticket}/attachments")["data"]

    def while_away(self, name: str, check) -> None:
        """An upload while a part is frozen, and another one while it is killed; each ends well."""
        for action, back in (("pause", "resume"), ("kill", "start")):
            with self.subTest(action):
                self.begin()
                part(action, name)
                try:
                    check()
                finally:
                    part(back, name)
                self.ends_well()

    def ends_well(self) -> None:
        """The rest goes, and what comes back is what was sent; nothing else is left."""
        offset = eventually(30, lambda: (self.upload.offset(),))[0]
        self.assertGreaterEqual(offset, 4 << 20)
        if offset < len(self.content):
            eventually(30, lambda: self.upload.send(offset, self.content[offset:]).status == 204)
        file = next(file for file in self.files() if file["filename"] == "long.csv")
        self.assertEqual(file["sha256"], hashlib.sha256(self.content).hexdigest())
        url = eventually(60, lambda: acme().chloe.app.get(f"/api/v1/attachments/{file['id']}")["url"])
        self.assertEqual(hashlib.sha256(fetch(url)[2]).hexdigest(), file["sha256"])
        database, ours = tenant_database(stack(), acme().slug), self.upload.path.rsplit("/", 1)[1]
        # What was never written for want of a store is given up after a quarter of an hour.
        kept = f"select count(*) from media_objects where state <> 'writing' and key like '%/temp/{ours}/%'"
        eventually(60, lambda: sql(database, kept) == "0")

    def test_the_store_is_away(self) -> None:
        def check() -> None:
            self.assert_problem(self.send_more(), 503, "unavailable")
            self.assertEqual(self.upload.offset(), 4 << 20)

        self.while_away("seaweedfs", check)

    def test_the_store_is_slow(self) -> None:
        self.begin()
        part("pause", "seaweedfs")
        back = threading.Timer(3, part, ("resume", "seaweedfs"))
        back.start()
        try:
            self.assertEqual(self.send_more().status, 204)
        finally:
            back.join()
        self.ends_well()

    def test_redis_is_away(self) -> None:
        def check() -> None:
            self.assertEqual(self.send_more().status, 204)
            self.assertEqual(self.upload.offset(), 8 << 20)
            begun = Upload(acme().page(acme().chloe), self.ticket, "other.csv", 4)
            self.assertEqual(begun.send(0, os.urandom(2).hex().encode()).status, 204)

        self.while_away("redis", check)

    def test_the_scanner_is_away_or_slow(self) -> None:
        def check() -> None:
            self.assertEqual(self.send_more(len(self.content)).status, 204)
            [file] = self.files()
            self.assertEqual(file["scan_status"], "pending")
            self.assertIsNone(acme().chloe.app.get(f"/api/v1/attachments/{file['id']}")["url"])

        self.while_away("clamav", check)


class Killed(Case):
    """The API is killed at each step of an upload: there is no row without its object, and no object stays without its row."""

    def start(self, at: str = "") -> None:
        """Starts app-api, to end at that point."""
        environment = {**os.environ, "HD_LOCAL_DIR": str(stack().folder), "HD_CRASH_AT": at}
        subprocess.run([ROOT / "scripts/part", "start", "app-api"], check=True, capture_output=True, env=environment)

    def test_at_each_step(self) -> None:
        ticket = opened(acme().chloe)["id"]
        database = tenant_database(stack(), acme().slug)
        for at in ("upload.claimed", "upload.stored"):
            with self.subTest(at):
                part("stop", "app-api")
                self.start(at)
                try:
                    answer = attach(acme().page(acme().chloe), ticket, f"{at}.txt", at.encode())
                    self.assertEqual(answer.status, 502, answer.text)
                finally:
                    part("stop", "app-api")
                    self.start()
                listed = eventually(20, lambda: acme().chloe.app.get(f"/api/v1/tickets/{ticket}/attachments"))
                self.assertEqual(listed["data"], [])
                ours = f"key like '%/tickets/{ticket}/%'"
                self.assertEqual(sql(database, f"select count(*) from media_objects where state = 'writing' and {ours}"), "1")
                sql(database, f"update media_objects set touched_at = touched_at - interval '16 minutes' where state = 'writing' and {ours}")
                self.assertEqual(attach(acme().page(acme().chloe), ticket, f"{at}-again.txt", os.urandom(8).hex().encode()).status, 201)
                eventually(60, lambda: sql(database, f"select count(*) from media_objects where state <> 'stored' and {ours}") == "0")
                for file in acme().chloe.app.get(f"/api/v1/tickets/{ticket}/attachments")["data"]:
                    acme().chloe.app.ask("DELETE", f"/api/v1/attachments/{file['id']}")

    def test_an_upload_goes_on_after_the_api_died_at_each_step_of_a_piece(self) -> None:
        ticket = opened(acme().chloe)["id"]
        content = os.urandom(5 << 20).hex().encode()[: 9 << 20]
        for at, kept in (("part.claimed", 0), ("part.stored", 0), ("part.kept", 4 << 20), ("upload.stored", 8 << 20), ("upload.finished", 9 << 20)):
            with self.subTest(at):
                upload = Upload(acme().page(acme().chloe), ticket, f"{at}.csv", len(content))
                part("stop", "app-api")
                self.start(at)
                try:
                    # Whoever still sends when the answer is there may find the line cut.
                    with contextlib.suppress(ConnectionError):
                        self.assertEqual(upload.send(0, content).status, 502)
                finally:
                    part("stop", "app-api")
                    self.start()
                offset = eventually(20, lambda: (upload.offset(),))[0]
                # What is read at once may be a little more than a piece.
                self.assertTrue(kept <= offset <= kept + (1 << 20), offset)
                if offset < len(content):
                    self.assertEqual(upload.send(offset, content[offset:]).status, 204)
                self.assertEqual(upload.offset(), len(content))
        files = acme().chloe.app.get(f"/api/v1/tickets/{ticket}/attachments")["data"]
        self.assertEqual({file["file_size"] for file in files}, {len(content)})
        self.assertEqual(len(files), 5)
