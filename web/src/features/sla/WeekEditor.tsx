import { ActionIcon, Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { IconPlus, IconX } from '~/ui/icons';
import page from '~/ui/page.module.css';
import classes from './SlaPage.module.css';
import { another, isSound, minuteOf, type Range, shareOf, timeOf, type Week } from './week';

/** A Monday, from which the names of the days are counted. */
const MONDAY = Date.UTC(2024, 0, 1);

type Props = { week: Week; fault: string | undefined; onChange: (week: Week) => void };

/** When it is open, day by day; a day may have several stretches, as with a lunch break. */
export function WeekEditor({ week, fault, onChange }: Props) {
  const { t, i18n } = useTranslation('arrange');
  const names = new Intl.DateTimeFormat(i18n.language, { weekday: 'long', timeZone: 'UTC' });
  const monday = week[0] ?? [];
  return (
    <fieldset className={classes.week}>
      <legend>{t('sla.week')}</legend>
      {week.map((ranges, day) => (
        <Day
          // biome-ignore lint/suspicious/noArrayIndexKey: the days of a week have no names but their place.
          key={day}
          name={names.format(MONDAY + day * 86_400_000)}
          ranges={ranges}
          onChange={(changed) => onChange(week.with(day, changed))}
        />
      ))}
      <Button
        size="xs"
        variant="default"
        onClick={() => onChange(week.map((ranges, day) => (day < 5 ? monday : ranges)))}
      >
        {t('sla.like_monday')}
      </Button>
      {fault && (
        <p className={page.problem} role="alert">
          {fault}
        </p>
      )}
    </fieldset>
  );
}

function Day(props: { name: string; ranges: Range[]; onChange: (ranges: Range[]) => void }) {
  const { t } = useTranslation('arrange');
  const { name, ranges, onChange } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset within the week's would be read twice
    <div className={classes.day} role="group" aria-label={name}>
      <span className={classes.name}>{name}</span>
      <span
        className={classes.picture}
        aria-hidden="true"
        data-unsound={!isSound(ranges) || undefined}
      >
        {ranges.map((range) => (
          <span key={range.join()} style={shareOf(range)} />
        ))}
      </span>
      <span className={classes.ranges}>
        {ranges.length === 0 && <span className={page.dim}>{t('sla.closed')}</span>}
        {ranges.map((range, index) => (
          <Stretch
            // biome-ignore lint/suspicious/noArrayIndexKey: stretches have no names but their place.
            key={index}
            day={name}
            range={range}
            onChange={(changed) => onChange(ranges.with(index, changed))}
            onRemove={() => onChange(ranges.toSpliced(index, 1))}
          />
        ))}
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('sla.add_range', { day: name })}
          onClick={() => onChange(another(ranges))}
        >
          <IconPlus size={16} />
        </ActionIcon>
      </span>
    </div>
  );
}

function Stretch(props: {
  day: string;
  range: Range;
  onChange: (range: Range) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation('arrange');
  const { day, onChange } = props;
  const [from, to] = props.range;
  return (
    <span className={classes.range}>
      <input
        type="time"
        aria-label={t('sla.opens', { day })}
        value={timeOf(from)}
        onChange={({ target: { value } }) => value && onChange([minuteOf(value, false), to])}
      />
      –
      <input
        type="time"
        aria-label={t('sla.closes', { day })}
        value={timeOf(to)}
        onChange={({ target: { value } }) => value && onChange([from, minuteOf(value, true)])}
      />
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={t('sla.remove_range', { day, time: `${timeOf(from)}–${timeOf(to)}` })}
        onClick={props.onRemove}
      >
        <IconX size={14} />
      </ActionIcon>
    </span>
  );
}
