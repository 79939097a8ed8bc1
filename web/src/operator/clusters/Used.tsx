import { Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import ui from '../ui/ui.module.css';
import { shareOf, toneOf } from './figures';

/** How much of something is used, as a bar where there is a limit. */
export function Used(props: {
  label: string;
  used?: number | null;
  most?: number | null;
  said?: (value: number) => string;
  more?: string;
}) {
  const { i18n, t } = useTranslation('operator');
  const { used, most } = props;
  const say = props.said ?? ((value: number) => new Intl.NumberFormat(i18n.language).format(value));
  const share = shareOf(used, most);
  return (
    <span className={ui.bar}>
      {share !== undefined && (
        <Progress.Root size="sm">
          <Progress.Section
            value={Math.min(share, 1) * 100}
            color={toneOf(share)}
            aria-label={props.label}
          />
        </Progress.Root>
      )}
      <span className={ui.said}>
        {typeof used !== 'number'
          ? '–'
          : typeof most === 'number'
            ? t('bar.of', { done: say(used), total: say(most) })
            : say(used)}
      </span>
      {props.more && <span className={ui.said}>{props.more}</span>}
    </span>
  );
}
