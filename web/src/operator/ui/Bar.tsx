import { Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { duration } from '~/ui/time';
import { type Seen, secondsLeft, share } from './progress';
import classes from './ui.module.css';

/** How far something has come, and how long the rest will take where that can be told. */
export function Bar(props: { label: string; done: number; total: number; seen?: Seen }) {
  const { t, i18n } = useTranslation('operator');
  const { label, done, total, seen } = props;
  const left = seen && secondsLeft(seen, { done, total, at: Date.now() });
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <span className={classes.bar}>
      <Progress.Root size="sm">
        <Progress.Section value={share(done, total) * 100} aria-label={label} />
      </Progress.Root>
      <span className={classes.said}>
        {t('bar.of', { done: number.format(done), total: number.format(total) })}
        {left !== undefined && ` · ${t('bar.left', { time: duration(left, i18n.language) })}`}
      </span>
    </span>
  );
}
