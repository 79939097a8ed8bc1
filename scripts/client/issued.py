"""What this program was given, or gave, and nobody else may read: tokens, keys, codes, links and passwords. A test looks for
them where they must not be; several programs, the browser's tests too (web/e2e/issued.mjs), add to one file."""

import json
import os
import re
from pathlib import Path

SENT = {"password", "new_password", "current_password", "refresh_token", "token", "recovery_code", "client_secret"}
GIVEN = {"access_token", "refresh_token", "challenge_token", "enrolment_token", "key", "secret", "recovery_codes", "token"}
OPERATORS = "/api/v1/operator/"
COOKIE = re.compile(r"^[\w-]*hd_(?:refresh|device|sso)=([^;]+)", re.M)
LEAST = 12
"""Shorter ones, a one-time code for example, stand in many lines by chance."""

known: dict[str, str] = {}
"""What each of them is, by its text."""

_file: Path | None = None


def keep_in(folder: Path) -> None:
    """Writes those so far, and from now on each, into the folder's file, which its owner alone may read."""
    global _file
    _file = folder / "issued.jsonl"
    for text, kind in known.items():
        _write(kind, text)


def all_in(folder: Path) -> dict[str, str]:
    """What each of them is that any program has written there."""
    found: dict[str, str] = {}
    with open(folder / "issued.jsonl", encoding="utf-8") as lines:
        for entry in map(json.loads, lines):
            found.setdefault(entry["text"], entry["kind"])
    return found


def _write(kind: str, text: str) -> None:
    """Appends one line at once: nobody's comes into the middle of it."""
    if _file is None:
        return
    with open(os.open(_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb") as file:
        file.write(json.dumps({"kind": kind, "text": text}).encode() + b"\n")


def note(kind: str, secret) -> None:
    """Remembers one, or a list of them, as what it was first."""
    for text in secret if isinstance(secret, list) else [secret]:
        if isinstance(text, str) and len(text) >= LEAST and text not in known:
            known[text] = kind
            _write(kind, text)


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
        whose = "operator's " if path.startswith(OPERATORS) else ""
        for name in GIVEN & body.keys():
            note(whose + name, body[name])
