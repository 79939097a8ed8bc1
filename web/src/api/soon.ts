import type { paths as Control } from './control';

/**
 * Calls whose documents are not on the main branch yet, as they were agreed. What `control.d.ts`
 * knows wins, so a shape that landed is no longer read from here.
 */
type Json<T> = { content: { 'application/json': T } };
type Given<Path, Query> = { query?: Query; header?: never; cookie?: never } & ([Path] extends [
  never,
]
  ? { path?: never }
  : { path: Path });
type Send<In, Out, Status extends number, Path = never> = {
  parameters: Given<Path, never>;
  requestBody: Json<In>;
  responses: { [S in Status]: Out extends null ? { content?: never } : Json<Out> };
};
type Ask<Out, Query = never> = {
  parameters: Given<never, Query>;
  responses: { 200: Json<Out> };
};
type Drop<Path = never> = {
  parameters: Given<Path, never>;
  responses: { 204: { content?: never } };
};
type Page<T> = { data: T[]; page: { next_cursor?: string | null; limit: number } };
type ById = { id: number };

type LoggedIn =
  Control['/api/v1/auth/refresh']['post']['responses'][200]['content']['application/json'];
type User = Control['/api/v1/auth/login']['post']['responses'][200]['content']['application/json'];
type Ceremony = { ceremony: string; options: unknown };
type Finish = { ceremony: string; credential: unknown };
type Passkey = { id: number; name: string; created_at: string; last_used_at?: string | null };
type Key = {
  id: number;
  name: string;
  prefix: string;
  scopes: string[];
  expires_at?: string | null;
  last_used_at?: string | null;
  created_by: number;
  created_at: string;
};
type Provider = {
  issuer: string;
  client_id: string;
  name: string;
  domains: string[];
  default_role: 'customer' | 'agent';
  enabled: boolean;
};
type SessionEntry = {
  id: string;
  current: boolean;
  client: 'api' | 'browser';
  device: { browser: string | null; system: string | null; kind: string };
  place?: string | null;
  ip?: string | null;
  amr: string[];
  created_at: string;
  last_used_at: string;
};
type AuditEntry = {
  id: string;
  at: string;
  actor: { kind: string; id?: number; role?: string; name?: string; key?: string };
  action: string;
  resource: string;
  changes: unknown;
  ip?: string | null;
  user_agent?: string | null;
  request_id?: string | null;
  outcome: 'success' | 'error';
  status?: number | null;
  code?: string | null;
  duration_ms?: number | null;
};
type AuditFilter = {
  user?: number;
  action?: string;
  resource?: string;
  from?: string;
  to?: string;
  outcome?: string;
  limit?: number;
  cursor?: string;
};
type SupportAccess = {
  id: number;
  hours: number;
  reason: string;
  granted_by: number;
  created_at: string;
  ends_at: string;
  ended_at?: string | null;
};

export interface Soon {
  '/api/v1/auth/methods': {
    get: Ask<{
      password: boolean;
      passkey: boolean;
      magic_link: boolean;
      sso: { name: string } | null;
    }>;
  };
  '/api/v1/auth/2fa': {
    get: Ask<{ totp: boolean; passkeys: number; recovery_codes_left: number; required: boolean }>;
  };
  '/api/v1/auth/2fa/setup': {
    post: Ask<{ secret: string; otpauth_url: string; qr_code: string }>;
  };
  '/api/v1/auth/2fa/enable': {
    post: Send<{ code: string }, { recovery_codes: string[] } & Partial<LoggedIn>, 200>;
  };
  '/api/v1/auth/2fa/verify': {
    post: Send<{ challenge_token: string; code?: string; recovery_code?: string }, LoggedIn, 200>;
  };
  '/api/v1/auth/2fa/disable': { post: Send<{ password: string; code: string }, null, 204> };
  '/api/v1/auth/2fa/recovery-codes': { post: Ask<{ recovery_codes: string[] }> };
  '/api/v1/auth/step-up': {
    post: Send<{ password?: string; code?: string; recovery_code?: string }, null, 204>;
  };
  '/api/v1/auth/2fa/passkey/start': { post: Send<{ challenge_token: string }, Ceremony, 200> };
  '/api/v1/auth/2fa/passkey/finish': { post: Send<Finish, User, 200> };
  '/api/v1/auth/step-up/passkey/start': { post: Send<Record<string, never>, Ceremony, 200> };
  '/api/v1/auth/step-up/passkey/finish': { post: Send<Finish, null, 204> };
  '/api/v1/auth/passkeys': { get: Ask<{ data: Passkey[] }> };
  '/api/v1/auth/passkeys/{id}': {
    patch: Send<{ name: string }, Passkey, 200, ById>;
    delete: Drop<ById>;
  };
  '/api/v1/auth/passkeys/register/start': { post: Send<{ name: string }, Ceremony, 200> };
  '/api/v1/auth/passkeys/register/finish': {
    post: Send<Finish, Passkey & Partial<LoggedIn> & { recovery_codes?: string[] }, 201>;
  };
  '/api/v1/auth/passkeys/login/start': { post: Send<{ client: 'browser' }, Ceremony, 200> };
  '/api/v1/auth/passkeys/login/finish': { post: Send<Finish, User, 200> };
  '/api/v1/auth/password/forgot': { post: Send<{ email: string }, null, 202> };
  '/api/v1/auth/password/reset': { post: Send<{ token: string; password: string }, null, 204> };
  '/api/v1/auth/password/change': {
    post: Send<{ current_password: string; new_password: string }, null, 204>;
  };
  '/api/v1/auth/email/change': { post: Send<{ email: string; password: string }, null, 202> };
  '/api/v1/auth/email/change/confirm': { post: Send<{ token: string }, null, 204> };
  '/api/v1/auth/magic-link': { post: Send<{ email: string }, null, 202> };
  '/api/v1/auth/magic-link/login': { post: Send<{ token: string; client: 'browser' }, User, 200> };
  '/api/v1/auth/sessions': { get: Ask<Page<SessionEntry>, { limit?: number; cursor?: string }> };
  '/api/v1/auth/sessions/{id}': { delete: Drop<{ id: string }> };
  '/api/v1/api-keys': {
    get: Ask<Page<Key>, { limit?: number; cursor?: string }>;
    post: Send<{ name: string; scopes: string[]; expires_at?: string }, Key & { key: string }, 201>;
  };
  '/api/v1/api-keys/{id}': { delete: Drop<ById> };
  '/api/v1/tenant/identity-provider': {
    get: Ask<Provider>;
    put: Send<Provider & { client_secret?: string }, Provider, 200>;
    delete: Drop;
  };
  '/api/v1/tenant/support-access': {
    get: Ask<{ data: SupportAccess[] }>;
    post: Send<{ hours: number; reason: string }, SupportAccess, 201>;
    delete: Drop;
  };
  '/api/v1/audit-logs': { get: Ask<Page<AuditEntry>, AuditFilter> };
  '/api/v1/audit-logs/export': {
    get: Ask<unknown, Omit<AuditFilter, 'cursor' | 'limit'> & { format: 'csv' | 'jsonl' }>;
  };
}

/** Everything that the control plane answers, or will in a moment. */
export type ControlPaths = Control & Omit<Soon, keyof Control>;
