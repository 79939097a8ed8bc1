import { useTranslation } from 'react-i18next';
import { RelativeTime } from '~/ui/RelativeTime';
import classes from './Rating.module.css';

/** How a resolution was rated. */
export function Given(props: {
  given: { rating: number; comment?: string | null; changed_at: string };
  by?: string;
}) {
  const { t } = useTranslation('csat');
  const { rating, comment, changed_at } = props.given;
  return (
    <div className={classes.given}>
      <span className={classes.stars}>{t('points', { count: rating })}</span>
      <span className={classes.when}>
        {props.by && `${props.by} · `}
        <RelativeTime at={changed_at} />
      </span>
      {comment && <p className={classes.words}>{comment}</p>}
    </div>
  );
}
