import { useElementSize } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './Charts.module.css';

/** How something looks in a chart, and in its legend. */
export type Tone = 'first' | 'second' | 'good' | 'bad' | 'line';

/** Where nothing has been measured yet, as in tests. */
const USUAL = 640;

/**
 * A picture of numbers that stand in a table beside it. Whoever does not see it is told what it is of; the numbers are in the
 * table.
 */
export function Chart(props: {
  label: string;
  height: number;
  legend?: { tone: Tone; name: string }[];
  children: (width: number) => ReactNode;
}) {
  const { ref, width } = useElementSize();
  const wide = width || USUAL;
  return (
    <figure className={classes.figure}>
      <div ref={ref} className={classes.chart}>
        <svg
          role="img"
          aria-label={props.label}
          viewBox={`0 0 ${wide} ${props.height}`}
          height={props.height}
        >
          {props.children(wide)}
        </svg>
      </div>
      {props.legend && (
        <ul className={classes.legend} aria-hidden="true">
          {props.legend.map(({ tone, name }) => (
            <li key={name}>
              <svg viewBox="0 0 12 12" aria-hidden="true">
                {tone === 'line' ? (
                  <path d="M0 6H12" className={classes.line} />
                ) : (
                  <rect width="12" height="12" rx="2" className={classes[tone]} />
                )}
              </svg>
              {name}
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}
