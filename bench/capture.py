"""The statements with which app-api does a piece of work, read from PostgreSQL's log: so what is measured beside it, by pgbench and
by the bare handler (bench/ceiling), is the same SQL, whatever becomes of app-api."""

import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from client.past import sql
from client.stack import Stack

ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \w+ \[(\d+)\] (?:\S+@(\S+) )?(\w+):  (.*)", re.S)
SAID = re.compile(r"(?:execute [^:]+|statement): (.*)", re.S)
VALUE = re.compile(r"\$(\d+) = (?:(NULL)|'((?:[^']|'')*)')")
NUMBER = re.compile(r"TKT-[2-9A-Z]{8}")
SET = re.compile(r"set local (\w+) = '?([\w.]+)'?")
LEAVE = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
TRIES = 4


@dataclass
class Work:
    """Statements in their order, with their values: a text, None, or what is drawn each time anew."""

    begin: str | None = None
    steps: list[dict] = field(default_factory=list)
    commits: bool = False

    def settings(self) -> dict[str, str]:
        """How its statements are planned: once for all values, unless it says another thing."""
        return {"plan_cache_mode": "force_generic_plan", **dict(SET.findall(self.begin or ""))}

    def script(self) -> tuple[str, dict[str, str]]:
        """The same for pgbench, and the values of its variables; tickets are drawn from `:first` to `:last`."""
        lines, values = ["begin;"] if self.begin else [], {}
        for n, step in enumerate(self.steps):
            def named(found: re.Match, n: int = n, step: dict = step) -> str:
                value = step["values"][int(found[1]) - 1]
                if value is None:
                    return "null"
                if isinstance(value, dict):
                    return {"id": ":id", "number": "('TKT-P' || :number)", "uuid": "gen_random_uuid()"}[value["draw"]]
                values[f"v{n}_{found[1]}"] = value
                return f":v{n}_{found[1]}"
            text = re.sub(r'as "(\w+)[!?:][^"]*"', r"as \1", re.sub(r"\$(\d+)", named, step["sql"]))
            lines.append(text + (r" \gset" if step["opens"] else ";"))
        lines += ["commit;"] if self.begin else []
        drawn = [r"\set id random(:first, :last)", r"\set number random(1, 1000000000000)"]
        return "\n".join(drawn + lines) + "\n", values


class Log:
    """One tenant's statements while they are logged."""

    def __init__(self, stack: Stack, database: str) -> None:
        self.database, self.name = database, urlsplit(database).path[1:]
        self.path = stack.folder / "log" / f"{self.server(stack)}.log"

    def server(self, stack: Stack) -> str:
        """Which of the stack's servers it is."""
        return "postgres" if urlsplit(stack["SUPERUSER_DATABASE_URL"]).port == urlsplit(self.database).port else "postgres-2"

    def __enter__(self) -> "Log":
        self.each_connection(f'alter database "{self.name}" set log_statement = \'all\'')
        return self

    def __exit__(self, *_) -> None:
        self.each_connection(f'alter database "{self.name}" reset log_statement')

    def each_connection(self, setting: str) -> None:
        """Sets it for all connections: those from before end, and are missed by nobody after a rest."""
        sql(self.database, f"{setting}; {LEAVE}")
        time.sleep(1)

    def work(self, request, ticket: int, holds: str) -> Work:
        """The statements of `request`, which asks for that ticket, or answers with the id of the one that it opened; one of them `holds`
        that text. Asked several times: a first one also reads who asks, and others may be at work beside it."""
        found = []
        for _ in range(TRIES):
            size = self.path.stat().st_size
            opened = request()
            time.sleep(0.3)
            found += [one for one in works(self.entries(size), opened or ticket) if any(holds in step["sql"] for step in one.steps)]
        return min(found, key=lambda one: len(one.steps))

    def entries(self, since: int) -> list[tuple[int, str, str]]:
        """What this database's servers have logged behind that place: process, kind and text."""
        with open(self.path, encoding="utf-8") as file:
            file.seek(since)
            parts = re.split(r"^(?=\d{4}-\d\d-\d\d )", file.read(), flags=re.M)
        found = [ENTRY.match(part.rstrip("\n").replace("\n\t", "\n")) for part in parts]
        return [(int(entry[1]), entry[3], entry[4]) for entry in found if entry and entry[2] == self.name]


def works(entries: list[tuple[int, str, str]], ticket: int) -> list[Work]:
    """What each process did: its transactions, and what it asked outside of them."""
    by_process: dict[int, list[tuple[str, str]]] = {}
    for process, kind, text in entries:
        by_process.setdefault(process, []).append((kind, text))
    return [one for lines in by_process.values() for one in works_of(lines, ticket)]


def works_of(lines: list[tuple[str, str]], ticket: int) -> list[Work]:
    """The same of one process."""
    done, now = [], Work()
    for kind, text in lines:
        said = SAID.match(text)
        if kind == "LOG" and said:
            word = said[1].lower().split(";")[0]
            if word in ("commit", "rollback"):
                done.append(Work(now.begin, now.steps, word == "commit"))
                now = Work()
            elif word.startswith("begin"):
                done.append(now)
                now = Work(said[1])
            elif text.startswith("execute"):
                now.steps.append({"sql": said[1], "values": [], "opens": "insert into support_tickets" in said[1]})
        elif kind == "DETAIL" and text.startswith("parameters: ") and now.steps:
            values = [None if null else value.replace("''", "'") for _, null, value in VALUE.findall(text)]
            now.steps[-1]["values"] = [drawn(now.steps[-1]["sql"], n, value, ticket) for n, value in enumerate(values)]
    return [*done, now]


def drawn(statement: str, place: int, value: str | None, ticket: int):
    """What must be another one each time: the ticket, the number of a new one, the id of an event."""
    if value == str(ticket):
        return {"draw": "id"}
    if value and NUMBER.fullmatch(value):
        return {"draw": "number"}
    if "insert into events" in statement and place == 0:
        return {"draw": "uuid"}
    return value
