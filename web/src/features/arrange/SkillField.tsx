import { TagsInput } from '@mantine/core';

/** Skills at most, and the longest, the same as the server's. */
const MOST = 20;
const LONGEST = 64;

/** What somebody knows, or must know: a few words in small letters. */
export function SkillField(props: {
  label: string;
  description?: string;
  value: string[];
  error?: string;
  onChange: (skills: string[]) => void;
}) {
  const { onChange, ...rest } = props;
  return (
    <TagsInput
      {...rest}
      maxTags={MOST}
      maxLength={LONGEST}
      splitChars={[',']}
      acceptValueOnBlur
      onChange={(words) => onChange([...new Set(words.map((word) => word.trim().toLowerCase()))])}
    />
  );
}
