import { Outlet, useLocation } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LiveBanner } from '../live/LiveBanner';
import { useLive } from '../live/useLive';
import { UnverifiedBanner } from '../session/UnverifiedBanner';
import { TicketList } from '../tickets/TicketList';
import classes from './Console.module.css';
import { useCommand } from './commands';
import { Palette, ShortcutSheet } from './lazily';
import { type Place, Rail } from './Rail';
import { useShortcuts } from './shortcuts';
import { Views } from './Views';

/** Where staff work: the rail, and beside it the tickets or the settings. */
export function Console() {
  const { t } = useTranslation();
  const live = useLive();
  const [sheet, setSheet] = useState(false);
  const [palette, setPalette] = useState(false);
  const place = useLocation({ select: placeOf });
  const detail = useLocation({ select: isDetail });
  useShortcuts();
  useCommand('sheet', () => setSheet(true));
  useCommand('palette', () => setPalette(true));
  return (
    <div className={classes.frame}>
      <a className="skip-link" href="#content">
        {t('skip')}
      </a>
      <LiveBanner state={live.state} />
      <UnverifiedBanner />
      <div className={classes.console} data-open={detail || undefined}>
        <Rail onSheet={() => setSheet(true)} place={place} />
        {live.ready && (place === 'tickets' ? <Tickets /> : <Outlet />)}
      </div>
      <Suspense fallback={null}>
        {sheet && <ShortcutSheet opened onClose={() => setSheet(false)} />}
        {palette && <Palette onClose={() => setPalette(false)} />}
      </Suspense>
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

/** The place that an address belongs to; all but the tickets have the whole width. */
function placeOf({ pathname }: { pathname: string }): Place {
  if (/^\/settings(\/|$)/.test(pathname)) return 'settings';
  if (/^\/help(\/|$)/.test(pathname)) return 'help';
  if (pathname === '/reports') return 'reports';
  if (pathname === '/files') return 'files';
  return pathname === '/account' ? 'account' : 'tickets';
}
