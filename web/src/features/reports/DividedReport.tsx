import { useTranslation } from 'react-i18next';
import type { Report, ReportGroup } from '~/api/types';
import { Section } from '~/ui/Section';
import { BarChart } from './BarChart';
import { COLUMNS } from './figures';
import { useGroupName } from './names';
import { ReportTable } from './ReportTable';
import { isTime, type ReportName } from './search';
import { TimeChart } from './TimeChart';

/** More bars than these are no picture any more; the table has all. */
const MOST_BARS = 30;

/** A report as a picture, and its numbers beside it. */
export function DividedReport(props: { name: Exclude<ReportName, 'overview'>; report: Report }) {
  const { t } = useTranslation('reports');
  return (
    <>
      <Picture {...props} />
      <ReportTable
        name={t(`report.${props.name}`)}
        columns={COLUMNS[props.name]}
        report={props.report}
      />
    </>
  );
}

type Figured = (group: ReportGroup) => number;

/** What each picture shows: the promises of both clocks, what was resolved, what came. */
const PICTURES = {
  sla: [
    ['response', ({ figures }) => figures.response.met, ({ figures }) => figures.response.breached],
    [
      'resolution',
      ({ figures }) => figures.resolution.met,
      ({ figures }) => figures.resolution.breached,
    ],
  ],
  agents: [['resolved', ({ figures }) => figures.resolved, null]],
  volume: [['created', ({ figures }) => figures.created, null]],
} as const satisfies Record<string, readonly (readonly [string, Figured, Figured | null])[]>;

function Picture({ name, report }: { name: keyof typeof PICTURES; report: Report }) {
  const { t } = useTranslation('reports');
  const nameOf = useGroupName(report.group_by);
  if (name === 'volume' && isTime(report.group_by)) {
    return (
      <Section id="flow" title={t('flow.title')} text={t('flow.text')}>
        <TimeChart
          label={t('flow.title')}
          bars={[t('column.created'), t('column.resolved')]}
          line={t('column.backlog')}
          moments={report.groups.map((group) => ({
            key: group.from,
            name: nameOf(group),
            bars: [group.figures.created, group.figures.resolved],
            line: group.backlog ?? 0,
          }))}
        />
      </Section>
    );
  }
  return PICTURES[name].map(([what, first, second]) => (
    <Section key={what} id={`picture-${what}`} title={t(`picture.${what}`)}>
      <BarChart
        label={t(`picture.${what}`)}
        parts={
          second
            ? [
                { tone: 'good', name: t('met') },
                { tone: 'bad', name: t('breached') },
              ]
            : [{ tone: 'first', name: t(`column.${what as 'created'}`) }]
        }
        rows={report.groups.slice(0, MOST_BARS).map((group) => ({
          key: group.key ?? '',
          name: nameOf(group),
          parts: second ? [first(group), second(group)] : [first(group)],
        }))}
      />
    </Section>
  ));
}
