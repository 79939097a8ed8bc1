import { createRootRoute, Outlet } from '@tanstack/react-router';
import { MissingPage } from './pages';

/** What all addresses begin with. */
export const root = createRootRoute({ component: Outlet, notFoundComponent: MissingPage });
