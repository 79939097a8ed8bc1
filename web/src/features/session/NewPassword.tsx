import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './NewPassword.module.css';
import { STRENGTHS, strengthOf } from './strength';

/** A field for a password that is being made up, with a hint of how good it is. */
export function NewPassword(
  props: PasswordInputProps & { typed: string; known: string[]; min: number },
) {
  const { t } = useTranslation('session');
  const { typed, known, min, ...input } = props;
  const strength = strengthOf(typed, known);
  const hint = useId();
  return (
    <div>
      <PasswordInput
        label={t('password')}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('show_password') }}
        aria-describedby={hint}
        required
        withAsterisk={false}
        {...input}
      />
      <div className={classes.bar} data-strength={typed ? strength : undefined} aria-hidden="true">
        {STRENGTHS.map((step) => (
          <span key={step} />
        ))}
      </div>
      <p id={hint} className={classes.hint} aria-live="polite">
        {typed
          ? `${t('strength.label')}: ${t(`strength.${strength}`)}`
          : t('strength.empty', { min })}
      </p>
    </div>
  );
}
