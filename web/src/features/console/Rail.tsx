import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fullName, Initials } from '~/ui/Initials';
import {
  IconChartBar,
  IconFolderShare,
  IconInbox,
  IconKeyboard,
  IconLifebuoy,
  IconSettings,
} from '~/ui/icons';
import { Logo } from '~/ui/Logo';
import { AwayMark } from '../availability/AwayMark';
import { availabilityOf } from '../availability/queries';
import { Bell } from '../notices/Bell';
import { AccountMenu } from '../session/AccountMenu';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { AvailabilityForm, OwnStatus } from './lazily';
import classes from './Rail.module.css';

/** Where in the console one can be. */
export type Place = 'tickets' | 'files' | 'help' | 'reports' | 'settings' | 'account';

/** The narrow column that is always there. */
export function Rail({ onSheet, place }: { onSheet: () => void; place: Place }) {
  const { t } = useTranslation('tickets');
  const { t: common } = useTranslation();
  const person = usePerson();
  const [availability, setAvailability] = useState(false);
  const { data: own } = useQuery(availabilityOf('me'));
  return (
    <nav className={classes.rail} aria-label={t('rail.label')}>
      <span className={classes.logo}>
        <Logo />
      </span>
      <Entry to="/" label={t('rail.tickets')} here={place === 'tickets'}>
        <IconInbox size={20} />
      </Entry>
      <Entry to="/files" label={t('rail.files')} here={place === 'files'}>
        <IconFolderShare size={20} />
      </Entry>
      <Entry to="/help" label={t('rail.help')} here={place === 'help'}>
        <IconLifebuoy size={20} />
      </Entry>
      {mayArrange(person) && (
        <Entry to="/reports" label={t('rail.reports')} here={place === 'reports'}>
          <IconChartBar size={20} />
        </Entry>
      )}
      <Entry to="/settings" label={t('rail.settings')} here={place === 'settings'}>
        <IconSettings size={20} />
      </Entry>
      <span className={classes.space} />
      <Bell />
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
      <AccountMenu
        status={
          <Suspense fallback={null}>
            <OwnStatus onMore={() => setAvailability(true)} />
          </Suspense>
        }
      >
        <UnstyledButton className={classes.account}>
          <Initials person={person} size={32} />
          <AwayMark />
          <span className="visually-hidden">
            {common('menu.account', { name: fullName(person) })}
          </span>
        </UnstyledButton>
      </AccountMenu>
      {availability && own && (
        <Suspense fallback={null}>
          <AvailabilityForm
            agent="me"
            self={person.id}
            name={null}
            now={own}
            onClose={() => setAvailability(false)}
          />
        </Suspense>
      )}
    </nav>
  );
}

/** One of the console's places; the one where we are is marked. */
function Entry(props: {
  to: '/' | '/files' | '/help' | '/reports' | '/settings';
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
