import { Navigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { StepUp } from '~/features/session/StepUp';
import { isStaff, usePerson, useSession } from '~/features/session/session';
import { allWords, doorWords } from '~/i18n';

// One chunk each: staff never download the portal, customers never the console.
const staff = () => import('./staff');
const customer = async () => (await Promise.all([import('./customer'), doorWords()]))[0];
/** What an open ticket needs beyond the list: editor, sanitiser, menus. Fetched while the list is looked at. */
const openTicket = async () =>
  (await Promise.all([import('~/features/tickets/TicketPage'), allWords()]))[0];
const Console = lazy(() => staff().then((side) => ({ default: side.Console })));
const PickTicket = lazy(() => staff().then((side) => ({ default: side.PickTicket })));
const TicketPage = lazy(() => openTicket().then((page) => ({ default: page.TicketPage })));
const admin = async () => (await Promise.all([import('./admin'), allWords()]))[0];
const Alone = lazy(() =>
  import('~/features/settings/Alone').then((side) => ({ default: side.Alone })),
);
const Settings = lazy(() => admin().then((side) => ({ default: side.Settings })));
const MembersPage = lazy(() => admin().then((side) => ({ default: side.MembersPage })));
const OrganisationPage = lazy(() => admin().then((side) => ({ default: side.OrganisationPage })));
const SecurityPage = lazy(() => admin().then((side) => ({ default: side.SecurityPage })));
const ApiKeysPage = lazy(() => admin().then((side) => ({ default: side.ApiKeysPage })));
const AuditPage = lazy(() => admin().then((side) => ({ default: side.AuditPage })));
const PlanPage = lazy(() => admin().then((side) => ({ default: side.PlanPage })));
const InvoicePage = lazy(() => admin().then((side) => ({ default: side.InvoicePage })));
const ExportsPage = lazy(() => admin().then((side) => ({ default: side.ExportsPage })));
const arrange = async () => (await Promise.all([import('./arrange'), allWords()]))[0];
const HelpCentrePage = lazy(() => arrange().then((side) => ({ default: side.HelpCentrePage })));
const ImportsPage = lazy(() => arrange().then((side) => ({ default: side.ImportsPage })));
const RepliesPage = lazy(() => arrange().then((side) => ({ default: side.RepliesPage })));
const SlaPage = lazy(() => arrange().then((side) => ({ default: side.SlaPage })));
const TeamsPage = lazy(() => arrange().then((side) => ({ default: side.TeamsPage })));
const CategoriesPage = lazy(() => arrange().then((side) => ({ default: side.CategoriesPage })));
const TicketSettingsPage = lazy(() =>
  arrange().then((side) => ({ default: side.TicketSettingsPage })),
);
const FilesPage = lazy(() => arrange().then((side) => ({ default: side.FilesPage })));
const ModerationPage = lazy(() => arrange().then((side) => ({ default: side.ModerationPage })));
const ReportsPage = lazy(async () => {
  const [page] = await Promise.all([import('~/features/reports/ReportsPage'), allWords()]);
  return { default: page.ReportsPage };
});
const SharedWithMePage = lazy(async () => {
  const [page] = await Promise.all([import('~/features/shares/SharedWithMePage'), allWords()]);
  return { default: page.SharedWithMePage };
});
const help = async () => (await Promise.all([import('./help'), allWords()]))[0];
const HelpPage = lazy(() => help().then((side) => ({ default: side.HelpPage })));
const ArticlePage = lazy(() => help().then((side) => ({ default: side.ArticlePage })));
const AccountPage = lazy(async () => {
  const [page] = await Promise.all([import('~/features/account/AccountPage'), allWords()]);
  return { default: page.AccountPage };
});
const NewTicketFor = lazy(async () => {
  const [page] = await Promise.all([import('~/features/tickets/NewTicketFor'), allWords()]);
  return { default: page.NewTicketFor };
});
const LeavingPage = lazy(async () => {
  const [page] = await Promise.all([import('~/features/leaving/LeavingPage'), allWords()]);
  return { default: page.LeavingPage };
});
const Portal = lazy(() => customer().then((side) => ({ default: side.Portal })));
const MyTickets = lazy(() => customer().then((side) => ({ default: side.MyTickets })));
const NewTicket = lazy(() => customer().then((side) => ({ default: side.NewTicket })));
const PortalTicket = lazy(() => customer().then((side) => ({ default: side.PortalTicket })));

/** The console or the portal, by who is here; in an organisation's days of grace its deletion alone. */
export function Workspace() {
  const session = useSession();
  // For the moment between signing out and the sign-in page.
  if (session.state !== 'person') return null;
  if (session.user.tenant.status === 'deleting') {
    return (
      <>
        <Suspense fallback={null}>
          <LeavingPage />
        </Suspense>
        <StepUp />
      </>
    );
  }
  return (
    <>
      <Suspense fallback={null}>{isStaff(session.user) ? <Console /> : <Portal />}</Suspense>
      <StepUp />
    </>
  );
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

/** What tickets come to is the console's, too. */
export function Reports() {
  if (!isStaff(usePerson())) return <Navigate to="/" replace />;
  return (
    <Suspense fallback={null}>
      <Alone wide>
        <ReportsPage />
      </Alone>
    </Suspense>
  );
}

/** Colleagues share files among themselves: another thing of the console alone. */
export function SharedFiles() {
  if (!isStaff(usePerson())) return <Navigate to="/" replace />;
  return (
    <Suspense fallback={null}>
      <Alone>
        <SharedWithMePage />
      </Alone>
    </Suspense>
  );
}

/** A page that everybody has, in the frame of the console or of the portal. */
function Framed({ children }: { children: ReactNode }) {
  const inConsole = isStaff(usePerson());
  return <Suspense fallback={null}>{inConsole ? <Alone>{children}</Alone> : children}</Suspense>;
}

/** One's own account. */
export function Account() {
  return (
    <Framed>
      <AccountPage />
    </Framed>
  );
}

/** The help centre. */
export function Help() {
  return (
    <Framed>
      <HelpPage />
    </Framed>
  );
}

/** One article of it. */
export function OneArticle() {
  return (
    <Framed>
      <ArticlePage />
    </Framed>
  );
}

export {
  ApiKeysPage,
  AuditPage,
  CategoriesPage,
  ExportsPage,
  FilesPage,
  HelpCentrePage,
  ImportsPage,
  InvoicePage,
  MembersPage,
  ModerationPage,
  OrganisationPage,
  PlanPage,
  RepliesPage,
  SecurityPage,
  SlaPage,
  TeamsPage,
  TicketSettingsPage,
};
