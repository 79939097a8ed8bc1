// Commands of control-api, as whoever runs the server gives them: the same binary and settings.
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/** What a command writes; fails when it does. */
export function command(...words) {
  const process_ = `/proc/${readFileSync(process.env.PID_CONTROL_API, 'utf8').trim()}`;
  const settings = readFileSync(`${process_}/environ`, 'utf8')
    .split('\0')
    .filter((line) => line.includes('='))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return execFileSync(readlinkSync(`${process_}/exe`), words, {
    env: Object.fromEntries(settings),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
