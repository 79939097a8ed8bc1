import { Button, Menu } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Role } from '~/api/types';
import { IconChevronDown } from '~/ui/icons';
import classes from './Members.module.css';

export const ROLES: Role[] = ['agent', 'manager', 'admin', 'customer'];

/** The role of somebody else, and the others with what each may do. */
export function RoleMenu(props: {
  name: string;
  role: Role;
  pending: boolean;
  onChoose: (role: Role) => void;
}) {
  const { t } = useTranslation('settings');
  const { t: common } = useTranslation();
  const role = common(`role.${props.role}`);
  return (
    <Menu position="bottom-start" shadow="md" width={300}>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          loading={props.pending}
          aria-label={t('people.change_role', { name: props.name, role })}
          rightSection={<IconChevronDown size={14} />}
        >
          {role}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {ROLES.filter((other) => other !== props.role).map((other) => (
          <Menu.Item key={other} onClick={() => props.onChoose(other)}>
            <span className={classes.choice}>
              <strong>{common(`role.${other}`)}</strong>
              <span className={classes.dim}>{t(`people.role_text.${other}`)}</span>
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
