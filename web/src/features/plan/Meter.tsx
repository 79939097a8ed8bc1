import { Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type Level, levelOf } from './limits';
import classes from './Plan.module.css';

const COLOURS: Record<Level, string> = {
  free: 'ink',
  fine: 'ink',
  near: 'yellow',
  full: 'red',
  over: 'red',
};

/** How much of a limit is used: in numbers, as a bar, and in a word where it is near or reached. */
export function Meter(props: {
  label: string;
  used: number;
  allowed?: number | null;
  /** How a number is said, where it counts no things. */
  say?: (value: number) => string;
  /** What is behind the number, as how many are only asked in. */
  children?: ReactNode;
}) {
  const { t, i18n } = useTranslation('plan');
  const { label, used, allowed } = props;
  const level = levelOf(used, allowed);
  const say = props.say ?? ((value) => new Intl.NumberFormat(i18n.language).format(value));
  return (
    <div className={classes.meter}>
      <span className={classes.head}>
        <span className={classes.label}>{label}</span>
        <span className={classes.number}>
          {typeof allowed === 'number'
            ? t('meter.of', { used: say(used), allowed: say(allowed) })
            : t('meter.free', { used: say(used) })}
        </span>
      </span>
      {typeof allowed === 'number' && (
        <Progress.Root size="md">
          <Progress.Section
            value={allowed > 0 ? Math.min(100, Math.round((used / allowed) * 100)) : 100}
            color={COLOURS[level]}
            aria-label={label}
          />
        </Progress.Root>
      )}
      <span className={classes.under}>
        {level !== 'free' && level !== 'fine' && (
          <strong className={classes.level} data-level={level}>
            {t(`meter.${level}`)}
          </strong>
        )}
        {props.children}
      </span>
    </div>
  );
}
