import { queryOptions } from '@tanstack/react-query';
import { control, ifVersion, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { IdentityProvider } from '~/api/types';

/** What is set, and which version of it. */
export type Provider = IdentityProvider & { version: number };

/** The organisation's own sign-in as it is typed; the secret is written and never read. */
export type Typed = {
  issuer: string;
  client_id: string;
  client_secret: string;
  name: string;
  domains: string;
  default_role: IdentityProvider['default_role'];
  enabled: boolean;
};

export const NOTHING: Typed = {
  issuer: '',
  client_id: '',
  client_secret: '',
  name: '',
  domains: '',
  default_role: 'agent',
  enabled: true,
};

/** What is set; null as long as nothing is. */
export const identityProvider = queryOptions({
  queryKey: ['tenant', 'identity-provider'],
  queryFn: async ({ signal }): Promise<Provider | null> => {
    try {
      return await versioned(control.GET('/api/v1/tenant/identity-provider', { signal }));
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 404) return null;
      throw problem;
    }
  },
});

/** Puts it as it is typed in the place of the version that it builds on, or of none. */
export function saveProvider(base: Provider | null, typed: Typed): Promise<Provider> {
  // No version is 0: somebody else may have set one up meanwhile.
  const params = { header: ifVersion(base?.version ?? 0) };
  const body = bodyOf(typed);
  return versioned(control.PUT('/api/v1/tenant/identity-provider', { params, body }));
}

export function removeProvider({ version }: Provider): Promise<unknown> {
  const params = { header: ifVersion(version) };
  return unwrap(control.DELETE('/api/v1/tenant/identity-provider', { params }));
}

/** An answer with the version that its ETag names; a gateway may have weakened it. */
async function versioned(
  call: Promise<{ data?: IdentityProvider; error?: unknown; response: Response }>,
): Promise<Provider> {
  const provider = await unwrap(call);
  const tag = (await call).response.headers.get('etag');
  return { ...provider, version: Number(/\d+/.exec(tag ?? '')?.[0] ?? 0) };
}

export function typedOf(provider: IdentityProvider | null): Typed {
  if (!provider) return NOTHING;
  const { issuer, client_id, name, domains, default_role, enabled } = provider;
  return {
    ...{ issuer, client_id, name, default_role, enabled },
    client_secret: '',
    domains: domains.join(', '),
  };
}

/** Domains as people list them: with commas, blanks or at signs between them. */
export function domainsOf(text: string): string[] {
  const all = text
    .split(/[\s,;]+/)
    .map((domain) => domain.replace(/^@/, '').toLowerCase())
    .filter(Boolean);
  return [...new Set(all)];
}

/** What is sent: without a secret the one that is there stays. */
export function bodyOf(typed: Typed) {
  return {
    issuer: typed.issuer.trim(),
    client_id: typed.client_id.trim(),
    name: typed.name.trim(),
    domains: domainsOf(typed.domains),
    default_role: typed.default_role,
    enabled: typed.enabled,
    ...(typed.client_secret && { client_secret: typed.client_secret }),
  };
}

/** Where the provider sends people back to; it has to be told beforehand. */
export const CALLBACK = `${window.location.origin}/api/v1/auth/sso/callback`;
