import { saveFile } from '~/ui/saveFile';

/**
 * Where a program may take what follows for a formula: at the beginning of a cell, and behind what divides cells for one
 * program or another. One that divides at semicolons sees no quotes behind a comma, and some read wide letters as narrow ones.
 */
const FORMULA = /(^|[,;\t\r\n])("*)(?=[=+\-@\0＝＋－＠])/g;

/** Rows as a file that spreadsheets read (RFC 4180); `'` stands before what looks like a formula. */
export function csvOf(rows: (string | number | null | undefined)[][]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  // A number is one; what somebody has named is a text, whatever it begins with.
  const text =
    typeof value === 'number'
      ? String(value)
      : value.replace(FORMULA, "$1$2'").replace(/^[\t\r\n]/, "'$&");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands rows over as a file. The mark at its beginning tells spreadsheets how letters are written. */
export function saveCsv(rows: (string | number | null | undefined)[][], name: string): void {
  saveFile(new Blob(['\ufeff', csvOf(rows)], { type: 'text/csv;charset=utf-8' }), `${name}.csv`);
}
