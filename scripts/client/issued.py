"""What this program was given, or gave, and nobody else may read: tokens, keys, codes, links and passwords. A test looks for
them where they must not be."""

import json
import re

SENT = {"password", "new_password", "current_password", "refresh_token", "token", "recovery_code", "client_secret"}
GIVEN = {"access_token", "refresh_token", "challenge_token", "enrolment_token", "key", "secret", "recovery_codes", "token"}
COOKIE = re.compile(r"^[\w-]*hd_(?:refresh|device|sso)=([^;]+)", re.M)
LEAST = 12
"""Shorter ones, a one-time code for example, stand in many lines by chance."""

known: dict[str, str] = {}
"""What each of them is, by its text."""


def note(kind: str, secret) -> None:
    """Remembers one, or a list of them."""
    for text in secret if isinstance(secret, list) else [secret]:
        if isinstance(text, str) and len(text) >= LEAST:
            known[text] = kind


def of_kind(kind: str) -> set[str]:
    """Those of one kind."""
    return {text for text, its in known.items() if its == kind}


def note_sent(body) -> None:
    """Remembers the secrets in a request."""
    if isinstance(body, dict):
        for name in SENT & body.keys():
            note(f"{name} that was sent", body[name])


def note_given(path: str, headers: dict, text: str) -> None:
    """Remembers the secrets in an answer. Tickets and messages hold none."""
    for value in COOKIE.findall(headers.get("set-cookie", "")):
        note("cookie", value)
    if not any(f'"{name}"' in text for name in GIVEN) or "/tickets" in path or "json" not in headers.get("content-type", ""):
        return
    body = json.loads(text)
    if isinstance(body, dict):
        for name in GIVEN & body.keys():
            note(name, body[name])
