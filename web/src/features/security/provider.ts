import { queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { IdentityProvider } from '~/api/types';

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
  queryFn: async ({ signal }): Promise<IdentityProvider | null> => {
    try {
      return await unwrap(control.GET('/api/v1/tenant/identity-provider', { signal }));
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 404) return null;
      throw problem;
    }
  },
});

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
