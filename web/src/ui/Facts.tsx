import type { ReactNode } from 'react';
import classes from './Facts.module.css';

/** The name of something that is known, and what it is. */
export type Fact = [name: string, value: ReactNode];

/** What is known of something, line by line. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
