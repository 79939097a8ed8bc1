import { Button, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { CsatGiven } from '~/api/types';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import classes from './Rating.module.css';

const POINTS = [1, 2, 3, 4, 5] as const;
/** As the server has it. */
const LONGEST = 2000;

/**
 * One to five points and, for whoever likes, some words. Nothing is sent before somebody presses the button: programs that look
 * through mails open links, too.
 */
export function RatingForm(props: {
  token: string;
  answer: CsatGiven | null | undefined;
  /** What was pressed in the mail. */
  chosen?: number;
  onSaved: (given: CsatGiven) => void;
}) {
  const { t } = useTranslation('csat');
  const explain = useExplain();
  const name = useId();
  const [rating, setRating] = useState(props.chosen ?? props.answer?.rating);
  const [comment, setComment] = useState(props.answer?.comment ?? '');
  const [missing, setMissing] = useState(false);
  const save = useMutation({
    mutationFn: (points: number) =>
      unwrap(app.POST('/api/v1/csat', { body: { token: props.token, rating: points, comment } })),
    onSuccess: props.onSaved,
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    setMissing(rating === undefined);
    if (rating !== undefined) save.mutate(rating);
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <fieldset className={classes.points} aria-describedby={`${name}-ends`}>
        <legend>{t('question')}</legend>
        <div className={classes.row}>
          {POINTS.map((points) => (
            <label key={points} className={classes.point}>
              <input
                type="radio"
                name={name}
                value={points}
                checked={rating === points}
                onChange={() => {
                  setRating(points);
                  setMissing(false);
                }}
              />
              <span>{points}</span>
            </label>
          ))}
        </div>
        <p id={`${name}-ends`} className={classes.ends}>
          <span>{t('worst')}</span>
          <span>{t('best')}</span>
        </p>
      </fieldset>
      {missing && (
        <p role="alert" className={page.problem}>
          {t('missing')}
        </p>
      )}
      <Textarea
        label={t('comment')}
        autosize
        minRows={3}
        maxLength={LONGEST}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      {save.isError && (
        <p role="alert" className={page.problem}>
          {explain(save.error)}
        </p>
      )}
      <Button type="submit" loading={save.isPending}>
        {t(props.answer ? 'change' : 'submit')}
      </Button>
    </form>
  );
}
