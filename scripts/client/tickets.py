"""Tickets as people write and answer them."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "demo_data"

# How many of every hundred tickets end where: a busy but well-kept queue.
ENDS = [("open", 16), ("in_progress", 22), ("waiting_customer", 12), ("resolved", 14), ("closed", 34), ("duplicate", 2)]

# How content customers are: most of them are.
RATINGS = [1, 2, 3, 3, 4, 4, 4, 5, 5, 5, 5]


@dataclass
class Script:
    """What happens to one ticket."""

    subject: str
    description: str
    category: str
    priority: str
    order_id: str | None
    answer: str
    end: str
    talk: dict
    chance: random.Random

    def line(self, kind: str) -> str:
        """One of the phrases of a kind."""
        return self.chance.choice(self.talk[kind])


def load(name: str):
    """A file of the demo's texts."""
    return json.loads((DATA / f"{name}.json").read_text())


def scripts(customers: list[dict], count: int, seed: int = 20) -> list[tuple[dict, Script]]:
    """Who opens which ticket, in order; the same for the same seed. No text comes twice from one customer as long as
    there are others."""
    chance = random.Random(seed)
    talk = load("talk")
    ends = [end for end, weight in ENDS for _ in range(weight)]
    decks: dict[str, list] = {}
    made = []
    for number in range(count):
        customer = customers[number % len(customers)]
        language = customer["locale"]
        if not decks.get(language):
            decks[language] = deck(chance)
        model, problem = decks[language].pop()
        order = f"CMD-2026-{chance.randint(10000, 99999)}"
        words = {name: text.replace("{model}", model).replace("{order}", order) for name, text in problem[language].items()}
        named = any("{order}" in text for text in problem[language].values())
        made.append((customer, Script(
            **words, category=problem["category"], priority=problem["priority"],
            order_id=order if named or chance.random() < 0.5 else None,
            end=chance.choice(ends), talk=talk[language], chance=random.Random(chance.random()),
        )))
    return made


def deck(chance: random.Random) -> list[tuple[str, dict]]:
    """Every problem of every model once, shuffled."""
    cards = [(model, problem) for family in load("problems") for model in family["models"] for problem in family["problems"]]
    chance.shuffle(cards)
    return cards


def play(script: Script, customer, agent, colleague) -> None:
    """Opens the ticket as the customer and walks it to its end. `agent` and `colleague` are staff."""
    body = {"subject": script.subject, "description": script.description, "category": script.category, "priority": script.priority}
    if script.order_id:
        body["order_id"] = script.order_id
    ticket = customer.app.post("/api/v1/tickets", body)["id"]
    path = f"/api/v1/tickets/{ticket}"
    if script.end == "duplicate":
        colleague.app.post(f"{path}/status", {"status": "closed", "reason": script.talk["duplicate"]})
    if script.end in ("open", "duplicate"):
        return
    colleague.app.post(f"{path}/assign", {"assigned_to": agent.id})
    if script.chance.random() < 0.4:
        agent.app.post(f"{path}/messages", {"message": script.line("notes"), "is_internal": True})
    if script.end == "in_progress" and script.chance.random() < 0.3:
        return
    agent.app.post(f"{path}/messages", {"message": script.answer})
    if script.end == "in_progress":
        return
    converse(script, path, customer, agent)


def converse(script: Script, path: str, customer, agent) -> None:
    """From the first answer to the end."""
    if script.end == "waiting_customer" or script.chance.random() < 0.5:
        agent.app.post(f"{path}/messages", {"message": script.line("questions")})
        agent.app.post(f"{path}/status", {"status": "waiting_customer"})
        if script.end == "waiting_customer":
            return
        customer.app.post(f"{path}/messages", {"message": script.line("follow_ups")})
    agent.app.post(f"{path}/messages", {"message": script.line("solutions")})
    agent.app.post(f"{path}/status", {"status": "resolved"})
    if script.end == "closed":
        if script.chance.random() < 0.6:
            customer.app.post(f"{path}/messages", {"message": script.line("thanks"), "reopen": False})
        customer.app.post(f"{path}/status", {"status": "closed"})
    if script.chance.random() < 0.5:
        token = customer.app.get(f"{path}/csat")["token"]
        customer.app.post("/api/v1/csat", {"token": token, "rating": script.chance.choice(RATINGS)})
