import { afterEach, describe, expect, test, vi } from 'vitest';
import { fillPath, send } from '../../src/api/send.ts';

afterEach(() => vi.unstubAllGlobals());

function answering(status: number, body?: unknown) {
  const fetched = vi.fn((_url: string, _init?: RequestInit) =>
    Promise.resolve(
      new Response(body === undefined ? null : JSON.stringify(body), {
        status,
        headers: { 'Content-Type': 'application/json' },
      }),
    ),
  );
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

const stretches = [{ camera: 'gate', from: 1, to: '2014-05-23T14:08:20.529Z' }];

describe('what changes something', () => {
  test('goes as JSON', async () => {
    const fetched = answering(200, { stretches: 1 });
    const done = await send('post', '/api/v1/marks', { body: { stretches, reviewed: true } });
    expect(done.stretches).toBe(1);
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe('/api/v1/marks');
    expect(init?.method).toBe('POST');
    expect(init?.headers).toEqual({ 'Content-Type': 'application/json' });
    expect(JSON.parse(String(init?.body))).toEqual({ stretches, reviewed: true });
  });

  test('fails with what the server says', async () => {
    answering(400, { title: 'No', status: 400, detail: 'stretches: is required here' });
    await expect(
      send('post', '/api/v1/marks', { body: { stretches, pinned: false } }),
    ).rejects.toThrow('stretches: is required here');
  });

  test('may have nothing to say', async () => {
    answering(204);
    const done: unknown = await send('post', '/api/v1/marks', { body: { stretches } });
    expect(done).toBe(undefined);
  });

  test('has its values in the path', () => {
    expect(fillPath('/api/v1/cameras/{name}/x/{id}', { name: 'a b/c', id: 3 })).toBe(
      '/api/v1/cameras/a%20b%2Fc/x/3',
    );
    expect(fillPath('/api/v1/marks')).toBe('/api/v1/marks');
  });
});
