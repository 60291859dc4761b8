/* Calls that change something, typed from the OpenAPI document as api/client.ts reads. */
import { apiUrl, request } from './client.ts';
import type { paths } from './schema.d.ts';

type Method = 'post' | 'patch' | 'delete';

export type WritePath<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends { responses: object } ? P : never;
}[keyof paths];

type Call<M extends Method, P extends WritePath<M>> = NonNullable<paths[P][M]>;

type Body<C> = C extends { requestBody: { content: { 'application/json': infer B } } }
  ? { body: B }
  : C extends { requestBody?: { content: { 'application/json': infer B } } }
    ? { body?: B }
    : { body?: never };
type InPath<C> = C extends { parameters: { path: infer V } } ? { path: V } : { path?: never };
type InQuery<C> = C extends { parameters: { query: infer Q } }
  ? { query: Q }
  : C extends { parameters: { query?: infer Q } }
    ? { query?: Q }
    : { query?: never };

type Json<R> = R extends { content: { 'application/json': infer A } } ? A : never;
type Responses<C> = C extends { responses: infer R } ? R : never;
/** What the server says when it is done; undefined where there is nothing to say (204). */
export type Done<M extends Method, P extends WritePath<M>> = {
  [S in keyof Responses<Call<M, P>>]: S extends 200 | 201 | 202
    ? Json<Responses<Call<M, P>>[S]>
    : S extends 204
      ? undefined
      : never;
}[keyof Responses<Call<M, P>>];

export type Sent<M extends Method, P extends WritePath<M>> = Body<Call<M, P>> &
  InPath<Call<M, P>> &
  InQuery<Call<M, P>>;

interface Given {
  body?: unknown;
  path?: object;
  query?: object;
}

/** Writes the values into the {...} of a path. */
export function fillPath(path: string, values: object = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((values as Record<string, unknown>)[name])),
  );
}

/**
 * Changes something: `send('post', '/api/v1/marks', { body: { stretches, reviewed: true } })`.
 * Fails with ApiError, whose text can be shown. What was changed also comes by /live, to this page
 * as to others.
 */
export async function send<M extends Method, P extends WritePath<M>>(
  method: M,
  path: P,
  sent: Sent<M, P>,
  signal?: AbortSignal,
): Promise<Done<M, P>> {
  const { body, path: values, query }: Given = sent;
  const init: RequestInit = { method: method.toUpperCase(), signal: signal ?? null };
  if (body !== undefined) {
    init.headers = { 'Content-Type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  const url = apiUrl(fillPath(path, values), (query ?? {}) as Record<string, string>);
  const response = await request(url, init);
  return (response.status === 204 ? undefined : await response.json()) as Done<M, P>;
}
