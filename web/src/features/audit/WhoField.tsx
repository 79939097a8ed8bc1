import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { fullName } from '~/ui/Initials';
import { useTeam } from '../members/useTeam';

const OTHER = 'other';

/**
 * Whose acts: anybody's, those of one of the team by name, or those of anybody else by their number.
 * Customers and people who were removed are in the log, too.
 */
export function WhoField(props: {
  value: string;
  onChange: (value: string) => void;
  /** Whether a number is typed, whoever it is. */
  byNumber: boolean;
  onByNumber: (byNumber: boolean) => void;
  error?: string;
}) {
  const { t } = useTranslation('audit');
  const { members, error } = useTeam();
  const { value, onChange, onByNumber } = props;
  const isNamed = value === '' || members.some(({ id }) => String(id) === value);
  const byNumber = props.byNumber || !isNamed;
  function choose(chosen: string) {
    onByNumber(chosen === OTHER);
    onChange(chosen === OTHER ? '' : chosen);
  }
  return (
    <>
      <NativeSelect
        label={t('filter.user')}
        size="xs"
        value={byNumber ? OTHER : value}
        error={error && t('filter.team_error')}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          { value: '', label: t('filter.anybody') },
          ...members.map((one) => ({ value: String(one.id), label: fullName(one) })),
          { value: OTHER, label: t('filter.somebody') },
        ]}
      />
      {byNumber && (
        <TextInput
          label={t('filter.number')}
          size="xs"
          inputMode="numeric"
          autoComplete="off"
          placeholder="42"
          aria-description={t('filter.number_text')}
          value={value}
          error={props.error}
          onChange={(event) => {
            onByNumber(true);
            onChange(event.currentTarget.value);
          }}
        />
      )}
    </>
  );
}
