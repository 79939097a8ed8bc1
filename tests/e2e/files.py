"""Files as a form sends them, and as browsers fetch them."""

import base64
import http.client
import secrets
from urllib.parse import urlsplit

from client.api import Answer, Api

from .world import stack

# What every scanner finds, in two halves: none is to find this file.
EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STAND" + "ARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


def form(name: str, content: bytes, **fields: str) -> tuple[bytes, str]:
    """A form with one file, and its type."""
    edge = secrets.token_hex(8)
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return b"".join([*parts, head, content, f"\r\n--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"


def attach(api: Api, ticket: int, name: str, content: bytes, **fields: str) -> Answer:
    """Sends a file, whatever the answer."""
    body, kind = form(name, content, **fields)
    try:
        return api.send("POST", f"/api/v1/tickets/{ticket}/attachments", body, Content_Type=kind)
    finally:
        api.close()


def fetch(url: str, **headers: str) -> tuple[int, dict, bytes]:
    """What is at an address, through nginx."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", stack().http_port, timeout=60)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", f"{address.path}?{address.query}", headers={"Host": address.netloc, **named})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


class Upload:
    """A file in pieces, by the tus protocol."""

    def __init__(self, api: Api, ticket: int, name: str, length: int) -> None:
        pairs = {"filename": name, "ticket_id": str(ticket)}
        said = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
        begun = api.send("POST", "/api/v1/uploads", b"", Tus_Resumable="1.0.0", Upload_Length=str(length), Upload_Metadata=said)
        assert begun.status == 201, begun.text
        self.api, self.path = api, begun.headers["location"]

    def send(self, offset: int, content: bytes) -> Answer:
        """Sends bytes from there on, whatever the answer."""
        kind = "application/offset+octet-stream"
        try:
            return self.api.send("PATCH", self.path, content, Content_Type=kind, Tus_Resumable="1.0.0", Upload_Offset=str(offset))
        finally:
            self.api.close()

    def offset(self) -> int:
        """How much of it is there."""
        return self.api.get(self.path)["offset"]
