import type { ReactNode } from 'react';
import classes from './states.module.css';

/** Says why there is nothing, and what one may do about it. */
export function EmptyState(props: {
  icon?: ReactNode;
  title: string;
  text?: string;
  children?: ReactNode;
}) {
  return (
    <div className={classes.state}>
      {props.icon && <div className={classes.icon}>{props.icon}</div>}
      <p className={classes.title}>{props.title}</p>
      {props.text && <p className={classes.text}>{props.text}</p>}
      {props.children && <div className={classes.actions}>{props.children}</div>}
    </div>
  );
}
