import { useTranslation } from 'react-i18next';

/** Says what became of a passkey that was not made or not shown; null for anything else. */
export function usePasskeyWords(): (error: unknown) => string | null {
  const { t } = useTranslation('session');
  return (error) => {
    if (!(error instanceof DOMException)) return null;
    // Browsers do not tell "cancelled" from "none here", so that nobody learns which passkeys exist.
    if (error.name === 'NotAllowedError' || error.name === 'AbortError') return t('passkey.none');
    if (error.name === 'InvalidStateError') return t('passkey.known');
    return t('passkey.failed');
  };
}
