import { createRoute, lazyRouteComponent, notFound } from '@tanstack/react-router';
import { allWords, operatorWords } from '~/i18n';
import { Broken } from './pages';
import { root } from './root';
import { site } from './site';

/** The chunk of those who run the platform, with its words: nobody else downloads it. */
const chunk = async () =>
  (await Promise.all([import('./operator'), allWords(), operatorWords()]))[0];

/** What is kept in an address of a list: texts that narrow it down. */
const textsOf =
  <Name extends string>(...names: Name[]) =>
  (search: Record<string, unknown>) =>
    Object.fromEntries(
      names
        .filter((name) => search[name] !== undefined && search[name] !== '')
        .map((name) => [name, String(search[name])]),
    ) as { [name in Name]?: string };

/** All addresses of `admin.`; there are none of them elsewhere. */
const operator = createRoute({
  getParentRoute: () => root,
  id: '_desk',
  beforeLoad: () => {
    if (site.kind !== 'operator') throw notFound();
  },
  component: lazyRouteComponent(chunk, 'Desk'),
  errorComponent: Broken,
});
const tenants = createRoute({
  getParentRoute: () => operator,
  path: '/tenants',
  validateSearch: textsOf('q', 'status', 'cluster'),
  component: lazyRouteComponent(chunk, 'TenantsPage'),
});
const tenant = createRoute({
  getParentRoute: () => operator,
  path: '/tenants/$slug',
  component: lazyRouteComponent(chunk, 'TenantPage'),
});
const jobs = createRoute({
  getParentRoute: () => operator,
  path: '/jobs',
  validateSearch: textsOf('kind', 'tenant'),
  component: lazyRouteComponent(chunk, 'JobsPage'),
});
const clusters = createRoute({
  getParentRoute: () => operator,
  path: '/clusters',
  component: lazyRouteComponent(chunk, 'ClustersPage'),
});
const migrations = createRoute({
  getParentRoute: () => operator,
  path: '/migrations',
  component: lazyRouteComponent(chunk, 'MigrationsPage'),
});
const migration = createRoute({
  getParentRoute: () => operator,
  path: '/migrations/$id',
  component: lazyRouteComponent(chunk, 'MigrationPage'),
});
const backups = createRoute({
  getParentRoute: () => operator,
  path: '/backups',
  validateSearch: textsOf('tenant'),
  component: lazyRouteComponent(chunk, 'BackupsPage'),
});
const plans = createRoute({
  getParentRoute: () => operator,
  path: '/plans',
  component: lazyRouteComponent(chunk, 'PlansPage'),
});
const invoices = createRoute({
  getParentRoute: () => operator,
  path: '/invoices',
  validateSearch: textsOf('tenant', 'state'),
  component: lazyRouteComponent(chunk, 'InvoicesPage'),
});
const invoice = createRoute({
  getParentRoute: () => operator,
  path: '/invoices/$id',
  component: lazyRouteComponent(chunk, 'InvoicePage'),
});
const trail = createRoute({
  getParentRoute: () => operator,
  path: '/trail',
  validateSearch: textsOf('action', 'resource', 'from', 'to'),
  component: lazyRouteComponent(chunk, 'TrailPage'),
});

export const desk = operator.addChildren([
  ...[tenants, tenant, jobs, clusters, migrations, migration, backups],
  ...[plans, invoices, invoice, trail],
]);
