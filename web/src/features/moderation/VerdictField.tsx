import { Radio } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import page from '~/ui/page.module.css';
import type { Verdict } from './types';

/** What can be judged, what is asked for most often first. */
export const VERDICTS: Verdict[] = ['rejected', 'approved', 'pending'];

/** What is judged of a content, and what that means. */
export function VerdictField(props: { value: Verdict; onChange: (verdict: Verdict) => void }) {
  const { t } = useTranslation('moderation');
  return (
    <Radio.Group
      label={t('verdict')}
      value={props.value}
      onChange={(to) => props.onChange(to as Verdict)}
    >
      <div className={page.form}>
        {VERDICTS.map((one) => (
          <Radio
            key={one}
            value={one}
            label={t(`status.${one}`)}
            description={t(`status_text.${one}`)}
          />
        ))}
      </div>
    </Radio.Group>
  );
}
