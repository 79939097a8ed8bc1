import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { newQueryClient } from '~/api/queries';
import { theme } from '~/app/theme';

/** Draws a part of the page with everything that it stands on, at an address of its own. */
export async function show(part: ReactNode, at = '/'): Promise<QueryClient> {
  const queries = newQueryClient();
  queries.setDefaultOptions({ ...queries.getDefaultOptions(), queries: { retry: false } });
  const root = createRootRoute({ component: Outlet });
  const here = at
    .split(/[?#]/)[0]
    ?.replace(/^\/tickets\/(TKT-.*|\d+)/, '/tickets/$number')
    .replace(/^\/help\/.+/, '/help/$article')
    .replace(/^\/signup\/.+/, '/signup/$slug')
    .replace(/^\/tenants\/.+/, '/tenants/$slug')
    .replace(/^\/migrations\/.+/, '/migrations/$id')
    .replace(/\/invoices\/.+/, '/invoices/$id');
  const component = () => <>{part}</>;
  const paths = [
    '/',
    '/signup',
    '/signup/$slug',
    '/find',
    '/login',
    '/register',
    '/verify',
    '/forgot',
    '/reset',
    '/magic',
    '/rate',
    '/shared',
    '/reports',
    '/files',
    '/verify-address',
    '/invitation',
    '/account',
    '/tenants',
    '/tenants/$slug',
    '/jobs',
    '/clusters',
    '/migrations',
    '/migrations/$id',
    '/backups',
    '/plans',
    '/invoices',
    '/invoices/$id',
    '/trail',
    '/settings/security',
    '/settings/api-keys',
    '/settings/audit',
    '/settings/members',
    '/settings/plan',
    '/settings/plan/invoices/$id',
    '/settings/exports',
    '/settings/imports',
    '/settings/replies',
    '/settings/help',
    '/settings/teams',
    '/settings/categories',
    '/settings/sla',
    '/settings/tickets',
    '/settings/files',
    '/settings/refused-contents',
    '/settings/organisation',
    '/help',
    '/help/$article',
    '/tickets/new',
    '/tickets/$number',
  ];
  const router = createRouter({
    routeTree: root.addChildren(
      paths.map((path) =>
        // Wherever else the part leads, there is nothing.
        createRoute({
          getParentRoute: () => root,
          path,
          component: path === here ? component : Outlet,
        }),
      ),
    ),
    history: createMemoryHistory({ initialEntries: [at] }),
  });
  await router.load();
  render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={queries}>
        <Notifications />
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return queries;
}
