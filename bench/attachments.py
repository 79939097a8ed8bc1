"""What `scripts/bench attachments` measures: files that come and go beside the bare store, the memory meanwhile, and the time to a preview."""

import random
import secrets
import subprocess
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from client.api import Api
from client.past import sql, tenant_database
from client.people import Organisation
from client.stack import Stack
from e2e.files import Upload, form
from files import Watch, take
from measure import percentile, sign_up
from store import Store

MIB = 1 << 20
# How large files are, how many of them go over how many connections.
LOADS = ((1, 64, 1), (1, 256, 16), (100, 4, 1), (100, 16, 16))
PREVIEWS = 10
# So many customers send them.
PEOPLE = 4
# So often one goes on with an upload.
TRIES = 5


class Desk:
    """An organisation whose customers have room for all that is measured. Each has a ticket: one person alone may not send all at once."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.resumed = stack, 0
        organisation, _ = sign_up(stack, f"bench-attached-{secrets.token_hex(3)}")
        self.slug = organisation.slug
        self.admin = organisation.log_in(f"admin@{organisation.slug}.example")
        self.database = tenant_database(stack, organisation.slug)
        room = {"bytes_per_user": 1 << 40, "files_per_user": 1_000_000, "uploads_a_day": 100_000}
        self.admin.app.ask("PATCH", "/api/v1/media-settings", room)
        for category in self.admin.app.get("/api/v1/media-categories?limit=100")["data"]:
            if "mp4" in category["extensions"]:
                change = {"enabled": True}
                self.admin.app.ask("PATCH", f"/api/v1/media-categories/{category['id']}", change, If_Match=f'"{category["version"]}"')
        self.customers = [self._customer(organisation, n) for n in range(PEOPLE)]

    def _customer(self, organisation: Organisation, n: int) -> tuple[Api, int]:
        email = f"customer{n}@{organisation.slug}.example"
        organisation.register({"email": email, "firstname": "Chloe", "lastname": str(n), "locale": "en"})
        app = organisation.log_in(email).app
        app.timeout = 600
        return app, app.post("/api/v1/tickets", {"subject": "Files", "description": "x"})["id"]

    def by(self, n: int) -> tuple[Api, int]:
        """A connection of one's own for the n-th file, and the ticket that it goes to."""
        app, ticket = self.customers[n % PEOPLE]
        return app.with_headers(), ticket

    def send(self, n: int, name: str, content: bytes) -> int:
        """Sends the n-th file as a form, and says which one it is."""
        (api, ticket), (body, kind) = self.by(n), form(name, content)
        return api.ask("POST", f"/api/v1/tickets/{ticket}/attachments", body, Content_Type=kind)["id"]

    def send_by_tus(self, n: int, name: str, content: bytes) -> int:
        """The same by tus, all bytes in one request, or, where that breaks off, in another one from there on."""
        api, ticket = self.by(n)
        upload = Upload(api, ticket, name, len(content))
        for _ in range(TRIES):
            answer = upload.send(upload.offset(), content[upload.offset():])
            if answer.status == 204:
                return int(answer.headers["attachment-id"])
            self.resumed += 1
        raise AssertionError(answer.text)

    def url(self, file: int) -> str:
        """Where a file is to be had, once it was looked at."""
        while not (url := self.admin.app.get(f"/api/v1/attachments/{file}")["url"]):
            time.sleep(0.02)
        return urlsplit(url)._replace(scheme="", netloc="").geturl()

    def clear(self) -> None:
        """Takes all files away for good: the next ones have the same room."""
        sql(self.database, "delete from ticket_attachments")


def video(mib: int) -> bytes:
    """A film of so many MiB that is like no other."""
    head = bytes([0, 0, 0, 24]) + b"ftypisom" + bytes(4) + b"isommp42"
    return head + random.randbytes(mib * MIB - len(head))


def over(connections: int, work, things: list) -> dict:
    """Does something with each of these over so many connections at once: MiB a second in all, and what each took."""
    def lane(own: list) -> list:
        took = []
        for thing in own:
            begun = time.monotonic()
            work(thing)
            took.append(time.monotonic() - begun)
        return took
    begun = time.monotonic()
    with ThreadPoolExecutor(connections) as pool:
        took = [one for lane_ in pool.map(lane, [things[n::connections] for n in range(connections)]) for one in lane_]
    seconds = time.monotonic() - begun
    return {"a_second": len(things) / seconds, "p50_ms": round(percentile(took, 0.5) * 1e3, 1), "p95_ms": round(percentile(took, 0.95) * 1e3, 1)}


