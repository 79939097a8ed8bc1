import type { ReactNode } from 'react';
import classes from './TicketPanel.module.css';

/** A part of the ticket's right side. */
export function PanelSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
