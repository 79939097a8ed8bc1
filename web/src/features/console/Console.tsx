import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LiveBanner } from '../live/LiveBanner';
import { useLive } from '../live/useLive';
import { UnverifiedBanner } from '../session/UnverifiedBanner';
import { TicketList } from '../tickets/TicketList';
import classes from './Console.module.css';
import { useCommand } from './commands';
import { Rail } from './Rail';
import { useShortcuts } from './shortcuts';
import { Views } from './Views';

const ShortcutSheet = lazy(() =>
  import('./ShortcutSheet').then((module) => ({ default: module.ShortcutSheet })),
);

/** Where staff work: the rail, and beside it the tickets or the settings. */
export function Console() {
  const { t } = useTranslation();
  const live = useLive();
  const [sheet, setSheet] = useState(false);
  const inSettings = useLocation({ select: isSettings });
  const detail = useLocation({ select: isDetail });
  useShortcuts();
  useCommand('sheet', () => setSheet(true));
  return (
    <div className={classes.frame}>
      <a className="skip-link" href="#content">
        {t('skip')}
      </a>
      <LiveBanner state={live.state} />
      <UnverifiedBanner />
      <div className={classes.console} data-open={detail || undefined}>
        <Rail onSheet={() => setSheet(true)} inSettings={inSettings} />
        {live.ready && (inSettings ? <Outlet /> : <Tickets />)}
      </div>
      {sheet && (
        <Suspense fallback={null}>
          <ShortcutSheet opened onClose={() => setSheet(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** The queue: the ways to look at it, one of them as a list, and the open ticket. */
function Tickets() {
  return (
    <>
      <Views />
      <main id="content" tabIndex={-1} className={classes.panes}>
        <TicketList />
        <div className={classes.detail}>
          <Outlet />
        </div>
      </main>
    </>
  );
}

/** Whether something stands beside the list, which a phone then shows in its place. */
function isDetail({ pathname }: { pathname: string }): boolean {
  return pathname.startsWith('/tickets/');
}

/** Whether an address is one of the settings, which have the whole width. */
function isSettings({ pathname }: { pathname: string }): boolean {
  return /^\/settings(\/|$)/.test(pathname);
}
