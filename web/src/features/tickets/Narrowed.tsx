import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconX } from '~/ui/icons';
import classes from './Narrow.module.css';
import { NARROWS, type Narrow } from './narrowing';
import { SaveView } from './SaveView';
import { savable } from './savable';
import { useNarrow } from './useNarrow';
import { useNarrowWords } from './useNarrowWords';
import type { Queue } from './useQueue';

/** What the list is narrowed to, each with the way to take it back, and to keep it. */
export function Narrowed({ queue }: { queue: Queue }) {
  const { t } = useTranslation(['desk', 'queue']);
  const narrow = useNarrow(queue);
  const words = useNarrowWords();
  const [saving, setSaving] = useState(false);
  const filter = savable(queue.view, queue.saved, queue.narrowing);
  const without = (name: Narrow) => {
    const { [name]: _, ...rest } = queue.narrowing;
    narrow(rest);
  };
  return (
    <ul className={classes.chips} aria-label={t('narrow.chips')}>
      {NARROWS.flatMap((name) => {
        const value = queue.narrowing[name];
        if (!value) return [];
        const said = `${t(`narrow.${name}`)}: ${words(name, value)}`;
        return [
          <li key={name} className={classes.chip}>
            <span title={said}>{said}</span>
            <button
              type="button"
              aria-label={t('narrow.without', { what: said })}
              onClick={() => without(name)}
            >
              <IconX size={12} aria-hidden="true" />
            </button>
          </li>,
        ];
      })}
      <li>
        <button type="button" className={classes.all} onClick={() => narrow({})}>
          {t('queue:narrow.clear')}
        </button>
      </li>
      {filter && (
        <li>
          <button type="button" className={classes.all} onClick={() => setSaving(true)}>
            {t('save.keep')}
          </button>
          {saving && <SaveView filter={filter} onClose={() => setSaving(false)} />}
        </li>
      )}
    </ul>
  );
}
