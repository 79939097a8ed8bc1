import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { fullName, Initials } from '~/ui/Initials';
import { IconInbox, IconKeyboard, IconSettings } from '~/ui/icons';
import { Logo } from '~/ui/Logo';
import { AccountMenu } from '../session/AccountMenu';
import { usePerson } from '../session/session';
import classes from './Rail.module.css';

/** Where in the console one can be. */
export type Place = 'tickets' | 'settings' | 'account';

/** The narrow column that is always there. */
export function Rail({ onSheet, place }: { onSheet: () => void; place: Place }) {
  const { t } = useTranslation('tickets');
  const { t: common } = useTranslation();
  const person = usePerson();
  return (
    <nav className={classes.rail} aria-label={t('rail.label')}>
      <span className={classes.logo}>
        <Logo />
      </span>
      <Entry to="/" label={t('rail.tickets')} here={place === 'tickets'}>
        <IconInbox size={20} />
      </Entry>
      {person.role === 'admin' && (
        <Entry to="/settings" label={t('rail.settings')} here={place === 'settings'}>
          <IconSettings size={20} />
        </Entry>
      )}
      <span className={classes.space} />
      <Tooltip label={t('keys.open_sheet')} position="right">
        <ActionIcon
          variant="subtle"
          color="gray"
          size={40}
          aria-label={t('keys.open_sheet')}
          onClick={onSheet}
          className={classes.keys}
        >
          <IconKeyboard size={20} />
        </ActionIcon>
      </Tooltip>
      <AccountMenu>
        <UnstyledButton className={classes.account}>
          <Initials person={person} size={32} />
          <span className="visually-hidden">
            {common('menu.account', { name: fullName(person) })}
          </span>
        </UnstyledButton>
      </AccountMenu>
    </nav>
  );
}

/** One of the console's places; the one where we are is marked. */
function Entry(props: {
  to: '/' | '/settings';
  label: string;
  here: boolean;
  children: ReactNode;
}) {
  return (
    <Tooltip label={props.label} position="right">
      <ActionIcon
        component={Link}
        to={props.to}
        activeOptions={{ exact: true }}
        variant={props.here ? 'light' : 'subtle'}
        color={props.here ? undefined : 'gray'}
        size={40}
        aria-label={props.label}
        aria-current={props.here ? 'page' : undefined}
      >
        {props.children}
      </ActionIcon>
    </Tooltip>
  );
}
