/** Which of our addresses this page was opened at. */
export type Site =
  | { kind: 'platform'; domain: string }
  | { kind: 'operator'; domain: string }
  | { kind: 'tenant'; slug: string; domain: string };

/** Labels that are ours and never an organisation's. */
const PLATFORM_LABELS = new Set(['app', 'www']);
/** Where those who run the platform sit. */
const OPERATOR_LABEL = 'admin';

/** Reads the site from a host such as `acme.localhost:8080`. */
export function siteOf(host: string): Site {
  const dot = host.indexOf('.');
  if (dot < 0) return { kind: 'platform', domain: host };
  const label = host.slice(0, dot);
  const domain = host.slice(dot + 1);
  if (label === OPERATOR_LABEL) return { kind: 'operator', domain };
  return PLATFORM_LABELS.has(label)
    ? { kind: 'platform', domain }
    : { kind: 'tenant', slug: label, domain };
}

/** The address of an organisation's helpdesk, seen from any of our sites. */
export function addressOf(slug: string, site: Site): string {
  return `${slug}.${site.domain}`;
}

export const site: Site = siteOf(window.location.host);
