import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { Article } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import classes from './Help.module.css';
import { HELP } from './queries';

/** Whether the article has helped: one answer, which may be another one later. */
export function Vote({ article }: { article: Article }) {
  const { t } = useTranslation('help');
  const client = useQueryClient();
  const explain = useExplain();
  const vote = useMutation({
    mutationFn: (helpful: boolean) =>
      unwrap(
        app.PUT('/api/v1/articles/{article}/vote', {
          params: { path: { article: String(article.id) } },
          body: { helpful },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [...HELP, 'one'] }),
    onError: (error) => void notifyFailure(t('vote.error'), explain(error)),
  });
  const said = vote.isPending ? vote.variables : article.vote;
  return (
    <div className={classes.vote}>
      <span id="helpful">{t('vote.question')}</span>
      <Button.Group aria-labelledby="helpful">
        {([true, false] as const).map((helpful) => (
          <Button
            key={String(helpful)}
            size="xs"
            variant={said === helpful ? 'filled' : 'default'}
            aria-pressed={said === helpful}
            onClick={() => vote.mutate(helpful)}
          >
            {t(helpful ? 'vote.yes' : 'vote.no')}
          </Button>
        ))}
      </Button.Group>
      <span role="status">{vote.isSuccess && t('vote.thanks')}</span>
    </div>
  );
}
