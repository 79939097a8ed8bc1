import { Menu } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { IconFileOff } from '~/ui/icons';

/** The way from a file to the question whether its content is refused from now on. */
export function RefuseItem({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation('moderation');
  return (
    <Menu.Item leftSection={<IconFileOff size={16} />} aria-haspopup="dialog" onClick={onClick}>
      {t('refuse.menu')}
    </Menu.Item>
  );
}
