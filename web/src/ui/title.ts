/* What the browser's tab and history say of a page. */
import { t } from '../strings/en.ts';

/** Of what of it is known. */
export function setTitle(...words: (string | null)[]): void {
  const said = words.filter(Boolean).join(' ');
  document.title = said ? `${said} · ${t.appName}` : t.appName;
}
