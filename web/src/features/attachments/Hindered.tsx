import { useTranslation } from 'react-i18next';
import classes from './Attachments.module.css';
import type { Hindrance } from './row';

/** Why a message cannot be sent yet, beside the button that would. */
export function Hindered({ id, hindrance }: { id: string; hindrance: Hindrance | null }) {
  const { t } = useTranslation('attachments');
  return (
    <span id={id} role="status" className={classes.hindered}>
      {hindrance && t(`hindered.${hindrance.why}`, { count: hindrance.count })}
    </span>
  );
}
