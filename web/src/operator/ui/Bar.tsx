import { Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSize } from '~/ui/size';
import { duration } from '~/ui/time';
import { type Seen, secondsLeft, share } from './progress';
import classes from './ui.module.css';

type Props = { label: string; done: number; total: number; inBytes?: boolean; seen?: Seen };

/** How far something has come, and how long the rest will take where that can be told. */
export function Bar({ label, done, total, inBytes, seen }: Props) {
  const { t, i18n } = useTranslation('operator');
  const left = seen && secondsLeft(seen, { done, total, at: Date.now() });
  const size = useSize();
  const count = (of: number) =>
    inBytes ? size(of) : new Intl.NumberFormat(i18n.language).format(of);
  return (
    <span className={classes.bar}>
      <Progress.Root size="sm">
        <Progress.Section value={share(done, total) * 100} aria-label={label} />
      </Progress.Root>
      <span className={classes.said}>
        {t('bar.of', { done: count(done), total: count(total) })}
        {left !== undefined && ` · ${t('bar.left', { time: duration(left, i18n.language) })}`}
      </span>
    </span>
  );
}
