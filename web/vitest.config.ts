import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/* An address, not a name: a machine may not know localhost. */
export default defineConfig({
  plugins: [svelte()],
  server: { host: '127.0.0.1' },
  test: { include: ['tests/unit/**/*.test.ts'], environment: 'node', testTimeout: 20_000 },
});
