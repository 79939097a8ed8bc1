"""The mail catcher, read by IMAP as a person's mail program would."""

import email
import email.policy
import imaplib
import re
import time

from . import issued
from .stack import Stack

TOKEN = re.compile(r"token=([A-Za-z0-9._~-]+)")


class Mailbox:
    """The mails of one address."""

    def __init__(self, stack: Stack, address: str) -> None:
        host, port, password = stack.imap()
        self.address = address
        self.imap = imaplib.IMAP4(host, port, timeout=10)
        self.imap.login(address, password)

    def __enter__(self) -> "Mailbox":
        return self

    def __exit__(self, *_exception) -> None:
        try:
            self.imap.logout()
        except imaplib.IMAP4.error:
            pass

    def mails(self) -> list[email.message.EmailMessage]:
        """All mails, oldest first."""
        self.imap.select("INBOX", readonly=True)
        _, found = self.imap.search(None, "ALL")
        mails = []
        for number in found[0].split():
            _, parts = self.imap.fetch(number, "(RFC822)")
            # Word of a mail that comes meanwhile may stand before the one that was asked for.
            body = next(part[1] for part in parts if isinstance(part, tuple))
            mails.append(email.message_from_bytes(body, policy=email.policy.default))
            issued.note("link", TOKEN.findall(text_of(mails[-1])))
        return mails

    def wait_for(self, wanted, seconds: float = 20) -> email.message.EmailMessage:
        """The newest mail that `wanted` says yes to; waits for it to come."""
        deadline = time.monotonic() + seconds
        while True:
            for mail in reversed(self.mails()):
                if wanted(mail):
                    return mail
            if time.monotonic() > deadline:
                raise TimeoutError(f"no such mail for {self.address}")
            time.sleep(0.2)

    def wait_for_token(self, seconds: float = 20) -> str:
        """The token of the newest mail that has a link with one."""
        mail = self.wait_for(lambda mail: TOKEN.search(text_of(mail)), seconds)
        return TOKEN.search(text_of(mail)).group(1)


def text_of(mail: email.message.EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain", "html"))
    return body.get_content() if body else ""
