import { useTranslation } from 'react-i18next';

/** Kinds of long work that have a name in the person's language; a newer server may know others. */
export const KINDS = [
  'backup',
  'base_backup',
  'restore',
  'drill',
  'export',
  'move',
  'purge',
  'retire',
  'rotate_master',
  'rotate_data',
  'invoice',
] as const;

/** What a job does, in words. */
export function useKind(): (kind: string) => string {
  const { t, i18n } = useTranslation('operator');
  return (kind) => {
    const key = `jobs.kind.${kind}`;
    return i18n.exists(key, { ns: 'operator' }) ? t(key as 'jobs.kind.retire') : kind;
  };
}
