import { Outlet, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LiveBanner } from '../live/LiveBanner';
import { useLive } from '../live/useLive';
import { TicketList } from '../tickets/TicketList';
import classes from './Console.module.css';
import { useCommand } from './commands';
import { Rail } from './Rail';
import { useShortcuts } from './shortcuts';
import { Views } from './Views';

const ShortcutSheet = lazy(() =>
  import('./ShortcutSheet').then((module) => ({ default: module.ShortcutSheet })),
);

/** Where staff work: rail, views, list, and whatever ticket is open. */
export function Console() {
  const { t } = useTranslation();
  const live = useLive();
  const [sheet, setSheet] = useState(false);
  const { number } = useParams({ strict: false });
  useShortcuts();
  useCommand('sheet', () => setSheet(true));
  return (
    <div className={classes.frame}>
      <a className="skip-link" href="#content">
        {t('skip')}
      </a>
      <LiveBanner state={live.state} />
      <div className={classes.console} data-open={number ? true : undefined}>
        <Rail onSheet={() => setSheet(true)} />
        {live.ready && (
          <>
            <Views />
            <main id="content" tabIndex={-1} className={classes.panes}>
              <TicketList />
              <div className={classes.detail}>
                <Outlet />
              </div>
            </main>
          </>
        )}
      </div>
      {sheet && (
        <Suspense fallback={null}>
          <ShortcutSheet opened onClose={() => setSheet(false)} />
        </Suspense>
      )}
    </div>
  );
}
