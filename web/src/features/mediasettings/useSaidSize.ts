import { useTranslation } from 'react-i18next';
import { saidSize } from './mebibytes';

/** Says a number of bytes in mebibytes, in the person's language. */
export function useSaidSize(): (bytes: number) => string {
  const { t, i18n } = useTranslation('arrange');
  return (bytes) => saidSize(bytes, i18n.language, t('media.mib'));
}
