import { TagsInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { tagsLike } from './queries';

/** Tags of one ticket at most, and the longest, the same as the server's. */
const MOST = 20;
const LONGEST = 64;

/** Several tags; those in use that begin like what is typed are offered. */
export function TagField(props: {
  label: string;
  value: string[];
  onChange: (tags: string[]) => void;
  error?: string | null;
  disabled?: boolean;
  autoFocus?: boolean;
  id?: string;
}) {
  const { autoFocus, onChange, ...rest } = props;
  const [typed, setTyped] = useState('');
  const [paused] = useDebouncedValue(typed.trim(), 200);
  const { data: used } = useQuery({ ...tagsLike(paused), placeholderData: keepPreviousData });
  return (
    <TagsInput
      {...rest}
      size="sm"
      maxTags={MOST}
      maxLength={LONGEST}
      splitChars={[',']}
      acceptValueOnBlur
      data-autofocus={autoFocus || undefined}
      data={(used ?? []).map(({ tag }) => tag)}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(tags) => onChange([...new Set(tags.map((tag) => tag.trim()).filter(Boolean))])}
    />
  );
}
