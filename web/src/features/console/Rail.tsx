import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { fullName, Initials } from '~/ui/Initials';
import { IconInbox, IconKeyboard } from '~/ui/icons';
import { Logo } from '~/ui/Logo';
import { AccountMenu } from '../session/AccountMenu';
import { usePerson } from '../session/session';
import classes from './Rail.module.css';

/** The narrow column that is always there. */
export function Rail({ onSheet }: { onSheet: () => void }) {
  const { t } = useTranslation('tickets');
  const { t: common } = useTranslation();
  const person = usePerson();
  return (
    <nav className={classes.rail} aria-label={t('rail.label')}>
      <span className={classes.logo}>
        <Logo />
      </span>
      <Tooltip label={t('rail.tickets')} position="right">
        <ActionIcon
          component={Link}
          to="/"
          variant="light"
          size={40}
          aria-label={t('rail.tickets')}
          aria-current="page"
        >
          <IconInbox size={20} />
        </ActionIcon>
      </Tooltip>
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
