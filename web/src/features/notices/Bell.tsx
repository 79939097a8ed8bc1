import { ActionIcon, Popover, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconBell } from '~/ui/icons';
import { Notices } from '../console/lazily';
import classes from './Notices.module.css';
import { unreadCount } from './queries';

/** The highest number that is worth its width. */
const CAP = 99;

/** What one has been told, behind a bell that says how much of it is new. */
export function Bell() {
  const { t } = useTranslation('queue');
  const [opened, setOpened] = useState(false);
  const { data: unread = 0 } = useQuery(unreadCount);
  const name = unread > 0 ? t('notices.unread', { count: unread }) : t('notices.title');
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="right-end"
      width={340}
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Tooltip label={t('notices.title')} position="right" disabled={opened}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={40}
            className={classes.bell}
            aria-label={name}
            aria-haspopup="dialog"
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            <IconBell size={20} />
            {unread > 0 && (
              <span className={classes.count} aria-hidden="true">
                {unread > CAP ? `${CAP}+` : unread}
              </span>
            )}
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t('notices.title')}>
        <Suspense fallback={null}>
          {opened && <Notices unread={unread} onClose={() => setOpened(false)} />}
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
