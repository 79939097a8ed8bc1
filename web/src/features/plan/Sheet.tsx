import { useTranslation } from 'react-i18next';
import type { Invoice, InvoiceLine } from '~/api/types';
import { Logo } from '~/ui/Logo';
import { money } from '~/ui/money';
import { dateOnly } from '~/ui/time';
import { InvoiceState } from './InvoiceState';
import { dayOf, daysOf, monthOf } from './month';
import classes from './Sheet.module.css';

/** One invoice as it is printed: all that it says, and nothing else. */
export function Sheet({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation('plan');
  const { t: common } = useTranslation();
  return (
    <article className={classes.sheet} data-sheet aria-labelledby="invoice">
      <header className={classes.head}>
        <h1 id="invoice" className={classes.title}>
          {invoice.number ? t('invoice.title', { number: invoice.number }) : t('invoice.draft')}
        </h1>
        <span className={classes.brand}>
          <Logo />
          {common('name')}
        </span>
      </header>
      <Facts invoice={invoice} />
      <Lines invoice={invoice} />
      <Sums invoice={invoice} />
      <Fate invoice={invoice} />
    </article>
  );
}

function Facts({ invoice }: { invoice: Invoice }) {
  const { t, i18n } = useTranslation('plan');
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{t('invoice.to')}</dt>
        <dd>{invoice.organisation ?? invoice.tenant}</dd>
      </div>
      <div>
        <dt>{t('invoice.period')}</dt>
        <dd>{monthOf(invoice.period, i18n.language)}</dd>
      </div>
      {invoice.issued_at && (
        <div>
          <dt>{t('invoice.issued')}</dt>
          <dd>{dayOf(invoice.issued_at, i18n.language)}</dd>
        </div>
      )}
      <div>
        <dt>{t('invoice.state')}</dt>
        <dd>
          <InvoiceState state={invoice.state} />
        </dd>
      </div>
    </dl>
  );
}

function Lines({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation('plan');
  const lines = invoice.lines ?? [];
  if (lines.length === 0) return <p>{t('invoice.no_lines')}</p>;
  return (
    <table className={classes.lines} aria-label={t('invoice.lines')}>
      <thead>
        <tr>
          <th scope="col">{t('invoice.what')}</th>
          <th scope="col" className={classes.number}>
            {t('invoice.quantity')}
          </th>
          <th scope="col" className={classes.number}>
            {t('invoice.unit')}
          </th>
          <th scope="col" className={classes.number}>
            {t('invoice.amount')}
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Line
            key={`${line.kind} ${line.plan} ${line.starts}`}
            line={line}
            currency={invoice.currency}
          />
        ))}
      </tbody>
    </table>
  );
}

function Line({ line, currency }: { line: InvoiceLine; currency: string }) {
  const { t, i18n } = useTranslation('plan');
  const price = money(line.unit, currency, i18n.language);
  const quantity = new Intl.NumberFormat(i18n.language).format(line.quantity);
  return (
    <tr>
      <th scope="row">
        {t(`invoice.line.${line.kind}`, { plan: line.plan })}
        <span className={classes.under}>{daysOf(line.starts, line.ends, i18n.language)}</span>
      </th>
      <td className={classes.number} data-label={t('invoice.quantity')}>
        {t(`invoice.of.${line.kind}`, { count: line.quantity, quantity })}
      </td>
      <td className={classes.number} data-label={t('invoice.unit')}>
        {line.kind === 'plan' ? t('limits.monthly', { price }) : price}
      </td>
      <td className={classes.number} data-label={t('invoice.amount')}>
        {money(line.amount, currency, i18n.language)}
      </td>
    </tr>
  );
}

function Sums({ invoice }: { invoice: Invoice }) {
  const { t, i18n } = useTranslation('plan');
  const say = (minor: number) => money(minor, invoice.currency, i18n.language);
  const rate = new Intl.NumberFormat(i18n.language, {
    style: 'percent',
    maximumFractionDigits: 2,
  }).format(invoice.tax_rate / 10_000);
  const rows: [name: string, value: string][] = [
    [t('invoice.subtotal'), say(invoice.subtotal)],
    [t('invoice.tax', { rate }), say(invoice.tax)],
    [t('invoice.total'), say(invoice.total)],
    [t('invoice.credits'), say(-invoice.credits)],
  ];
  const shown = invoice.credits > 0 ? rows : rows.slice(0, -1);
  return (
    <dl className={classes.sums}>
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div className={classes.due}>
        <dt>{t('invoice.due')}</dt>
        <dd>{say(invoice.due)}</dd>
      </div>
    </dl>
  );
}

/** What became of it. */
function Fate({ invoice }: { invoice: Invoice }) {
  const { t, i18n } = useTranslation('plan');
  const { state, payment, paid_at, voided_at, refusal } = invoice;
  const date = (at: string) => dateOnly(at, i18n.language);
  return (
    <div className={classes.fate}>
      {state === 'paid' && paid_at && (
        <p>
          {payment
            ? t('invoice.paid', { date: date(paid_at), payment })
            : t('invoice.paid_credits', { date: date(paid_at) })}
        </p>
      )}
      {state === 'void' && voided_at && <p>{t('invoice.voided', { date: date(voided_at) })}</p>}
      {state === 'issued' && refusal && <p>{t('invoice.refused', { reason: refusal })}</p>}
    </div>
  );
}
