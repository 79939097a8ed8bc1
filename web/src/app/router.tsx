import { createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { reportOf } from '~/features/reports/search';
import { insideOnly } from '~/features/session/next';
import { type Session, whoIsHere } from '~/features/session/session';
import { queueOf } from '~/features/tickets/narrowing';
import { doorWords } from '~/i18n';
import { desk } from './desk';
import { Broken } from './pages';
import { root } from './root';
import { site } from './site';

/** A page with the words of those who are not signed in. */
const atTheDoor = async <Page,>(page: Promise<Page>) => (await Promise.all([page, doorWords()]))[0];
const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Pages of the platform's own address, where organisations begin. */
const platformOnly = () => {
  if (site.kind !== 'platform') throw redirect({ to: '/' });
};
/** Pages of an organisation's address for those who are not signed in. */
const tenantOnly = () => {
  if (site.kind === 'platform') throw redirect({ to: '/signup' });
  if (site.kind === 'operator') throw redirect({ to: '/tenants' });
};

const signup = createRoute({
  getParentRoute: () => root,
  path: '/signup',
  beforeLoad: platformOnly,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/signup/SignupPage')),
    'SignupPage',
  ),
});
const provisioning = createRoute({
  getParentRoute: () => root,
  path: '/signup/$slug',
  beforeLoad: platformOnly,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/signup/ProvisioningPage')),
    'ProvisioningPage',
  ),
});
const find = createRoute({
  getParentRoute: () => root,
  path: '/find',
  beforeLoad: platformOnly,
  component: lazyRouteComponent(() => atTheDoor(import('~/features/signup/FindPage')), 'FindPage'),
});

/** The last one is the status with which the organisation's own sign-in failed. */
type LoginSearch = { next?: string; email?: string; sso_error?: string };
const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): LoginSearch => ({
    next: insideOnly(search.next),
    email: text(search.email),
    // A number in the address is read as one.
    sso_error: search.sso_error === undefined ? undefined : String(search.sso_error),
  }),
  beforeLoad: tenantOnly,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/session/LoginPage')),
    'LoginPage',
  ),
});
const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  beforeLoad: tenantOnly,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/session/RegisterPage')),
    'RegisterPage',
  ),
});
const withToken = (search: Record<string, unknown>) => ({ token: String(search.token ?? '') });
const verify = createRoute({
  getParentRoute: () => root,
  path: '/verify',
  validateSearch: withToken,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/session/VerifyPage')),
    'VerifyPage',
  ),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  validateSearch: withToken,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/session/InvitationPage')),
    'InvitationPage',
  ),
});

const forgot = createRoute({
  getParentRoute: () => root,
  path: '/forgot',
  validateSearch: (search: Record<string, unknown>): { email?: string } => ({
    email: text(search.email),
  }),
  beforeLoad: tenantOnly,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/session/ForgotPage')),
    'ForgotPage',
  ),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  validateSearch: withToken,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/session/ResetPage')),
    'ResetPage',
  ),
});
const magic = createRoute({
  getParentRoute: () => root,
  path: '/magic',
  validateSearch: withToken,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/session/MagicPage')),
    'MagicPage',
  ),
});
const verifyAddress = createRoute({
  getParentRoute: () => root,
  path: '/verify-address',
  validateSearch: withToken,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/session/VerifyAddressPage')),
    'VerifyAddressPage',
  ),
});

/** How many points were pressed in the mail; nothing is sent by that alone. */
type RateSearch = { token: string; rating?: number };
const rate = createRoute({
  getParentRoute: () => root,
  path: '/rate',
  validateSearch: (search: Record<string, unknown>): RateSearch => {
    const rating = Number(search.rating);
    const known = Number.isInteger(rating) && rating >= 1 && rating <= 5;
    return { ...withToken(search), rating: known ? rating : undefined };
  },
  beforeLoad: tenantOnly,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/satisfaction/RatePage')),
    'RatePage',
  ),
});

const shared = createRoute({
  getParentRoute: () => root,
  path: '/shared',
  beforeLoad: tenantOnly,
  component: lazyRouteComponent(
    () => atTheDoor(import('~/features/attachments/SharedPage')),
    'SharedPage',
  ),
});

/** Everything that needs somebody: the console for staff, the portal for customers. */
const workspace = createRoute({
  getParentRoute: () => root,
  id: '_workspace',
  beforeLoad: async ({ location }): Promise<{ session: Session }> => {
    tenantOnly();
    const session = await whoIsHere();
    if (session.state === 'person') return { session };
    const next = location.href === '/' ? undefined : location.href;
    throw redirect({ to: '/login', search: { next }, replace: true });
  },
  component: lazyRouteComponent(() => import('./Workspace'), 'Workspace'),
  errorComponent: Broken,
});
const home = createRoute({
  getParentRoute: () => workspace,
  path: '/',
  validateSearch: queueOf,
  component: lazyRouteComponent(() => import('./Workspace'), 'Home'),
});
const newTicket = createRoute({
  getParentRoute: () => workspace,
  path: '/tickets/new',
  validateSearch: (search: Record<string, unknown>): { from?: string; follow?: boolean } => ({
    from: text(search.from),
    // From a closed ticket: what was known goes on.
    follow: search.follow === true || undefined,
  }),
  component: lazyRouteComponent(() => import('./Workspace'), 'New'),
});
const ticket = createRoute({
  getParentRoute: () => workspace,
  path: '/tickets/$number',
  validateSearch: queueOf,
  component: lazyRouteComponent(() => import('./Workspace'), 'OneTicket'),
});

