import { Alert } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useExplain } from '~/ui/explain';
import { clock, useWait } from './countdown';

/**
 * Why something was refused. Where it was one try too many, a clock says when the next one counts;
 * `says` words what the refusal means at this place.
 */
export function Refusal(props: { error: unknown; says?: string | null; children?: ReactNode }) {
  const { t } = useTranslation('session');
  const explain = useExplain();
  const wait = useWait(props.error);
  if (!props.error) return null;
  return (
    <Alert color={wait > 0 ? 'yellow' : 'red'} variant="light" role="alert">
      {wait > 0 ? (
        <>
          {t('throttled')} {/* Read out once with the alert, not every second. */}
          <strong className="tabular" aria-live="off">
            {clock(wait)}
          </strong>
        </>
      ) : (
        (props.says ?? explain(props.error))
      )}
      {props.children}
    </Alert>
  );
}
