import { Button, UnstyledButton } from '@mantine/core';
import { Link, Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { fullName, Initials } from '~/ui/Initials';
import { IconPlus } from '~/ui/icons';
import { Logo } from '~/ui/Logo';
import { LiveBanner } from '../live/LiveBanner';
import { useLive } from '../live/useLive';
import { AccountMenu } from '../session/AccountMenu';
import { usePerson } from '../session/session';
import { UnverifiedBanner } from '../session/UnverifiedBanner';
import classes from './Portal.module.css';

/** Where customers are: their tickets, and nothing that only staff need. */
export function Portal() {
  const { t } = useTranslation('portal');
  const { t: common } = useTranslation();
  const person = usePerson();
  const live = useLive();
  return (
    <div className={classes.portal}>
      <a className="skip-link" href="#content">
        {common('skip')}
      </a>
      <LiveBanner state={live.state} />
      <UnverifiedBanner />
      <header className={classes.bar}>
        <Link to="/" className={classes.brand}>
          <Logo />
          <span>{t('title')}</span>
        </Link>
        <Button component={Link} to="/help" size="sm" variant="subtle">
          {t('help')}
        </Button>
        <Button
          component={Link}
          to="/tickets/new"
          size="sm"
          leftSection={<IconPlus size={16} aria-hidden="true" />}
        >
          {t('new')}
        </Button>
        <AccountMenu>
          <UnstyledButton className={classes.account}>
            <Initials person={person} size={32} />
            <span className="visually-hidden">
              {common('menu.account', { name: fullName(person) })}
            </span>
          </UnstyledButton>
        </AccountMenu>
      </header>
      <main id="content" tabIndex={-1} className={classes.main}>
        {live.ready && <Outlet />}
      </main>
    </div>
  );
}
