import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { ProveFirst } from '../session/ProveFirst';
import { Refusal } from '../session/Refusal';

/** Why no import begins. An address of one's own that is not confirmed can be helped here. */
export function NotBegun({ error }: { error: unknown }) {
  const { t } = useTranslation('imports');
  if (error instanceof ApiError && error.code === 'email_not_verified') {
    return <ProveFirst>{t('prove_first')}</ProveFirst>;
  }
  return <Refusal error={error} />;
}
