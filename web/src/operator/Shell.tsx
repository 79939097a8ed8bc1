import { Menu, UnstyledButton } from '@mantine/core';
import { useIdle } from '@mantine/hooks';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Preferences } from '~/features/session/Preferences';
import {
  IconArchive,
  IconBuilding,
  IconHistory,
  IconLicense,
  IconLogout,
  IconReceipt,
  IconServer,
  IconStack2,
  IconUserCircle,
  IconVersions,
} from '~/ui/icons';
import { Logo } from '~/ui/Logo';
import side from '~/ui/sideNav.module.css';
import classes from './Shell.module.css';
import { signOut, useOperator } from './session';

const PAGES = [
  ['tenants', '/tenants', IconBuilding],
  ['jobs', '/jobs', IconStack2],
  ['clusters', '/clusters', IconServer],
  ['migrations', '/migrations', IconVersions],
  ['backups', '/backups', IconArchive],
  ['plans', '/plans', IconLicense],
  ['invoices', '/invoices', IconReceipt],
  ['trail', '/trail', IconHistory],
] as const;

/** As long as the server lets a session go unused; a page that asks for news uses it, a person does not. */
const IDLE_MS = 30 * 60_000;

/** The frame of all pages of the platform: where one can go, and where one is. */
export function Shell() {
  const { t } = useTranslation('operator');
  const { t: common } = useTranslation();
  const here = useLocation({ select: ({ pathname }) => pathname });
  const nav = useRef<HTMLDivElement>(null);
  const idle = useIdle(IDLE_MS, { initialState: false });
  useEffect(() => {
    if (idle) void signOut(true);
  }, [idle]);
  // On a phone the pages stand in a row, and the open one may be out of sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is marked follows the address
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView?.({ inline: 'center' });
  }, [here]);
  return (
    <div className={classes.frame}>
      <a className="skip-link" href="#content">
        {common('skip')}
      </a>
      <nav className={classes.side} aria-label={t('nav.label')}>
        <div className={classes.brand}>
          <Logo />
          <span>
            {common('name')} <span className={classes.place}>{t('place')}</span>
          </span>
          <OperatorMenu />
        </div>
        <div ref={nav} className={`${side.nav} ${classes.nav}`}>
          <ul>
            {PAGES.map(([name, to, Icon]) => (
              <li key={name}>
                <Link to={to} className={side.entry} activeOptions={{ includeSearch: false }}>
                  <Icon size={18} stroke={1.75} aria-hidden="true" />
                  {t(`nav.${name}`)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      </nav>
      <main id="content" tabIndex={-1} className={classes.main}>
        <div className={classes.page}>
          <Outlet />
        </div>
      </main>
    </div>
  );
}

/** Who one is, language and appearance, and the way out. */
function OperatorMenu() {
  const { t } = useTranslation();
  const { name, email } = useOperator();
  return (
    <Menu position="bottom-end" width={232} withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes.account} aria-label={t('menu.account', { name })}>
          <IconUserCircle size={24} stroke={1.5} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name}
          <br />
          {email}
        </Menu.Label>
        <Preferences />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t('menu.sign_out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
