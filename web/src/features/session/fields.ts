import type { TFunction } from 'i18next';
import { ApiError } from '~/api/problem';

/** Lengths of a password; staff hold the keys to other people's data, so theirs are longer. */
export const PASSWORD = { staff: 12, customer: 8, max: 128 } as const;

/** Codes of single fields that are said in the person's language. */
const KNOWN = [
  ...(['required', 'too_short', 'too_long', 'too_weak', 'invalid'] as const),
  ...(['reserved', 'invalid_slug', 'unknown_value'] as const),
  ...(['out_of_range', 'too_broad', 'unresolved_placeholder'] as const),
  ...(['wrong', 'unchanged', 'too_common'] as const),
];
type Known = (typeof KNOWN)[number];
/** What a page says of codes that mean no more to a person than that something is wrong. */
const SAME = {
  invalid_email: 'invalid_email',
  unknown_field: 'field.invalid',
  duplicate_field: 'field.invalid',
} as const;

type Translate = TFunction<'session'>;

/** Catches typing mistakes only; whether an address exists is what the confirmation mail finds out. */
export function checkEmail(t: Translate, value: string): string | null {
  return /^[^\s@]+@[^\s@]+$/.test(value.trim()) ? null : t('invalid_email');
}

export function checkFilled(t: Translate, value: string): string | null {
  return value.trim() ? null : t('required');
}

/** The same lengths as the server's, so that most refusals are seen while typing. */
export function checkPassword(t: Translate, value: string, min: number): string | null {
  // Characters, as the server counts them: an emoji is one.
  const length = [...value].length;
  if (length < min) return t('too_short', { min });
  return length > PASSWORD.max ? t('too_long', { max: PASSWORD.max }) : null;
}

/** What the server said about each field; empty when it refused for another reason. */
export function fieldErrors(t: Translate, error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(
    error.fields.map(({ field, code, message }) => [field, fieldWords(t, code) ?? message]),
  );
}

/** What the code of a field says; null where nothing is known of it. */
export function fieldWords(t: Translate, code: string): string | null {
  if (code in SAME) return t(SAME[code as keyof typeof SAME]);
  return KNOWN.includes(code as Known) ? t(`field.${code as Known}`) : null;
}
