import { ActionIcon, Menu } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { TicketQuery } from '~/api/types';
import { IconDownload } from '~/ui/icons';
import { FORMATS } from './TakeButtons';
import { useTake } from './useTake';

/** The tickets of the list that is shown, as a file. */
export function TakeMenu({ filter }: { filter: TicketQuery }) {
  const { t } = useTranslation('imports');
  const take = useTake(filter);
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          loading={take.isPending}
          aria-label={t('take.list')}
        >
          <IconDownload size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map((format) => (
          <Menu.Item key={format} onClick={() => take.mutate(format)}>
            {t(`take.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
