import { useTranslation } from 'react-i18next';
import { Chart, type Tone } from './Chart';
import classes from './Charts.module.css';
import { count } from './numbers';
import { axis, shownNames } from './scale';

/** A part of the time. */
export type Moment = { key: string; name: string; bars: number[]; line?: number };

const HEIGHT = 220;
const FOOT = 24;
const HEAD = 8;
const SIDE = 40;
const TONES = ['first', 'second'] as const satisfies Tone[];

/** What came and what went, part by part, and what was left as a line. */
export function TimeChart(props: {
  label: string;
  bars: string[];
  line?: string;
  moments: Moment[];
}) {
  const { i18n } = useTranslation();
  const { moments } = props;
  const largest = Math.max(0, ...moments.flatMap(({ bars, line = 0 }) => [...bars, line]));
  const { top, ticks } = axis(largest);
  const y = (value: number) => HEAD + (HEIGHT - FOOT - HEAD) * (1 - value / top);
  const legend = [
    ...props.bars.map((name, place) => ({ tone: TONES[place % 2] as Tone, name })),
    ...(props.line ? [{ tone: 'line' as const, name: props.line }] : []),
  ];
  return (
    <Chart label={props.label} height={HEIGHT} legend={legend}>
      {(width) => {
        const each = (width - SIDE) / Math.max(1, moments.length);
        const bar = Math.max(1, Math.min(24, (each * 0.7) / props.bars.length));
        const middle = (place: number) => SIDE + each * (place + 0.5);
        const isShown = shownNames(moments.length, width - SIDE);
        const path = moments.map(({ line = 0 }, place) => `${middle(place)} ${y(line)}`).join('L');
        return (
          <>
            {ticks.map((tick) => (
              <g key={tick}>
                <path d={`M${SIDE} ${y(tick)}H${width}`} className={classes.grid} />
                <text x={SIDE - 6} y={y(tick) + 4} textAnchor="end" className={classes.label}>
                  {count(tick, i18n.language)}
                </text>
              </g>
            ))}
            {moments.map(({ key, name, bars }, place) => (
              <g key={key}>
                {bars.map((value, n) => (
                  <rect
                    key={props.bars[n]}
                    x={middle(place) + bar * (n - bars.length / 2)}
                    y={y(value)}
                    width={bar}
                    height={HEIGHT - FOOT - y(value)}
                    className={classes[TONES[n % 2] as Tone]}
                  >
                    <title>{`${name} · ${props.bars[n]}: ${count(value, i18n.language)}`}</title>
                  </rect>
                ))}
                {isShown(place) && (
                  <text
                    x={middle(place)}
                    y={HEIGHT - 6}
                    textAnchor="middle"
                    className={classes.label}
                  >
                    {name}
                  </text>
                )}
              </g>
            ))}
            {props.line && <path d={`M${path}`} className={classes.line} />}
          </>
        );
      }}
    </Chart>
  );
}