const settings = createRoute({
  getParentRoute: () => workspace,
  path: '/settings',
  component: lazyRouteComponent(() => import('./Workspace'), 'Admin'),
});
const settingsStart = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: ({ context: { session } }) => {
    const admin = session.state === 'person' && session.user.role === 'admin';
    throw redirect({ to: admin ? '/settings/members' : '/settings/replies', replace: true });
  },
});
const members = createRoute({
  getParentRoute: () => settings,
  path: '/members',
  component: lazyRouteComponent(() => import('./Workspace'), 'MembersPage'),
});
const organisation = createRoute({
  getParentRoute: () => settings,
  path: '/organisation',
  component: lazyRouteComponent(() => import('./Workspace'), 'OrganisationPage'),
});
const security = createRoute({
  getParentRoute: () => settings,
  path: '/security',
  component: lazyRouteComponent(() => import('./Workspace'), 'SecurityPage'),
});
const apiKeys = createRoute({
  getParentRoute: () => settings,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./Workspace'), 'ApiKeysPage'),
});
const audit = createRoute({
  getParentRoute: () => settings,
  path: '/audit',
  component: lazyRouteComponent(() => import('./Workspace'), 'AuditPage'),
});
const plan = createRoute({
  getParentRoute: () => settings,
  path: '/plan',
  component: lazyRouteComponent(() => import('./Workspace'), 'PlanPage'),
});
const invoice = createRoute({
  getParentRoute: () => settings,
  path: '/plan/invoices/$id',
  component: lazyRouteComponent(() => import('./Workspace'), 'InvoicePage'),
});
const dataExports = createRoute({
  getParentRoute: () => settings,
  path: '/exports',
  component: lazyRouteComponent(() => import('./Workspace'), 'ExportsPage'),
});
const imports = createRoute({
  getParentRoute: () => settings,
  path: '/imports',
  component: lazyRouteComponent(() => import('./Workspace'), 'ImportsPage'),
});
const replies = createRoute({
  getParentRoute: () => settings,
  path: '/replies',
  component: lazyRouteComponent(() => import('./Workspace'), 'RepliesPage'),
});
const helpCentre = createRoute({
  getParentRoute: () => settings,
  path: '/help',
  component: lazyRouteComponent(() => import('./Workspace'), 'HelpCentrePage'),
});
const teams = createRoute({
  getParentRoute: () => settings,
  path: '/teams',
  component: lazyRouteComponent(() => import('./Workspace'), 'TeamsPage'),
});
const categories = createRoute({
  getParentRoute: () => settings,
  path: '/categories',
  component: lazyRouteComponent(() => import('./Workspace'), 'CategoriesPage'),
});
const ticketSettings = createRoute({
  getParentRoute: () => settings,
  path: '/tickets',
  component: lazyRouteComponent(() => import('./Workspace'), 'TicketSettingsPage'),
});
const fileSettings = createRoute({
  getParentRoute: () => settings,
  path: '/files',
  component: lazyRouteComponent(() => import('./Workspace'), 'FilesPage'),
});
const moderation = createRoute({
  getParentRoute: () => settings,
  path: '/refused-contents',
  component: lazyRouteComponent(() => import('./Workspace'), 'ModerationPage'),
});
const sla = createRoute({
  getParentRoute: () => settings,
  path: '/sla',
  component: lazyRouteComponent(() => import('./Workspace'), 'SlaPage'),
});
const reports = createRoute({
  getParentRoute: () => workspace,
  path: '/reports',
  validateSearch: reportOf,
  component: lazyRouteComponent(() => import('./Workspace'), 'Reports'),
});
const files = createRoute({
  getParentRoute: () => workspace,
  path: '/files',
  component: lazyRouteComponent(() => import('./Workspace'), 'SharedFiles'),
});
const help = createRoute({
  getParentRoute: () => workspace,
  path: '/help',
  component: lazyRouteComponent(() => import('./Workspace'), 'Help'),
});
const article = createRoute({
  getParentRoute: () => workspace,
  path: '/help/$article',
  component: lazyRouteComponent(() => import('./Workspace'), 'OneArticle'),
});
const account = createRoute({
  getParentRoute: () => workspace,
  path: '/account',
  component: lazyRouteComponent(() => import('./Workspace'), 'Account'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    ...[signup, provisioning, find, login, register, verify, invitation],
    ...[forgot, reset, magic, verifyAddress, rate, shared],
    desk,
    workspace.addChildren([
      ...[home, newTicket, ticket, account, reports, files, help, article],
      settings.addChildren([
        ...[settingsStart, members, organisation, security, apiKeys, audit],
        ...[plan, invoice, dataExports, imports],
        ...[replies, helpCentre, teams, categories, sla, ticketSettings],
        ...[fileSettings, moderation],
      ]),
    ]),
  ]),
  defaultErrorComponent: Broken,
  defaultPreload: false,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  /** What a page hands to the next one without putting it into the address. */
  interface HistoryState {
    email?: string;
  }
  interface Register {
    router: typeof router;
  }
}
