import { useTranslation } from 'react-i18next';
import classes from './signup.module.css';

const NAMES = ['organisation_step', 'account_step', 'ready_step'] as const;

/** Where one is in the sign-up. */
export function Steps({ current }: { current: 1 | 2 | 3 }) {
  const { t } = useTranslation('signup');
  return (
    <span className={classes.steps}>
      <span>
        {t('step', { number: current, total: NAMES.length })} · {t(NAMES[current - 1] ?? NAMES[0])}
      </span>
      <span className={classes.bar} aria-hidden="true">
        {NAMES.map((name, index) => (
          <span key={name} data-done={index < current || undefined} />
        ))}
      </span>
    </span>
  );
}