def load(stack: Stack, desk: Desk, mib: int, count: int, connections: int):
    """Files up by a form and by tus, and down; each beside the bare store with as many bytes and connections."""
    contents = [video(mib) for _ in range(count)]
    stored, sent = [f"bench/{secrets.token_hex(8)}" for _ in contents], {}
    bare = {"up": over(connections, lambda n: Store(stack).ask("PUT", stored[n], contents[n]), list(range(count)))}
    for way in ("send", "send_by_tus"):
        desk.clear()
        sent.clear()
        # What is just being taken away cannot come again at the same moment.
        contents = [video(mib) for _ in range(count)]
        with Watch(stack) as watch:
            took = over(connections, lambda n: sent.update({n: getattr(desk, way)(n, f"{n}.mp4", contents[n])}), list(range(count)))
        went_on, desk.resumed = desk.resumed, 0
        yield {**figure("up by a form" if way == "send" else "up by tus", (mib, count, connections), took, bare["up"], watch), "resumed": went_on}
    urls = [desk.url(file) for file in sent.values()]
    with Watch(stack) as watch:
        took = over(connections, lambda url: take(stack, url, {"X-Tenant": desk.slug}), urls)
    bare["down"] = over(connections, lambda key: Store(stack).ask("GET", key), stored)
    yield figure("down", (mib, count, connections), took, bare["down"], watch)
    for key in stored:
        Store(stack).ask("DELETE", key)


def figure(work: str, of: tuple[int, int, int], took: dict, bare: dict, watch: Watch) -> dict:
    """One piece of work as it was measured."""
    mib, count, connections = of
    return {"work": work, "mib": mib, "files": count, "connections": connections, "mib_a_second": round(mib * took["a_second"], 1),
            "p50_ms": took["p50_ms"], "p95_ms": took["p95_ms"], "bare_store_mib_a_second": round(mib * bare["a_second"], 1),
            "share_of_it": round(took["a_second"] / bare["a_second"], 2), "app_api_before_mib": watch.before,
            "app_api_most_mib": round(watch.most, 1)}


def document(seed: int) -> bytes:
    """A page with some thousand coloured squares, as a PDF."""
    chance = random.Random(seed)
    squares = "\n".join(f"{chance.random():.2f} {chance.random():.2f} {chance.random():.2f} rg {chance.randrange(800)} {chance.randrange(600)} 20 20 re f"
                        for _ in range(4000)).encode()
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 800 600]/Contents 4 0 R>>",
               b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(zlib.compress(squares)), zlib.compress(squares))]
    pdf, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(pdf))
        pdf += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return pdf + b"xref\n0 5\n0000000000 65535 f \n" + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(pdf)


def photo(seed: int) -> bytes:
    """The same as a photo of twelve megapixels."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.pdf"
        page.write_bytes(document(seed))
        command = ["pdftoppm", "-jpeg", "-jpegopt", "quality=70", "-scale-to-x", "4000", "-scale-to-y", "3000", "-singlefile", str(page), str(page.with_suffix(""))]
        subprocess.run(command, check=True)
        return page.with_suffix(".jpg").read_bytes()


def previews(stack: Stack, desk: Desk, kind: str, make):
    """From the answer to an upload until there is a preview: one after the other, and all at once."""
    def ready(file: int, since: float) -> float:
        while (now := desk.admin.app.get(f"/api/v1/attachments/{file}"))["preview"] == "pending":
            time.sleep(0.005)
        assert now["preview"] == "ready", now
        return (time.monotonic() - since) * 1e3

    contents = [make(seed) for seed in range(2 * PREVIEWS)]
    took = []
    with Watch(stack) as watch:
        for n, content in enumerate(contents[:PREVIEWS]):
            file, since = desk.send(n, f"{n}.{kind}", content), time.monotonic()
            took.append(ready(file, since))
        since = time.monotonic()
        sent = [desk.send(n, f"all-{n}.{kind}", content) for n, content in enumerate(contents[PREVIEWS:])]
        last = max(ready(file, since) for file in sent)
    yield {"work": f"preview of {kind}", "kib": len(contents[0]) >> 10, "files": PREVIEWS, "p50_ms": round(percentile(took, 0.5)),
           "p95_ms": round(percentile(took, 0.95)), "all_at_once_last_ms": round(last), "app_api_before_mib": watch.before,
           "app_api_most_mib": round(watch.most, 1)}


def attachments(stack: Stack):
    """Each figure."""
    random.seed(secrets.token_bytes(8))
    desk = Desk(stack)
    for mib, count, connections in LOADS:
        yield from load(stack, desk, mib, count, connections)
    desk.clear()
    for kind, make in (("jpg", photo), ("pdf", document)):
        yield from previews(stack, desk, kind, make)
