import type { ReactNode } from 'react';
import classes from './Settings.module.css';

/** A page of the console that has the whole width and no others beside it. */
export function Alone({ children, wide }: { children: ReactNode; wide?: boolean }) {
  return (
    <div className={`${classes.settings} ${classes.alone}`}>
      <main id="content" tabIndex={-1} className={classes.main}>
        <div className={wide ? `${classes.page} ${classes.wide}` : classes.page}>{children}</div>
      </main>
    </div>
  );
}
