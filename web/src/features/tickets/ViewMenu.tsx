import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { IconChevronDown } from '~/ui/icons';
import { viewList } from './queries';
import classes from './TicketList.module.css';
import { BUILT_IN, type View } from './views';

/** The list's heading: the name of the view, and on narrow screens the way to another one. */
export function ViewMenu({ view, name }: { view: View; name: string }) {
  const { t } = useTranslation('queue');
  const navigate = useNavigate();
  const { data: views } = useQuery(viewList);
  const choices: [View, string][] = [
    ...BUILT_IN.map((key): [View, string] => [key, t(`views.${key}`)]),
    ...(views?.data ?? []).map((one): [View, string] => [String(one.id), one.name]),
  ];
  return (
    <>
      <h1 className={`${classes.title} ${classes.plain}`}>{name}</h1>
      <h1 className={classes.narrow}>
        <Menu position="bottom-start" shadow="md">
          <Menu.Target>
            <button
              type="button"
              className={`${classes.title} ${classes.menu}`}
              aria-label={t('views.choose', { view: name })}
            >
              {name}
              <IconChevronDown size={16} aria-hidden="true" />
            </button>
          </Menu.Target>
          <Menu.Dropdown mah="60dvh" style={{ overflowY: 'auto' }}>
            {choices.map(([other, label]) => (
              <Menu.Item
                key={other}
                fw={other === view ? 600 : undefined}
                onClick={() => void navigate({ to: '/', search: { view: other } })}
              >
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </h1>
    </>
  );
}
