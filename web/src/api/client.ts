/* Calls to the server of this page. Every failure is an ApiError that can be shown to a person. */
import type { Answer, JsonPath, Problem, Query } from './types.ts';

export class ApiError extends Error {
  /** The HTTP status; 0 when the server could not be reached at all. */
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
  }
}

/* Nobody is there, or who is there (the server, a proxy before it) cannot just now. */
const PASSING = [0, 429, 502, 503, 504];

/** The same may succeed in a moment. */
export function passes(error: ApiError): boolean {
  return PASSING.includes(error.status);
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

type Value = string | number | null | undefined;

export function apiUrl(path: string, query: Record<string, Value | readonly (string | number)[]>) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export async function problemOf(response: Response): Promise<ApiError> {
  let detail = response.statusText;
  try {
    const problem = (await response.json()) as Partial<Problem>;
    detail = problem.detail ?? problem.title ?? detail;
  } catch {
    /* not our JSON: a proxy in between; its status line has to do */
  }
  return new ApiError(response.status, detail);
}

/** fetch that fails with ApiError for every answer but 2xx; aborting stays an AbortError. */
export async function request(url: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(0, 'no connection');
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function get<P extends JsonPath>(
  path: P,
  query: NonNullable<Query<P>> | Record<string, never>,
  signal?: AbortSignal,
): Promise<Answer<P>> {
  const response = await request(apiUrl(path, query as Record<string, Value>), { signal });
  return (await response.json()) as Answer<P>;
}

/** Steps of thumbnail widths, so that pages share what the browser has already. */
export function thumbnail(url: string, cssWidth: number, density = devicePixelRatio): string {
  const need = cssWidth * Math.min(2, density);
  const width = need <= 200 ? 160 : need <= 400 ? 320 : 640;
  return `${url}?width=${width}`;
}
