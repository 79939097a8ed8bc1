import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { useSize } from '~/ui/size';
import { ProveFirst } from '../session/ProveFirst';
import { Refusal } from '../session/Refusal';

/**
 * Why no import begins. An address of one's own that is not confirmed can be helped here; room for
 * files comes by itself.
 */
export function NotBegun({ error }: { error: unknown }) {
  const { t } = useTranslation('imports');
  const size = useSize();
  if (error instanceof ApiError && error.code === 'email_not_verified') {
    return <ProveFirst>{t('prove_first')}</ProveFirst>;
  }
  const quota = error instanceof ApiError ? error.quota : null;
  const says = quota?.limit === 'import_bytes' ? t('no_room', { most: size(quota.allowed) }) : null;
  return <Refusal error={error} says={says} />;
}
