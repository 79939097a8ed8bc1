import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { useExplain } from './explain';
import classes from './states.module.css';

/** What failed, why, and the way to try again. The reference helps whoever reads the server's log. */
export function ErrorState(props: { title: string; error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const explain = useExplain();
  const id = props.error instanceof ApiError ? props.error.requestId : null;
  return (
    <div className={classes.state} role="alert">
      <p className={classes.title}>{props.title}</p>
      <p className={classes.text}>{explain(props.error)}</p>
      {id && <p className={classes.reference}>{t('reference', { id })}</p>}
      {props.onRetry && (
        <div className={classes.actions}>
          <Button variant="default" size="sm" onClick={props.onRetry}>
            {t('retry')}
          </Button>
        </div>
      )}
    </div>
  );
}
