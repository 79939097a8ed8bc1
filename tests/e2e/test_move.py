"""A tenant moves from one PostgreSQL server to the other under load, and nobody notices but by a short wait."""

import json
import os
import subprocess
import threading
import time

from client.past import sql, tenant_database

from .moving import Load, cluster, other, reader, replier, writer
from .stream import Stream
from .world import Case, World, command, eventually, opened, part, settings, stack


def leftovers(database: str) -> str:
    """What a move could leave behind on a server."""
    return sql(database, """select (select count(*) from pg_replication_slots where slot_name like 'tenant_movers%'),
        (select count(*) from pg_subscription)""")


class Moves(Case):
    """Each test moves the organisation of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.world = World("movers")
        command("clusters", "set", "second", "--accepting")
        cls.addClassCleanup(command, "clusters", "set", "second", "--closed")

    def move(self, to: str) -> dict:
        """On the command line, until it is there."""
        done = command("tenants", "move", self.world.slug, "--to", to, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_under_load_there_and_back(self) -> None:
        world, stop = self.world, threading.Event()
        ticket = opened(world.chloe, "Talked about")["id"]
        stream = Stream(world, world.manager)
        eventually(5, lambda: stream.events)
        writers = [Load(writer(person), stop) for person in (world.chloe, world.carl, world.ana) for _ in range(2)]
        repliers = [Load(replier(person, ticket), stop) for person in (world.ana, world.chloe)]
        readers = [Load(reader(world.manager), stop) for _ in range(2)]
        try:
            for _ in "there", "back":
                to = other(world)
                self.assertEqual(self.move(to)["status"], "done")
                self.assertEqual(cluster(world), to)
                time.sleep(0.5)
        finally:
            stop.set()
        for load in writers + repliers + readers:
            load.join(15)
            self.assertEqual(load.wrong, [])
        database = tenant_database(stack(), world.slug)
        self.hold_once(database, "select subject from support_tickets", writers)
        self.hold_once(database, "select message from ticket_messages", repliers)
        waits = {"writers": max(load.longest for load in writers + repliers), "readers": max(load.longest for load in readers)}
        print("\nfrom a move, longest waits:", {who: f"{wait * 1e3:.0f} ms" for who, wait in waits.items()},
              "tickets and messages written:", sum(len(load.done) for load in writers + repliers))
        # Writers wait for the switch, less than 1.2 s; who reads waits for a new pool alone. The rest is for a slow machine.
        self.assertLess(waits["writers"], 2.5)
        self.assertLess(waits["readers"], 2.5)
        for load in readers:
            self.assertGreater(len(load.done), 20, "it has read all the time")
        # The stream ended with its database and is to come back with what its last id says: fetch everything anew.
        again = Stream(world, world.manager, stream.last_id)
        eventually(5, lambda: [event["event"] for event in again.events][:1] == ["resync"])
        told = opened(world.chloe, "After the move")["id"]
        eventually(5, lambda: again.of(told))
        again.close()

    def hold_once(self, database: str, query: str, loads: list[Load]) -> None:
        """Every acknowledged write is there exactly once, and nothing besides."""
        held = sorted(line.split(" ")[1] for line in sql(database, query).splitlines() if line.startswith("Moved "))
        wanted = sorted(key for load in loads for key in load.done)
        self.assertGreater(len(wanted), 20)
        self.assertEqual(held, wanted)

    def test_killed_in_the_middle_it_is_there_in_the_end(self) -> None:
        world = self.world
        for place in ("move.copy.performed", "move.switch.performed", "move.switch.noted"):
            with self.subTest(place):
                to = other(world)
                self.dies_at(place, to)
                eventually(40, lambda to=to: cluster(world) == to)
                key = f"After {place}"
                eventually(10, lambda key=key: opened(world.chloe, key))
                eventually(20, lambda: sql(stack()["CONTROL_DATABASE_URL"],
                           "select count(*) from jobs where kind = 'move' and finished_at is null") == "0")
        for url in ("SUPERUSER_DATABASE_URL", "SECOND_SUPERUSER_DATABASE_URL"):
            self.assertEqual(leftovers(stack()[url]), "0|0")

    def dies_at(self, place: str, to: str) -> None:
        """control-api begins to move the organisation, dies at that point, and is started again."""
        environment = {**settings("control-api"), "HD_CRASH_AT": place}
        program = os.readlink(f"/proc/{stack().pid('control-api')}/exe")
        part("kill", "control-api")
        with subprocess.Popen([program, "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as doomed:
            try:
                asked = [program, "tenants", "move", self.world.slug, "--to", to, "--no-wait"]
                subprocess.run(asked, env=environment, check=True, capture_output=True, timeout=20)
                self.assertNotEqual(doomed.wait(30), 0)
            finally:
                doomed.kill()
        # Nobody waits for the dead one's lease.
        sql(stack()["CONTROL_DATABASE_URL"], "update jobs set leased_until = now() where kind = 'move' and finished_at is null")
        part("start", "control-api")
