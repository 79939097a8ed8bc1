"""The audit trails of the running stack: what was refused is written, months are made and rows sealed without anybody
asking, and the command finds what was changed afterwards."""

import json
import secrets

from client.past import sql, tenant_database

from .world import Case, acme, command, eventually, globex, opened, part, stack

NOW = "date_trunc('month', now() at time zone 'UTC') at time zone 'UTC'"
NOBODY_HAS_MADE_MONTHS = f"""
do $$
declare
    next timestamptz := {NOW} + interval '1 month';
    ahead text;
begin
    -- As their owner: whoever makes months must be able to part with these.
    execute format('set local role %I', (select tableowner from pg_tables where schemaname = 'audit' and tablename = 'partitions'));
    for ahead in select name from audit.partitions where starts >= next loop
        execute format('alter table audit_logs detach partition audit.%I', ahead);
        execute format('drop table audit.%I', ahead);
        delete from audit.partitions where name = ahead;
    end loop;
    perform audit.add('logs_ahead', next, 'infinity');
end
$$;
"""
MONTHS_AHEAD = f"select count(*) from audit.partitions where starts > {NOW} and ends < 'infinity'"
UNSEALED = "select count(*) from audit_logs log where id <= {last} and not exists (select from audit_seals where ids @> log.id)"
LAST = "select max(id) from audit_logs"
CHANGE = """
set session_replication_role = replica;
update audit_logs set user_agent = {agent} where id = {row};
"""


class Trails(Case):
    """Of both planes."""

    @classmethod
    def setUpClass(cls) -> None:
        for world in (acme(), globex()):
            opened(world.chloe)
        superuser = stack()["SUPERUSER_DATABASE_URL"]
        control = sql(stack()["CONTROL_DATABASE_URL"], "select current_database()")
        cls.control = superuser.rsplit("/", 1)[0] + f"/{control}"
        cls.tenant = tenant_database(stack(), acme().slug)
        cls.trails = {"control": cls.control, "acme": cls.tenant, "globex": tenant_database(stack(), globex().slug)}

    def test_what_was_refused_is_found_in_the_trail_of_its_plane(self) -> None:
        chloe, ticket = acme().chloe, opened(acme().chloe)["id"]
        refused = [
            (self.control, chloe.control, "POST", "/api/v1/invitations", {"email": "x@y.example", "role": "admin"}, "POST /api/v1/invitations"),
            (self.tenant, chloe.app, "POST", f"/api/v1/tickets/{ticket}/assign", {"assigned_to": None}, "POST /api/v1/tickets/{ticket}/assign"),
        ]
        for database, api, method, path, body, action in refused:
            request = f"refused-{secrets.token_hex(8)}"
            self.assert_problem(api.send(method, path, body, X_Request_Id=request), 403, "forbidden")
            asked = f"""select coalesce(jsonb_agg(jsonb_build_array(outcome, status, code, action, actor ->> 'id')), '[]')
                from audit_logs where request_id = '{request}'"""
            rows = eventually(5, lambda database=database, asked=asked: json.loads(sql(database, asked)))
            self.assertEqual(rows, [["error", 403, "forbidden", action, str(chloe.id)]])

    def test_after_a_restart_months_are_made_and_what_is_there_is_sealed(self) -> None:
        for plane in ("control-api", "app-api"):
            part("stop", plane)
            # Whatever becomes of this test: what runs already is not started again.
            self.addCleanup(part, "start", plane)
        last = {name: int(sql(database, LAST)) for name, database in self.trails.items()}
        for database in self.trails.values():
            sql(database, NOBODY_HAS_MADE_MONTHS)
            self.assertEqual(sql(database, MONTHS_AHEAD), "0")
        for plane in ("control-api", "app-api"):
            part("start", plane)
        for api in (acme().chloe, acme().admin):
            api.close()
        for name, database in self.trails.items():
            eventually(60, lambda database=database: int(sql(database, MONTHS_AHEAD)) >= 3)
            eventually(60, lambda name=name, database=database: sql(database, UNSEALED.format(last=last[name])) == "0")

    def verify(self, *which: str) -> tuple[int, dict[str, dict]]:
        """The command's exit code, and what it says of each trail."""
        done = command("audit", "verify", *which)
        said = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, {trail["trail"]: trail for trail in said}

    def test_the_command_finds_all_trails_sound_and_a_changed_row_wherever_it_is(self) -> None:
        row = int(sql(self.tenant, LAST))
        # Sealed when a round begins, and the first one begins with the process.
        part("stop", "app-api")
        part("start", "app-api")
        acme().chloe.app.close()
        eventually(60, lambda: sql(self.tenant, UNSEALED.format(last=row)) == "0")
        code, said = self.verify("--all")
        self.assertEqual((code, [trail for trail in said.values() if not trail["sound"]]), (0, []))
        self.assertLessEqual({"control", acme().slug, globex().slug}, said.keys())
        for name in ("control", acme().slug):
            self.assertGreater(said[name]["seals"], 0, said[name])
            self.assertGreater(said[name]["rows"], 0, said[name])
        before = sql(self.tenant, f"select quote_nullable(user_agent) from audit_logs where id = {row}")
        sql(self.tenant, CHANGE.format(agent="'Somebody else'", row=row))
        self.addCleanup(sql, self.tenant, CHANGE.format(agent=before, row=row))
        code, said = self.verify("--tenant", acme().slug)
        self.assertEqual((code, said[acme().slug]["sound"]), (1, False), said)
        self.assertTrue(said[acme().slug]["findings"])
        code, said = self.verify("--all")
        self.assertEqual((code, [name for name, trail in said.items() if not trail["sound"]]), (1, [acme().slug]))
