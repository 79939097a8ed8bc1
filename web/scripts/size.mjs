// Measures what a browser downloads before the console, the portal and the sign-up can be used:
// the entry, what it imports, and the chunks of the page. Fails when the console is over its budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const DIST = new URL('../dist/', import.meta.url);
/** Compressed JavaScript of the console's first load, in bytes. */
const BUDGET = 250_000;

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', DIST), 'utf8'));
const ENTRY = 'index.html';
const PAGES = {
  console: ['src/app/Workspace.tsx', 'src/app/staff.ts', 'src/i18n/fr/index.ts'],
  portal: [
    'src/app/Workspace.tsx',
    'src/app/customer.ts',
    'src/i18n/fr/index.ts',
    'src/i18n/fr/door.ts',
  ],
  'sign-in': ['src/features/session/LoginPage.tsx', 'src/i18n/fr/index.ts'],
  operator: ['src/app/operator.ts', 'src/i18n/fr/index.ts', 'src/i18n/fr/operator.ts'],
  'sign-up': ['src/features/signup/SignupPage.tsx', 'src/i18n/fr/index.ts', 'src/i18n/fr/door.ts'],
};

/** Every file that `chunks` need, imports of imports included. */
function filesOf(chunks, seen = new Set()) {
  for (const name of chunks) {
    const chunk = manifest[name];
    if (!chunk) throw new Error(`${name} is not in the build`);
    if (seen.has(chunk.file)) continue;
    seen.add(chunk.file);
    filesOf(chunk.imports ?? [], seen);
  }
  return seen;
}

const compressed = (file) => gzipSync(readFileSync(new URL(file, DIST)), { level: 9 }).length;
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1).padStart(6)} kB`;

let over = false;
for (const [page, chunks] of Object.entries(PAGES)) {
  const files = [...filesOf([ENTRY, ...chunks])];
  const bytes = files.reduce((sum, file) => sum + compressed(file), 0);
  const verdict = page === 'console' ? ` of ${BUDGET / 1000} kB` : '';
  console.log(`${page.padEnd(8)} ${kilobytes(bytes)}${verdict}  (${files.length} files, gzip)`);
  if (page === 'console' && bytes > BUDGET) over = true;
}
if (over) {
  console.error('The first load of the console is over its budget.');
  process.exit(1);
}
