import { ActionIcon, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { IconArrowsSort } from '~/ui/icons';
import type { QueueSearch } from './narrowing';
import { SORTS, type Sort } from './views';

/** In which order the list stands, and the others in which it could. */
export function SortMenu({ search }: { search: QueueSearch }) {
  const { t } = useTranslation('desk');
  const navigate = useNavigate();
  const now = search.sort ?? SORTS[0];
  const name = t('sort.title', { order: t(`sort.by.${now}`) });
  /** The usual order needs no word in the address. */
  const choose = (sort: Sort) =>
    void navigate({ to: '/', search: { ...search, sort: sort === SORTS[0] ? undefined : sort } });
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon
          variant={search.sort ? 'light' : 'subtle'}
          color={search.sort ? undefined : 'gray'}
          aria-label={name}
        >
          <IconArrowsSort size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={now} onChange={(sort) => choose(sort as Sort)}>
          {SORTS.map((sort) => (
            <Menu.RadioItem key={sort} value={sort} closeMenuOnClick>
              {t(`sort.by.${sort}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
