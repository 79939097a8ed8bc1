"""The object store itself, asked as app-api asks it: what a file costs there alone."""

import hashlib
import hmac
import http.client
from datetime import datetime, timezone
from urllib.parse import urlsplit

from client.stack import Stack

REGION, UNSIGNED = "us-east-1", "UNSIGNED-PAYLOAD"


class Store:
    """One connection to the store."""

    def __init__(self, stack: Stack) -> None:
        self.keys, self.bucket = (stack["S3_ACCESS_KEY"], stack["S3_SECRET_KEY"]), stack["S3_BUCKET"]
        self.host = urlsplit(stack["S3_ENDPOINT"]).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=600)

    def ask(self, method: str, key: str, body: bytes | None = None) -> int:
        """One signed request (AWS Signature Version 4) that must succeed; the bytes that came."""
        path = f"/{self.bucket}/{key}"
        self.connection.request(method, path, body, self._signed(method, path))
        response, came = self.connection.getresponse(), 0
        while piece := response.read(1 << 20):
            came += len(piece)
        assert response.status in (200, 204), response.status
        return came

    def _signed(self, method: str, path: str) -> dict:
        now = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        headers = {"host": self.host, "x-amz-content-sha256": UNSIGNED, "x-amz-date": now}
        names, scope = ";".join(headers), f"{now[:8]}/{REGION}/s3/aws4_request"
        canonical = "\n".join([method, path, "", *(f"{name}:{value}" for name, value in headers.items()), "", names, UNSIGNED])
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        key = f"AWS4{self.keys[1]}".encode()
        for part in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{digest}"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        proof = f"AWS4-HMAC-SHA256 Credential={self.keys[0]}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
        return {**headers, "Authorization": proof}
