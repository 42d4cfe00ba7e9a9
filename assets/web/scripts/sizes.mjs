/**
 * Prints what each page loads (JS and CSS, gzip), following static imports, and fails the build when the
 * chat page is over its budget: a chat that is heavier than the page around it does not get embedded.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const BUDGET_BYTES = 60 * 1024;

/** All asset names a file names; lazily imported ones count too, so the number is never too good. @param {string} text */
const assetsIn = (text) => [...text.matchAll(/[\w.@-]+-[\w-]{8}\.(?:js|css)\b/g)].map((m) => m[0]);

/** @param {string} html */
function filesOf(html) {
  const known = new Set(readdirSync(`${DIST}assets`));
  const found = new Set();
  const todo = assetsIn(readFileSync(DIST + html, 'utf8'));
  for (let name = todo.pop(); name; name = todo.pop()) {
    if (found.has(name) || !known.has(name)) continue;
    found.add(name);
    if (name.endsWith('.js')) todo.push(...assetsIn(readFileSync(`${DIST}assets/${name}`, 'utf8')));
  }
  return [...found];
}

let failed = false;
for (const html of readdirSync(DIST).filter((f) => f.endsWith('.html')).sort()) {
  /** @type {Record<string, number>} */
  const sum = { js: 0, css: 0 };
  for (const name of filesOf(html)) {
    const kind = name.endsWith('.js') ? 'js' : 'css';
    sum[kind] = (sum[kind] ?? 0) + gzipSync(readFileSync(`${DIST}assets/${name}`), { level: 9 }).length;
  }
  const total = (sum.js ?? 0) + (sum.css ?? 0);
  const over = html === 'chat.html' && total > BUDGET_BYTES;
  failed ||= over;
  const kb = (/** @type {number} */ n) => (n / 1024).toFixed(1).padStart(7);
  console.log(`${html.padEnd(13)} js ${kb(sum.js ?? 0)} KB  css ${kb(sum.css ?? 0)} KB  together ${kb(total)} KB gzip${over ? `  OVER ${BUDGET_BYTES / 1024} KB` : ''}`);
}
if (failed) process.exit(1);
