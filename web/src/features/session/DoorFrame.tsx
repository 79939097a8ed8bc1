import { ActionIcon, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconSettings } from '~/ui/icons';
import { Logo } from '~/ui/Logo';
import { useTitle } from '~/ui/useTitle';
import { AccountMenu } from './AccountMenu';
import classes from './DoorFrame.module.css';

/** The frame of every page that one meets before being signed in: one card, one task. */
export function DoorFrame(props: { title: string; subtitle?: ReactNode; children?: ReactNode }) {
  const { t } = useTranslation();
  useTitle(props.title);
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <span className={classes.brand}>
          <Logo />
          {t('name')}
        </span>
        <AccountMenu>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`${t('menu.language')}, ${t('menu.appearance')}`}
          >
            <IconSettings size={20} />
          </ActionIcon>
        </AccountMenu>
      </header>
      <main className={classes.card}>
        <Title order={1} className={classes.title}>
          {props.title}
        </Title>
        {props.subtitle && <p className={classes.subtitle}>{props.subtitle}</p>}
        {props.children}
      </main>
    </div>
  );
}
