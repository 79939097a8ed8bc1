import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { CannedReply } from '~/api/types';
import { IconBolt, IconMessages } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Collection } from '../arrange/Collection';
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
  const kept = useKept();
  return (
    <>
      <h1 className={page.title}>{t('replies.title')}</h1>
      <p className={page.intro}>{t('replies.intro')}</p>
      <Collection
        of="canned"
        icon={IconMessages}
        list={useQuery(replyList)}
        lists={[keys.replies]}
        row={(reply) => ({
          ...kept(reply, reply.message),
          remove: () =>
            unwrap(
              app.DELETE('/api/v1/canned-replies/{reply}', {
                params: { path: { reply: reply.id } },
              }),
            ),
        })}
        form={(reply, onClose) => <ReplyForm reply={reply} onClose={onClose} />}
      />
      <Collection
        of="macros"
        icon={IconBolt}
        list={useQuery(macroList)}
        lists={[keys.macros]}
        row={(macro) => ({
          ...kept(
            macro,
            [macro.message, t('replies.does', { count: macro.actions.length })]
              .filter(Boolean)
              .join(' · '),
          ),
          remove: () =>
            unwrap(app.DELETE('/api/v1/macros/{macro}', { params: { path: { macro: macro.id } } })),
        })}
        form={(macro, onClose) => <MacroForm macro={macro} onClose={onClose} />}
      />
    </>
  );
}

/** What is said of one of them, whose it is, and whether whoever looks keeps it. */
function useKept() {
  const { t } = useTranslation('arrange');
  const arranges = mayArrange(usePerson());
  return ({ name, scope }: Pick<CannedReply, 'name' | 'scope'>, text: string) => ({
    name,
    mark: <span className={page.dim}>({t(`replies.${scope}`)})</span>,
    said: <span className={classes.text}>{text}</span>,
    fixed: scope !== 'own' && !arranges,
  });
}
