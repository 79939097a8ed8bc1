import { useTranslation } from 'react-i18next';
import { Chart, type Tone } from './Chart';
import classes from './Charts.module.css';
import { count } from './numbers';

/** One row: its parts stand behind each other. */
export type Bar = { key: string; name: string; parts: number[] };

const ROW = 30;
const BAR = 16;
const NUMBER = 48;
/** A longer name ends in three points; the table has it whole. */
const LETTERS = 22;

/** Numbers of things side by side, each a bar. */
export function BarChart(props: {
  label: string;
  rows: Bar[];
  parts: { tone: Tone; name: string }[];
}) {
  const { i18n } = useTranslation();
  const sum = ({ parts }: Bar) => parts.reduce((all, one) => all + one, 0);
  const largest = Math.max(1, ...props.rows.map(sum));
  return (
    <Chart
      label={props.label}
      height={Math.max(1, props.rows.length) * ROW}
      legend={props.parts.length > 1 ? props.parts : undefined}
    >
      {(width) => {
        const names = Math.min(160, width * 0.35);
        const scale = (width - names - NUMBER) / largest;
        return props.rows.map((row, place) => {
          let x = names;
          return (
            <g key={row.key} transform={`translate(0 ${place * ROW})`}>
              <text x={0} y={BAR / 2 + 11} className={classes.name}>
                {short(row.name)}
              </text>
              {row.parts.map((value, n) => {
                const part = props.parts[n] ?? { tone: 'first' as const, name: '' };
                const from = x;
                x += value * scale;
                return (
                  <rect
                    key={part.name}
                    x={from}
                    y={7}
                    width={value * scale}
                    height={BAR}
                    className={classes[part.tone]}
                  >
                    <title>{`${row.name} · ${part.name}: ${count(value, i18n.language)}`}</title>
                  </rect>
                );
              })}
              <text x={x + 6} y={BAR / 2 + 11} className={classes.label}>
                {count(sum(row), i18n.language)}
              </text>
            </g>
          );
        });
      }}
    </Chart>
  );
}

function short(name: string): string {
  return name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name;
}
