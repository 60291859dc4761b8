/* Draws public/icon.svg as the PNG files that installing the app on a phone or a desk needs. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg, initWasm } from '@resvg/resvg-wasm';
import type { Plugin } from 'vite';

/* Name and width in pixels; `full` fills the square, for systems that cut their own shape out of it. */
const drawings = [
  { name: 'icon-192.png', width: 192, full: false },
  { name: 'icon-512.png', width: 512, full: false },
  { name: 'icon-maskable-512.png', width: 512, full: true },
  { name: 'apple-touch-icon.png', width: 180, full: true },
];

async function draw() {
  const require = createRequire(import.meta.url);
  await initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  const svg = readFileSync(new URL('../public/icon.svg', import.meta.url), 'utf8');
  const square = svg.replace(' rx="8"', '');
  if (square === svg) throw new Error('public/icon.svg has no rounded corners to leave out');
  return drawings.map(({ name, width, full }) => ({
    name,
    bytes: new Resvg(full ? square : svg, { fitTo: { mode: 'width', value: width } })
      .render()
      .asPng(),
  }));
}

/** The Vite plugin that puts them beside the built pages. */
export function appIcons(): Plugin {
  return {
    name: 'app-icons',
    apply: 'build',
    async generateBundle() {
      for (const { name, bytes } of await draw())
        this.emitFile({ type: 'asset', fileName: name, source: bytes });
    },
  };
}
