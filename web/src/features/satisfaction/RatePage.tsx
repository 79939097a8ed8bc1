import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { ErrorState } from '~/ui/ErrorState';
import { dateOnly } from '~/ui/time';
import { DoorFrame } from '../session/DoorFrame';
import frame from '../session/DoorFrame.module.css';
import { linkQuestion } from './queries';
import { RatingForm } from './RatingForm';

/** Where the link leads that asks a customer how content they are. Nobody needs to sign in. */
export function RatePage() {
  const { t, i18n } = useTranslation('csat');
  const { token, rating } = useSearch({ from: '/rate' });
  const client = useQueryClient();
  const question = useQuery({ ...linkQuestion(token), enabled: token !== '' });
  const [isSaved, setIsSaved] = useState(false);
  const isDead =
    token === '' || (question.error instanceof ApiError && question.error.status === 404);
  if (isDead) return <DoorFrame title={t('dead')} subtitle={t('dead_text')} />;
  if (question.isError) {
    return (
      <DoorFrame title={t('title')}>
        <ErrorState
          title={t('error')}
          error={question.error}
          onRetry={() => void question.refetch()}
        />
      </DoorFrame>
    );
  }
  const asked = question.data;
  if (!asked) {
    return (
      <DoorFrame title={t('title')}>
        <p role="status" className="visually-hidden">
          {t('loading')}
        </p>
      </DoorFrame>
    );
  }
  if (isSaved) {
    return (
      <DoorFrame
        title={t('thanks')}
        subtitle={t('thanks_text', {
          organisation: asked.organisation,
          date: dateOnly(asked.expires_at, i18n.language),
        })}
      />
    );
  }
  const about = { subject: asked.subject, number: asked.ticket_number };
  return (
    <DoorFrame
      title={t('of', { organisation: asked.organisation })}
      subtitle={asked.agent ? t('about_by', { ...about, agent: asked.agent }) : t('about', about)}
    >
      <div className={frame.form}>
        <RatingForm
          token={token}
          answer={asked.answer}
          chosen={rating}
          onSaved={(given) => {
            client.setQueryData(linkQuestion(token).queryKey, { ...asked, answer: given });
            setIsSaved(true);
          }}
        />
      </div>
    </DoorFrame>
  );
}
