/* Why a camera that was just added does not work, from what it said and was answered. Pure. */
import type { LogLine } from '../api/types.ts';

export type Refusal = 'wrongLogin' | 'noData' | 'connected' | null;

/** The last thing that says anything; later is truer. */
export function refusalOf(lines: readonly LogLine[], since: number): Refusal {
  let found: Refusal = null;
  for (const line of lines) {
    if (Date.parse(line.time) < since || line.from !== 'server') continue;
    if (/^530 /.test(line.text)) found = 'wrongLogin';
    else if (/^(425|426) /.test(line.text)) found = 'noData';
    else if (/^230 /.test(line.text) && found !== 'noData') found = 'connected';
    else if (/^226 /.test(line.text)) found = 'connected';
  }
  return found;
}
