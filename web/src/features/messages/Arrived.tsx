import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '~/api/types';
import { usePerson } from '../session/session';

/** So much of a message is said at once; the rest is there to be read. */
const LONGEST = 200;

/** Says to those who do not see it what somebody else has just written. */
export function Arrived(props: {
  /** The conversation as it is now; null until it is there as a whole. */
  messages: Message[] | null;
  nameOf: (message: Message) => string;
}) {
  const { t } = useTranslation('messages');
  const message = useArrived(props.messages);
  const words = message && `${props.nameOf(message)}: ${wordsOf(message).slice(0, LONGEST)}`;
  return (
    <p role="status" className="visually-hidden">
      {message?.is_internal && `${t('note')}. `}
      {words}
    </p>
  );
}

/** What is read: its words without the signs of Markdown. */
function wordsOf({ message, message_html: html }: Message): string {
  return html
    ? (new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '')
    : message;
}

/** The last message that came from somebody else since the conversation was opened. */
function useArrived(messages: Message[] | null): Message | null {
  const me = usePerson().id;
  const newest = useRef<number | null>(null);
  const [arrived, setArrived] = useState<Message | null>(null);
  useEffect(() => {
    if (!messages) return;
    const before = newest.current;
    newest.current = Math.max(before ?? 0, ...messages.map(({ id }) => id));
    if (before === null) return;
    const come = messages.findLast(({ id, sender_id }) => id > before && sender_id !== me);
    if (come) setArrived(come);
  }, [messages, me]);
  return arrived;
}
