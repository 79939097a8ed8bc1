import { useMemo } from 'react';
import classes from './Body.module.css';
import { sanitise } from './sanitise';

/** The text of a message: the server's HTML, cleaned again; as typed when there is none yet. */
export function Body({ html, text }: { html: string; text: string }) {
  const clean = useMemo(() => (html ? { __html: sanitise(html) } : null), [html]);
  if (!clean) return <div className={`${classes.body} ${classes.plain}`}>{text}</div>;
  // biome-ignore lint/security/noDangerouslySetInnerHtml: cleaned by the server and once more above.
  return <div className={classes.body} dangerouslySetInnerHTML={clean} />;
}
