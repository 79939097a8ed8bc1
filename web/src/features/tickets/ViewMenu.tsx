import { Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { IconChevronDown } from '~/ui/icons';
import classes from './TicketList.module.css';
import { VIEWS, type View } from './views';

/** The list's heading: the name of the view, and on narrow screens the way to another one. */
export function ViewMenu({ view }: { view: View }) {
  const { t } = useTranslation('tickets');
  const navigate = useNavigate();
  const name = t(`views.${view}`);
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
          <Menu.Dropdown>
            {VIEWS.map((other) => (
              <Menu.Item
                key={other}
                fw={other === view ? 600 : undefined}
                onClick={() => void navigate({ to: '/', search: { view: other } })}
              >
                {t(`views.${other}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </h1>
    </>
  );
}
