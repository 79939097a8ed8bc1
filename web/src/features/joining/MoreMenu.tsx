import { ActionIcon, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { IconArrowMerge, IconArrowRight, IconDots } from '~/ui/icons';
import { MergeDialog } from './MergeDialog';

/** What is done to a ticket now and then. */
export function MoreMenu({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation(['merging', 'joining']);
  const navigate = useNavigate();
  const [merging, setMerging] = useState(false);
  const closed = ticket.status === 'closed';
  if (closed && ticket.merged_into) return null;
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('more', { number: ticket.ticket_number })}
          >
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {closed ? (
            <Menu.Item
              leftSection={<IconArrowRight size={16} />}
              onClick={() =>
                void navigate({
                  to: '/tickets/new',
                  search: { from: ticket.ticket_number, follow: true },
                })
              }
            >
              {t('joining:follow.open')}
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconArrowMerge size={16} />} onClick={() => setMerging(true)}>
              {t('merge.open')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {merging && <MergeDialog ticket={ticket} onClose={() => setMerging(false)} />}
    </>
  );
}
