import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useExplain } from '~/ui/explain';
import { IconBeach, IconClock, IconUserCheck } from '~/ui/icons';
import { notifyFailure } from '~/ui/notify';
import { availabilityOf, useSetAvailability } from './queries';

/** Says in the account's menu whether one is there, and changes it. */
export function OwnStatus({ onMore }: { onMore: () => void }) {
  const { t } = useTranslation('desk');
  const explain = useExplain();
  const { data: own } = useQuery(availabilityOf('me'));
  const set = useSetAvailability('me');
  if (!own) return null;
  const Icon = own.available ? IconBeach : IconUserCheck;
  return (
    <>
      <Menu.Item
        leftSection={<Icon size={16} />}
        disabled={set.isPending}
        onClick={() =>
          set.mutate(
            { available: !own.available },
            { onError: (error) => void notifyFailure(t('here.failed'), explain(error)) },
          )
        }
      >
        {t(own.available ? 'here.leave' : 'here.come')}
      </Menu.Item>
      <Menu.Item leftSection={<IconClock size={16} />} onClick={onMore}>
        {t('here.more')}
      </Menu.Item>
      <Menu.Divider />
    </>
  );
}
