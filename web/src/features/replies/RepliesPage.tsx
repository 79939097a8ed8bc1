import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { CannedReply, Macro } from '~/api/types';
import { IconBolt, IconMessages, IconPlus } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import head from '../arrange/Head.module.css';
import { Listed } from '../arrange/Listed';
import { RowActions } from '../arrange/RowActions';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { MacroForm } from './MacroForm';
import { keys, macroList, replyList } from './queries';
import classes from './Replies.module.css';
import { ReplyForm } from './ReplyForm';

/** What somebody would otherwise write and click again and again: their own, and everybody's. */
export function RepliesPage() {
  const { t } = useTranslation('arrange');
  useTitle(t('replies.title'));
  return (
    <>
      <h1 className={page.title}>{t('replies.title')}</h1>
      <p className={page.intro}>{t('replies.intro')}</p>
      <Replies />
      <Macros />
    </>
  );
}

function Replies() {
  const { t } = useTranslation('arrange');
  const list = useQuery(replyList);
  const [open, setOpen] = useState<CannedReply | 'new' | null>(null);
  return (
    <>
      <Head title={t('replies.canned')} add={t('replies.new_reply')} onAdd={() => setOpen('new')} />
      <Listed
        list={list}
        label={t('replies.canned')}
        none={t('replies.none_reply')}
        noneText={t('replies.none_reply_text')}
        icon={<IconMessages size={24} stroke={1.5} />}
        row={(reply) => (
          <Row
            key={reply.id}
            of={reply}
            text={reply.message}
            onEdit={() => setOpen(reply)}
            remove={() => {
              const path = { reply: reply.id };
              return unwrap(app.DELETE('/api/v1/canned-replies/{reply}', { params: { path } }));
            }}
            lists={[keys.replies]}
          />
        )}
      />
      {open && <ReplyForm reply={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}

function Macros() {
  const { t } = useTranslation('arrange');
  const list = useQuery(macroList);
  const [open, setOpen] = useState<Macro | 'new' | null>(null);
  return (
    <>
      <Head title={t('replies.macros')} add={t('replies.new_macro')} onAdd={() => setOpen('new')} />
      <Listed
        list={list}
        label={t('replies.macros')}
        none={t('replies.none_macro')}
        noneText={t('replies.none_macro_text')}
        icon={<IconBolt size={24} stroke={1.5} />}
        row={(macro) => (
          <Row
            key={macro.id}
            of={macro}
            text={[macro.message, t('replies.does', { count: macro.actions.length })]
              .filter(Boolean)
              .join(' · ')}
            onEdit={() => setOpen(macro)}
            remove={() => {
              const path = { macro: macro.id };
              return unwrap(app.DELETE('/api/v1/macros/{macro}', { params: { path } }));
            }}
            lists={[keys.macros]}
          />
        )}
      />
      {open && <MacroForm macro={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}

function Head(props: { title: string; add: string; onAdd: () => void }) {
  return (
    <div className={head.head}>
      <h2 className={page.heading}>{props.title}</h2>
      <Button size="xs" leftSection={<IconPlus size={16} />} onClick={props.onAdd}>
        {props.add}
      </Button>
    </div>
  );
}

/** One of them, and what those may do with it who keep it. */
function Row(props: {
  of: Pick<CannedReply, 'name' | 'scope'>;
  text: ReactNode;
  onEdit: () => void;
  remove: () => Promise<unknown>;
  lists: readonly (readonly string[])[];
}) {
  const { t } = useTranslation('arrange');
  const { name, scope } = props.of;
  const arranges = mayArrange(usePerson());
  const keeps = scope === 'own' || arranges;
  return (
    <li>
      <span className={`${page.names} ${classes.row}`}>
        <span className={page.name}>
          {name} <span className={page.dim}>({t(`replies.${scope}`)})</span>
        </span>
        <span className={`${page.dim} ${classes.text}`}>{props.text}</span>
      </span>
      {keeps && (
        <RowActions
          name={name}
          text={t('replies.remove_text')}
          onEdit={props.onEdit}
          remove={props.remove}
          lists={props.lists}
        />
      )}
    </li>
  );
}
