"""What runs where: reads stack.env."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]


class Stack:
    """The stack of HD_LOCAL_DIR (or .local): its addresses, logins and pid files."""

    def __init__(self) -> None:
        folder = Path(os.environ.get("HD_LOCAL_DIR") or ROOT / ".local")
        lines = (folder / "stack.env").read_text().splitlines()
        self.folder = folder
        self.values = dict(line.split("=", 1) for line in lines if "=" in line)

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def http_port(self) -> int:
        """nginx's port."""
        return int(self["HD_PORT"])

    def host(self, slug: str) -> str:
        """The Host header of a tenant, as a browser sends it."""
        return f"{slug}.{self['HD_DOMAIN']}:{self.http_port}"

    def pid(self, name: str) -> int:
        """The process id of a part, for example `postgres`."""
        return int(Path(self["PID_" + name.upper().replace("-", "_")]).read_text())

    def imap(self) -> tuple[str, int, str]:
        """Host, port and password of the mail catcher."""
        url = urlsplit(self["MAIL_IMAP_URL"])
        return url.hostname, url.port, unquote(url.password)
