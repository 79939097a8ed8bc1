import { saveFile } from '~/ui/saveFile';

/** How a cell must not begin: programs that open the file would take it for a formula. */
const FORMULA = /^[=+\-@\t\r\0]/;

/** Rows as a file that spreadsheets read (RFC 4180); a cell that looks like a formula begins with `'`. */
export function csvOf(rows: (string | number | null | undefined)[][]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  // A number is one; what somebody has named is a text, whatever it begins with.
  const text =
    typeof value === 'number' ? String(value) : FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands rows over as a file. The mark at its beginning tells spreadsheets how letters are written. */
export function saveCsv(rows: (string | number | null | undefined)[][], name: string): void {
  saveFile(new Blob(['\ufeff', csvOf(rows)], { type: 'text/csv;charset=utf-8' }), `${name}.csv`);
}
