import { ActionIcon, Popover, Tooltip } from '@mantine/core';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconFilter } from '~/ui/icons';
import { NarrowForm } from '../console/lazily';
import { useNarrow } from './useNarrow';
import type { Queue } from './useQueue';

/** The button behind which the list is narrowed down. */
export function NarrowMenu({ queue }: { queue: Queue }) {
  const { t } = useTranslation('queue');
  const [opened, setOpened] = useState(false);
  const narrow = useNarrow(queue);
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      width={320}
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Tooltip label={t('narrow.title')} disabled={opened}>
          <ActionIcon
            variant={queue.narrowed ? 'light' : 'subtle'}
            color={queue.narrowed ? undefined : 'gray'}
            aria-label={t('narrow.title')}
            aria-expanded={opened}
            aria-haspopup="dialog"
            onClick={() => setOpened(!opened)}
          >
            <IconFilter size={18} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('narrow.title')}>
        <Suspense fallback={null}>
          {opened && (
            <NarrowForm
              before={queue.narrowing}
              onNarrow={(narrowing) => {
                narrow(narrowing);
                setOpened(false);
              }}
            />
          )}
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
