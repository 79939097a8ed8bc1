"""The authenticator apps of the people whom programs play: one-time codes (RFC 6238), kept beside the stack.

A code is accepted once, and none from before it; a phone remembers which it has shown. Run as a program it prints the
next code of a secret: `python3 -m client.phone SECRET`.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import struct
import sys
import time
from pathlib import Path

STEP = 30


def code_at(secret: str, step: int) -> str:
    """The code of a time step."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    number = struct.unpack(">I", digest[digest[-1] & 15:][:4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


class Phones:
    """Everybody's phone, in a file: several programs play the same people one after the other."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "phones.json"

    def knows(self, email: str) -> bool:
        """Whether somebody has set up a phone."""
        return email in self.change(lambda phones: list(phones))

    def secret(self, email: str) -> str:
        """The secret in somebody's phone."""
        return self.change(lambda phones: phones[email]["secret"])

    def keep(self, email: str, secret: str) -> None:
        """Somebody sets up their phone."""
        self.change(lambda phones: phones.update({email: {"secret": secret, "shown": 0}}))

    def code(self, email: str) -> str:
        """The next code that will be accepted. The service takes those of its neighbouring steps too, so three can be
        shown within one step; whoever needs more waits for the clock."""
        if not self.knows(email):
            raise LookupError(f"the phone of {email} is gone; see control-api identities reset-2fa")
        while True:
            step = self.change(lambda phones: self.next_step(phones[email]))
            if step:
                return code_at(self.secret(email), step)
            time.sleep(STEP - time.time() % STEP)

    @staticmethod
    def next_step(phone: dict) -> int | None:
        """Takes the first step after the one shown last, if the service takes it already."""
        now = int(time.time()) // STEP
        step = max(phone["shown"] + 1, now)
        if step > now + 1:
            return None
        phone["shown"] = step
        return step

    def change(self, work):
        """Reads the phones, lets `work` change them, and keeps them; nobody else does so meanwhile."""
        with open(self.path, "a+", encoding="utf-8") as file:
            self.path.chmod(0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            phones = json.loads(file.read() or "{}")
            result = work(phones)
            file.seek(0)
            file.truncate()
            json.dump(phones, file)
        return result


if __name__ == "__main__":
    print(code_at(sys.argv[1], int(time.time()) // STEP))
