import classes from './Mark.module.css';

/** What a state means: something is well, waits, is worked on, or is wrong. */
export type Tone = 'good' | 'near' | 'bad' | 'busy' | 'still';

/** A state in a word. The dot only repeats what the word says. */
export function Mark({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={classes.mark} data-tone={tone}>
      {children}
    </span>
  );
}
