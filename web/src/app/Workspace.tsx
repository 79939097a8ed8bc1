import { Navigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { isStaff, usePerson, useSession } from '~/features/session/session';

// One chunk each: staff never download the portal, customers never the console.
const staff = () => import('./staff');
const customer = () => import('./customer');
/** What an open ticket needs beyond the list: editor, sanitiser, menus. Fetched while the list is looked at. */
const openTicket = () => import('~/features/tickets/TicketPage');
const Console = lazy(() => staff().then((side) => ({ default: side.Console })));
const PickTicket = lazy(() => staff().then((side) => ({ default: side.PickTicket })));
const TicketPage = lazy(() => openTicket().then((page) => ({ default: page.TicketPage })));
const admin = () => import('./admin');
const Settings = lazy(() => admin().then((side) => ({ default: side.Settings })));
const MembersPage = lazy(() => admin().then((side) => ({ default: side.MembersPage })));
const OrganisationPage = lazy(() => admin().then((side) => ({ default: side.OrganisationPage })));
const NewTicketFor = lazy(() =>
  import('~/features/tickets/NewTicketFor').then((page) => ({ default: page.NewTicketFor })),
);
const Portal = lazy(() => customer().then((side) => ({ default: side.Portal })));
const MyTickets = lazy(() => customer().then((side) => ({ default: side.MyTickets })));
const NewTicket = lazy(() => customer().then((side) => ({ default: side.NewTicket })));
const PortalTicket = lazy(() => customer().then((side) => ({ default: side.PortalTicket })));

/** The console or the portal, by who is here. */
export function Workspace() {
  const session = useSession();
  // For the moment between signing out and the sign-in page.
  if (session.state !== 'person') return null;
  return <Suspense fallback={null}>{isStaff(session.user) ? <Console /> : <Portal />}</Suspense>;
}

export function Home() {
  const staffHere = isStaff(usePerson());
  useEffect(() => {
    if (staffHere) void openTicket();
  }, [staffHere]);
  return staffHere ? <PickTicket /> : <MyTickets />;
}

export function OneTicket() {
  // Its own boundary: the list beside it must not vanish while the ticket's code is fetched.
  return (
    <Suspense fallback={null}>{isStaff(usePerson()) ? <TicketPage /> : <PortalTicket />}</Suspense>
  );
}

/** Customers ask for themselves, staff also for others. */
export function New() {
  return (
    <Suspense fallback={null}>{isStaff(usePerson()) ? <NewTicketFor /> : <NewTicket />}</Suspense>
  );
}

/** Settings are the console's; a customer who follows a link to them is at home in the portal. */
export function Admin() {
  if (!isStaff(usePerson())) return <Navigate to="/" replace />;
  return (
    <Suspense fallback={null}>
      <Settings />
    </Suspense>
  );
}

export { MembersPage, OrganisationPage };
