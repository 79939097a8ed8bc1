// Time that passes without anybody waiting for it: what the database knows is moved back.
import { execFileSync } from 'node:child_process';

/** Makes it an hour since a person proved who they are, in all their sessions. */
export function proofsAgeFor(email) {
  change({
    sql: `update sessions set created_at = created_at - interval '1 hour', proved_at = proved_at - interval '1 hour'
      where user_id = (select id from users where email = :'email');`,
    email,
  });
}

/** Makes an organisation one that has been served, and has had a plan, since the month before began: it owes for that one. */
export function planHeldFor(slug, plan) {
  change({
    sql: `insert into plan_changes (tenant_id, plan, since, asked_by)
      select id, :'plan', date_trunc('month', now()) - interval '1 month', '{"kind": "system"}' from tenants where slug = :'slug';
      update provisionings set finished_at = date_trunc('month', now()) - interval '1 month'
      where tenant_id = (select id from tenants where slug = :'slug');`,
    ...{ slug, plan },
  });
}

function change({ sql, ...values }) {
  const { hostname, port, username, password, pathname } = new URL(
    process.env.CONTROL_DATABASE_URL,
  );
  // The password goes by environment: everybody may read command lines.
  const place = {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
  };
  const named = Object.entries(values).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
  const options = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...named, '-f', '-'];
  execFileSync('psql', options, { input: sql, env: { ...process.env, ...place } });
}
