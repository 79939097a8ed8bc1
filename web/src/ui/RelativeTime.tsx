import { useTranslation } from 'react-i18next';
import { fullTime, relativeTime } from './time';
import { useNow } from './useNow';

/** When something happened: short in the text, exact on hover and for machines. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  return (
    <time dateTime={at} title={fullTime(at, i18n.language)} className={className}>
      {relativeTime(at, Math.max(now, Date.parse(at)), i18n.language, t('just_now'))}
    </time>
  );
}
