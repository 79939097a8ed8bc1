import { Input } from '@mantine/core';
import { type Ref, useId } from 'react';
import classes from './CodeInput.module.css';
import { CODE_LENGTH, digitsOf } from './digits';

const PLACES = Array.from({ length: CODE_LENGTH }, (_, place) => place);

/**
 * The six digits of an authenticator app. It looks like six boxes and is one field, so that a code
 * can be pasted, filled in by the browser and read out as a whole. With the last digit it is sent.
 */
export function CodeInput(props: {
  label: string;
  value: string;
  error?: string | null;
  disabled?: boolean;
  autoFocus?: boolean;
  ref?: Ref<HTMLInputElement>;
  onChange: (code: string) => void;
  onComplete: (code: string) => void;
}) {
  const id = useId();
  const { value } = props;
  function take(text: string) {
    const code = digitsOf(text);
    props.onChange(code);
    if (code.length === CODE_LENGTH && code !== value) props.onComplete(code);
  }
  return (
    <Input.Wrapper label={props.label} error={props.error} id={id} errorProps={{ role: 'alert' }}>
      <div className={classes.code}>
        <input
          ref={props.ref}
          id={id}
          className={classes.input}
          inputMode="numeric"
          autoComplete="one-time-code"
          // biome-ignore lint/a11y/noAutofocus: the code is the one thing that this page asks for
          autoFocus={props.autoFocus}
          aria-invalid={props.error ? true : undefined}
          aria-describedby={props.error ? `${id}-error` : undefined}
          disabled={props.disabled}
          value={value}
          onChange={(event) => take(event.currentTarget.value)}
        />
        {PLACES.map((place) => (
          <span
            key={place}
            aria-hidden="true"
            className={classes.box}
            data-next={place === Math.min(value.length, CODE_LENGTH - 1) || undefined}
          >
            {value[place]}
          </span>
        ))}
      </div>
    </Input.Wrapper>
  );
}
