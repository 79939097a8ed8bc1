import type {
  Backup,
  Cluster,
  Drill,
  Invoice,
  Job,
  Migration,
  OperatorLogin,
  Plan,
  PlatformEntry,
  Tenant,
  Usage,
} from '~/api/types';

/** Somebody who runs the platform, signed in. */
export const olga: OperatorLogin = {
  access_token: 'token-of-olga',
  token_type: 'Bearer',
  expires_in: 28_800,
  operator: { id: 1, email: 'olga@platform.test', name: 'Olga Petrova' },
};

export function aTenant(change: Partial<Tenant> = {}): Tenant {
  return {
    id: '0190-acme',
    slug: 'acme',
    organisation: 'Acme',
    status: 'active',
    created_at: '2026-11-20T08:00:00Z',
    cluster: 'main',
    members: 12,
    ...change,
  };
}

export function aJob(change: Partial<Job> = {}): Job {
  return {
    id: '0191-job',
    kind: 'retire',
    tenant: null,
    cluster: 'main',
    step: 'drop',
    status: 'waiting',
    attempts: 0,
    last_error: null,
    done: 0,
    total: null,
    next_at: '2026-11-20T08:00:00Z',
    created_at: '2026-11-20T08:00:00Z',
    finished_at: null,
    ...change,
  };
}

export function anEntry(change: Partial<PlatformEntry> = {}): PlatformEntry {
  return {
    id: 1,
    at: '2026-11-20T08:00:00Z',
    actor: { kind: 'operator', id: 1 },
    action: 'TenantSuspended',
    resource: 'tenant:0190-acme',
    changes: { before: { status: 'active' }, after: { status: 'suspended' } },
    ip: null,
    request_id: null,
    outcome: 'success',
    ...change,
  };
}

export function aCluster(change: Partial<Cluster> = {}): Cluster {
  return {
    id: 1,
    name: 'main',
    host: '10.0.0.5',
    port: 5432,
    pooled: null,
    replica: null,
    accepting: true,
    tenants: 12,
    max_tenants: null,
    bytes: 2_500_000,
    max_bytes: null,
    connections: 20,
    max_connections: 100,
    spares: 0,
    answered_at: '2026-11-20T08:00:00Z',
    trouble: null,
    ...change,
  };
}

export function aRun(change: Partial<Migration> = {}): Migration {
  return {
    id: '0192-run',
    target_version: 4,
    digest: 'd1',
    state: 'running',
    reason: null,
    parallel: 4,
    max_failures: 1,
    wave: 1,
    total: 100,
    pending: 70,
    running: 4,
    done: 25,
    failed: 1,
    created_at: '2026-11-20T08:00:00Z',
    finished_at: null,
    ...change,
  };
}

export function aBackup(change: Partial<Backup> = {}): Backup {
  return {
    id: '0193-backup',
    tenant_id: '0190-acme',
    tenant: 'acme',
    taken_at: '2026-11-20T02:00:00Z',
    made_at: '2026-11-20T02:00:10Z',
    schema_version: 3,
    tables: 18,
    row_count: 12_345,
    dump_bytes: 1_500_000,
    files: 3,
    file_bytes: 500_000,
    is_kept: false,
    ...change,
  };
}

export function aDrill(change: Partial<Drill> = {}): Drill {
  return {
    id: '0194-drill',
    backup_id: '0193-backup',
    tenant_id: '0190-acme',
    tenant: 'acme',
    taken_at: '2026-11-20T02:00:00Z',
    started_at: '2026-11-20T03:00:00Z',
    ended_at: '2026-11-20T03:01:00Z',
    is_equal: true,
    row_count: 12_345,
    trouble: null,
    ...change,
  };
}

export function aPlan(change: Partial<Plan> = {}): Plan {
  return {
    code: 'team',
    name: 'Team',
    agents: 3,
    tickets_a_month: 100,
    storage_bytes: 10_737_418_240,
    storage_files: 20_000,
    uploads_a_day: 2_000,
    requests_a_minute: 600,
    connections: null,
    audit_months: 60,
    price: 4900,
    extra_ticket: null,
    currency: 'EUR',
    is_default: false,
    version: 1,
    ...change,
  };
}

/** What a tenant has of `aPlan`: far from its limits. */
export function aUsage(change: Partial<Usage> = {}): Usage {
  return {
    plan: aPlan(),
    since: '2026-11-02T08:00:00Z',
    month: '2026-11',
    used: { agents: 1, invited: 0, tickets: 12 },
    over: [],
    credits: null,
    ...change,
  };
}

/** Half a month of a plan with tax, of which credits have paid a part. */
export function anInvoice(change: Partial<Invoice> = {}): Invoice {
  return {
    id: '0195-invoice',
    tenant_id: '0190-acme',
    tenant: 'acme',
    period: '2026-10-01',
    state: 'issued',
    number: '2026-000007',
    organisation: 'Acme',
    currency: 'EUR',
    subtotal: 2607,
    tax_rate: 2000,
    tax: 521,
    total: 3128,
    credits: 128,
    due: 3000,
    payment: null,
    refusal: null,
    issued_at: '2026-11-01T01:00:00Z',
    paid_at: null,
    voided_at: null,
    lines: [
      {
        kind: 'plan',
        plan: 'team',
        starts: '2026-10-17',
        ends: '2026-11-01',
        quantity: 15,
        unit: 4900,
        amount: 2371,
      },
      {
        kind: 'extra_tickets',
        plan: 'team',
        starts: '2026-10-01',
        ends: '2026-11-01',
        quantity: 1,
        unit: 236,
        amount: 236,
      },
    ],
    ...change,
  };
}
