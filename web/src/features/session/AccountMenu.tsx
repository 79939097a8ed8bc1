import { Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { fullName } from '~/ui/Initials';
import { IconLogout, IconUserCircle } from '~/ui/icons';
import { Preferences } from './Preferences';
import { signOut, useSession } from './session';

type Props = {
  children: ReactNode;
  /** What somebody can say of themselves, above the rest. */
  status?: ReactNode;
};

/** Language, appearance and, for somebody signed in, the way out. `children` is the button. */
export function AccountMenu({ children, status }: Props) {
  const { t } = useTranslation();
  const session = useSession();
  return (
    <Menu position="bottom-end" width={232} withinPortal shadow="md">
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        {session.state === 'person' && (
          <Menu.Label>
            {fullName(session.user)} · {t(`role.${session.user.role}`)}
            <br />
            {session.user.email}
          </Menu.Label>
        )}
        {status}
        <Preferences />
        {session.state === 'person' && (
          <>
            <Menu.Divider />
            <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
              {t('menu.own')}
            </Menu.Item>
            <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
              {t('menu.sign_out')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
