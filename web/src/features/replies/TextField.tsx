import { Menu, Textarea, UnstyledButton } from '@mantine/core';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { withText } from './choices';
import { PLACEHOLDERS } from './placeholders';
import classes from './Replies.module.css';

/** A text with placeholders, and the names that there are. */
export function TextField(props: {
  value: string;
  error?: string;
  onChange: (text: string) => void;
}) {
  const { t } = useTranslation('arrange');
  const field = useRef<HTMLTextAreaElement>(null);
  return (
    <div>
      <Textarea
        ref={field}
        label={t('replies.message')}
        description={t('replies.message_text')}
        autosize
        minRows={4}
        maxRows={12}
        value={props.value}
        error={props.error}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      />
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <UnstyledButton className={classes.insert}>{t('replies.placeholders')}</UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown mah="40dvh" style={{ overflowY: 'auto' }}>
          {PLACEHOLDERS.map((name) => (
            <Menu.Item
              key={name}
              ff="monospace"
              onClick={() => {
                const at = field.current?.selectionStart ?? props.value.length;
                props.onChange(withText(props.value, at, `{{${name}}}`).text);
              }}
            >
              {`{{${name}}}`}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
