import { Button } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconPlus } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { Listed } from './Listed';
import classes from './Listed.module.css';
import { RowActions } from './RowActions';

/** What is said of one thing, and what can be done to it. */
export type Row = {
  name: string;
  /** What stands behind the name. */
  mark?: ReactNode;
  said: ReactNode;
  /** Takes it away; null where that is not possible. */
  remove: (() => Promise<unknown>) | null;
  /** Whether somebody else keeps it: nothing can be done to it then. */
  fixed?: boolean;
};

type Kind =
  | 'articles'
  | 'calendars'
  | 'canned'
  | 'categories'
  | 'fields'
  | 'macros'
  | 'media'
  | 'policies'
  | 'sections'
  | 'teams';

type Props<T> = {
  /** Whose words are said. */
  of: Kind;
  icon: typeof IconPlus;
  list: UseQueryResult<T[]>;
  /** The lists that are others when one is taken away. */
  lists: readonly (readonly unknown[])[];
  row: (one: T) => Row;
  /** The dialog in which one is changed, or made where there is none yet. */
  form: (one: T | null, onClose: () => void) => ReactNode;
};

/** Whether what uses something of this kind keeps it from being taken away. */
function isKept(of: Kind): of is 'teams' | 'sections' | 'calendars' {
  return of === 'teams' || of === 'sections' || of === 'calendars';
}

/** Things of one kind that are arranged: their list, and the ways to add, change and remove one. */
export function Collection<T extends { id: number }>(props: Props<T>) {
  const { t } = useTranslation('arrange');
  const { of } = props;
  const [open, setOpen] = useState<T | 'new' | null>(null);
  // As it stands in the list now; what is no longer there stays in the form that holds it.
  const chosen =
    open === 'new' ? null : (props.list.data?.find(({ id }) => id === open?.id) ?? open);
  function row(one: T) {
    const { name, mark, said, remove, fixed } = props.row(one);
    return (
      <li key={one.id}>
        <span className={`${page.names} ${classes.names}`}>
          <span className={page.name}>
            {name} {mark}
          </span>
          <span className={page.dim}>{said}</span>
        </span>
        {!fixed && (
          <RowActions
            name={name}
            text={t(`${of}.remove_text`)}
            place={isKept(of) ? of : undefined}
            onEdit={() => setOpen(one)}
            remove={remove}
            lists={props.lists}
          />
        )}
      </li>
    );
  }
  return (
    <>
      <Listed
        list={props.list}
        title={t(`${of}.heading`)}
        action={
          <Button size="xs" leftSection={<IconPlus size={16} />} onClick={() => setOpen('new')}>
            {t(`${of}.new`)}
          </Button>
        }
        none={t(`${of}.none`)}
        noneText={t(`${of}.none_text`)}
        icon={props.icon}
        row={row}
      />
      {open && props.form(chosen, () => setOpen(null))}
    </>
  );
}
