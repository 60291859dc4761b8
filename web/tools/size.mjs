/* Prints what the first page costs on the wire, and fails the build when it grows past its limit. */
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 80;
const dist = new URL('../dist/', import.meta.url);
const html = readFileSync(new URL('index.html', dist), 'utf8');
const files = readdirSync(new URL('assets/', dist));
let first = 0;
for (const name of files) {
  const packed = gzipSync(readFileSync(new URL(`assets/${name}`, dist)), { level: 9 }).length;
  const isFirst = html.includes(name);
  if (isFirst && name.endsWith('.js')) first += packed;
  console.log(
    `${(packed / 1024).toFixed(1).padStart(7)} KB  ${name}${isFirst ? '  (first page)' : ''}`,
  );
}
console.log(`${(first / 1024).toFixed(1).padStart(7)} KB  of JavaScript for the first page, gzip`);
if (first > LIMIT_KB * 1024) {
  console.error(`more than ${LIMIT_KB} KB`);
  process.exit(1);
}
