/*
 * What a server that receives by FTP knows of a camera beyond its frames. One that only reads
 * folders does not have these calls: then there is nothing to show.
 */
import { ApiError, apiUrl, request } from '../api/client.ts';
import type { KeptFile, LogLine } from '../api/types.ts';

export interface KeptFiles {
  items: KeptFile[];
  total: number;
  next: string | null;
}
export type KeptKind = 'quarantine' | 'attachments';

/** Whose it is: a camera's, or an account's when no camera was found for it. */
export type Owner = { camera: string } | { account: string };

async function ask(owner: Owner, call: string, query: { cursor?: string }, signal?: AbortSignal) {
  const base =
    'camera' in owner
      ? `cameras/${encodeURIComponent(owner.camera)}`
      : `accounts/${encodeURIComponent(owner.account)}`;
  const path = `/api/v1/${base}/${call}`;
  try {
    return (await (await request(apiUrl(path, query), { signal })).json()) as unknown;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** null: this server keeps none. */
export async function keptFiles(
  owner: Owner,
  kind: KeptKind,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<KeptFiles | null> {
  const query = cursor === null ? {} : { cursor };
  const answer = (await ask(owner, kind, query, signal)) as
    ({ [list in KeptKind]?: KeptFile[] } & Pick<KeptFiles, 'total' | 'next'>) | null;
  return answer && { items: answer[kind] ?? [], total: answer.total, next: answer.next };
}

export interface UploadAccount {
  user: string;
  camera: string | null;
  disabled: boolean;
  quarantine: number;
  attachments: number;
}
/** Accounts with uploads that no camera was found for. */
export async function unclaimed(signal?: AbortSignal): Promise<UploadAccount[]> {
  try {
    const answer = await request(apiUrl('/api/v1/accounts', {}), { signal });
    const { accounts } = (await answer.json()) as { accounts: UploadAccount[] };
    return accounts.filter((account) => account.quarantine + account.attachments > 0);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
}

export async function sessionLog(owner: Owner, signal?: AbortSignal): Promise<LogLine[] | null> {
  const answer = (await ask(owner, 'log', {}, signal)) as { lines: LogLine[] } | null;
  return answer?.lines ?? null;
}
