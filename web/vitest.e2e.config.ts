import { defineConfig } from 'vitest/config';

/* One file after the other, each with a browser of its own: the machine may have two slow cores. */
export default defineConfig({
  server: { host: '127.0.0.1' } /* a machine may not know localhost */,
  test: {
    include: ['tests/e2e/**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './tests/e2e/totals.ts'],
  },
});
