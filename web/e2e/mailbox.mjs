// Reads mails as their recipient would: over IMAP, from the local mail catcher.
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { note } from './issued.mjs';

const PATIENCE_MS = 20_000;

/** The token in the newest mail to `address` whose link leads to `path`; waits for it to arrive. */
export async function tokenFor(address, path) {
  const wanted = new RegExp(`${path.replaceAll('/', '\\/')}\\?token=([\\w.-]+)`);
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const mails = await fetchMails(address);
    const found = mails
      .toReversed()
      .map(textOf)
      .map((text) => text.match(wanted)?.[1]);
    const token = found.find(Boolean);
    note('link', found.filter(Boolean));
    if (token) return token;
    if (Date.now() > until)
      throw new Error(`no mail with ${path} for ${address} (${mails.length} mails)`);
    await pause(300);
  }
}

/** All mails of an address, oldest first, as they were sent. */
export async function fetchMails(address) {
  const { hostname, port, password } = new URL(process.env.MAIL_IMAP_URL);
  const imap = await talk(hostname, Number(port));
  try {
    await imap.say(`LOGIN "${address}" "${decodeURIComponent(password)}"`);
    const box = await imap.say('SELECT INBOX');
    if (/\* 0 EXISTS/.test(box)) return [];
    const answer = await imap.say('FETCH 1:* (BODY.PEEK[])');
    return literals(answer);
  } finally {
    imap.end();
  }
}

/** A conversation in IMAP: one command, its whole answer. */
async function talk(host, port) {
  const socket = net.connect(port, host);
  let heard = '';
  let awaited = null;
  // Latin-1 keeps one character per byte, so that the lengths of literals are right.
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    heard += chunk;
    awaited?.();
  });
  const until = (pattern) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`IMAP: silence after ${heard}`)), 10_000);
      awaited = () => {
        const end = heard.match(pattern);
        if (!end) return;
        clearTimeout(timer);
        awaited = null;
        const answer = heard.slice(0, end.index + end[0].length);
        heard = heard.slice(answer.length);
        resolve(answer);
      };
      socket.once('error', reject);
      awaited();
    });
  await until(/^\* OK[^\r]*\r\n/);
  let number = 0;
  return {
    async say(command) {
      number += 1;
      socket.write(`a${number} ${command}\r\n`, 'latin1');
      const answer = await until(new RegExp(`(^|\\r\\n)a${number} (OK|NO|BAD)[^\\r]*\\r\\n`));
      if (!new RegExp(`a${number} OK`).test(answer)) throw new Error(`IMAP ${command}: ${answer}`);
      return answer;
    },
    end: () => socket.destroy(),
  };
}

/** The contents of an answer's literals: `{123}` and then 123 bytes. */
function literals(answer) {
  const found = [];
  for (let at = 0; ; ) {
    const head = answer.slice(at).match(/\{(\d+)\}\r\n/);
    if (!head) return found;
    const start = at + head.index + head[0].length;
    at = start + Number(head[1]);
    found.push(answer.slice(start, at));
  }
}

/** Everything readable in a mail: each part, decoded. */
export function textOf(mail) {
  // The catcher keeps mails with line feeds only.
  const [head, ...rest] = mail.replaceAll('\r\n', '\n').split('\n\n');
  const body = rest.join('\n\n');
  const boundary = head.match(/boundary="?([^";\n]+)"?/i)?.[1];
  if (boundary) {
    return body
      .split(`--${boundary}`)
      .slice(1, -1)
      .map((part) => textOf(part.replace(/^\n/, '')))
      .join('\n');
  }
  const coding = head.match(/content-transfer-encoding:\s*([\w-]+)/i)?.[1]?.toLowerCase();
  return Buffer.from(decoded(body, coding), 'latin1').toString('utf8');
}

function decoded(body, coding) {
  if (coding === 'base64') return Buffer.from(body, 'base64').toString('latin1');
  if (coding !== 'quoted-printable') return body;
  return body
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
