import { useTranslation } from 'react-i18next';
import type { Import } from '~/api/types';
import classes from './Imports.module.css';

const NAMES = ['imported', 'skipped', 'failed', 'warned', 'contacts'] as const;

/** How many lines came to what; in a check, what they would come to. */
export function Counts({ of }: { of: Import }) {
  const { t, i18n } = useTranslation('imports');
  const isCheck = of.state === 'checking' || of.state === 'checked';
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <dl className={classes.counts}>
      {NAMES.map((name) => (
        <div key={name}>
          <dt>{t(isCheck && name === 'imported' ? 'count.would_come' : `count.${name}`)}</dt>
          <dd>{number.format(of.counts[name])}</dd>
        </div>
      ))}
    </dl>
  );
}
