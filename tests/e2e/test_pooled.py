"""The same product with the tenants' connections through PgBouncer."""

from client.past import sql

from .world import Case, opened, acme, stack


class Pooled(Case):
    """Runs when the APIs were started with TENANT_ROUTE=pooled."""

    def test_the_way_really_is_through_pgbouncer(self) -> None:
        opened(acme().chloe, "Pooled")
        asked = sql(stack()["SUPERUSER_DATABASE_URL"],
                    "select count(*) from pg_stat_activity where usename = 'pgbouncer' and datname like 'tenant_acme%'")
        self.assertGreaterEqual(int(asked), 1)
