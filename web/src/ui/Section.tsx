import type { ReactNode } from 'react';
import page from './page.module.css';

/** A card with a heading of its own and what belongs to it. */
export function Section(props: {
  id: string;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <section className={`${page.card} ${page.section}`} aria-labelledby={props.id}>
      <div>
        <h2 id={props.id} className={page.heading}>
          {props.title}
        </h2>
        {props.text && <p className={page.intro}>{props.text}</p>}
      </div>
      {props.children}
    </section>
  );
}
