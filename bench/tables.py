#!/usr/bin/env python3
"""Writes the lines of `scripts/bench tickets` as the tables of docs/performance.md: `bench/tables.py < bench/tickets.jsonl`."""

import json
import sys

HEAD = """| work | connections | requests/s | p50 ms | p95 ms | p99 ms | bare handler, requests/s | share of it | bare SQL, a second | share of it |
|---|---|---|---|---|---|---|---|---|---|"""
OTHERS = {"tenant filled": ("seconds", "mib"), "resident memory before, MiB": ("control-api", "app-api"), "resident memory after, MiB": ("control-api", "app-api")}


def row(figure: dict) -> str:
    """One piece of work."""
    name = figure["work"].replace("_", " ") + ("" if figure.get("met", True) else " (misses its target)")
    errors = f", {figure['errors']} errors" if figure["errors"] else ""
    cells = [name, figure["connections"], f"{figure['rps']:,}{errors}".replace(",", " "), figure["p50_ms"], figure["p95_ms"], figure["p99_ms"],
             f"{figure['bare_rps']:,}".replace(",", " "), figure["share_of_bare"], f"{figure['sql_rps']:,}".replace(",", " "), figure["share_of_sql"]]
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    """A table for each size of the tenant."""
    figures = [json.loads(line) for line in sys.stdin if line.startswith("{")]
    for size in dict.fromkeys(figure["tickets"] for figure in figures if "tickets" in figure):
        print(f"\n### {size:,} tickets\n".replace(",", " "))
        for figure in figures:
            if figure.get("tickets") == size and figure["figure"] in OTHERS:
                print(f"- {figure['figure']}:", ", ".join(f"{name} {figure[name]}" for name in OTHERS[figure["figure"]]))
        print("\n" + HEAD)
        print("\n".join(row(figure) for figure in figures if figure["figure"] == "work" and figure["tickets"] == size))


if __name__ == "__main__":
    main()
