import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useExplain } from '~/ui/explain';
import banner from '../live/LiveBanner.module.css';
import { me, useResend } from './me';
import { usePerson } from './session';

/**
 * Reminds whoever has not confirmed their address: who founded the organisation, and whom its
 * identity provider let in. Asked anew when they come back to the page, for instance from the mail
 * with the link.
 */
export function UnverifiedBanner() {
  const { t } = useTranslation('session');
  const explain = useExplain();
  const { email, email_verified } = usePerson();
  const { data } = useQuery({
    ...me,
    enabled: !email_verified,
    refetchOnWindowFocus: (query) => !query.state.data?.email_verified && 'always',
  });
  const resend = useResend();
  if (!data || data.email_verified) return null;
  const said = resend.isSuccess ? 'verify.resent' : 'verify.banner';
  return (
    <div role="status" className={banner.banner}>
      <span>{resend.isError ? explain(resend.error) : t(said, { email })}</span>
      {!resend.isSuccess && (
        <button type="button" disabled={resend.isPending} onClick={() => resend.mutate()}>
          {t(resend.isPending ? 'verify.resending' : 'verify.resend')}
        </button>
      )}
    </div>
  );
}
