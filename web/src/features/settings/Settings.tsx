import { Button } from '@mantine/core';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { IconLock } from '~/ui/icons';
import side from '~/ui/sideNav.module.css';
import { useTitle } from '~/ui/useTitle';
import { usePerson } from '../session/session';
import { pagesOf } from './pages';
import classes from './Settings.module.css';

/** What is set for everybody, and what somebody keeps for themselves: pages at the side, one of them open. */
export function Settings() {
  const { t } = useTranslation('settings');
  const here = useLocation({ select: ({ pathname }) => pathname });
  const nav = useRef<HTMLElement>(null);
  // On a phone the pages stand in a row, and the open one may be out of sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is marked follows the address
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView?.({ inline: 'center' });
  }, [here]);
  const pages = pagesOf(usePerson().role);
  if (!pages.some(([, to]) => here === to || here.startsWith(`${to}/`))) return <Forbidden />;
  return (
    <div className={classes.settings}>
      <nav ref={nav} className={`${side.nav} ${classes.nav}`} aria-label={t('nav')}>
        <h2>{t('title')}</h2>
        <ul>
          {pages.map(([name, to, Icon]) => (
            <li key={name}>
              <Link to={to} className={side.entry}>
                <Icon size={18} stroke={1.75} aria-hidden="true" />
                {t(name)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main id="content" tabIndex={-1} className={classes.main}>
        <div className={classes.page}>
          <Outlet />
        </div>
      </main>
    </div>
  );
}

/** For those who follow a link of an administrator. */
function Forbidden() {
  const { t } = useTranslation('settings');
  useTitle(t('title'));
  return (
    <main id="content" tabIndex={-1} className={classes.forbidden}>
      <EmptyState
        icon={<IconLock size={24} stroke={1.5} />}
        title={t('forbidden_title')}
        text={t('forbidden_text')}
      >
        <Button component={Link} to="/" variant="default">
          {t('back')}
        </Button>
      </EmptyState>
    </main>
  );
}
