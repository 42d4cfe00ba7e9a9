/**
 * Prints what each page loads (JS and CSS, gzip): at first, and with what it asks for later. Fails the build when the
 * chat page is over its budget, at first or with what only a conversation with pictures loads: a chat that is heavier than
 * the page around it does not get embedded.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const BUDGET_KB = { first: 60, inAll: 70 };
const known = new Set(readdirSync(`${DIST}assets`));

/** All scripts and styles a file names. The HTML names what a page needs at first. @param {string} file */
const assetsIn = (file) =>
  [...readFileSync(DIST + file, 'utf8').matchAll(/[\w.@-]+-[\w-]{8}\.(?:js|css)\b/g)].map((m) => m[0]).filter((name) => known.has(name));

/** With what the named files name in turn, lazily imported ones too. @param {Iterable<string>} first */
function withLater(first) {
  const found = new Set();
  const todo = [...first];
  for (let name = todo.pop(); name; name = todo.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    if (name.endsWith('.js')) todo.push(...assetsIn(`assets/${name}`));
  }
  return found;
}

/** @param {Iterable<string>} names */
function gzipBytes(names) {
  let sum = 0;
  for (const name of names) sum += readFileSync(DIST + (known.has(`${name}.gz`) ? `assets/${name}.gz` : `assets/${name}`)).length;
  return sum;
}

const kb = (/** @type {number} */ n) => `${(n / 1024).toFixed(1).padStart(7)} KB`;
let failed = false;
for (const html of readdirSync(DIST).filter((f) => f.endsWith('.html')).sort()) {
  const first = new Set(assetsIn(html));
  const firstBytes = gzipBytes(first);
  const total = gzipBytes(withLater(first));
  const over = html === 'chat.html' && (firstBytes > BUDGET_KB.first * 1024 || total > BUDGET_KB.inAll * 1024);
  failed ||= over;
  console.log(`${html.padEnd(13)} first ${kb(firstBytes)}  in all ${kb(total)} gzip${over ? `  OVER ${BUDGET_KB.first} or ${BUDGET_KB.inAll} KB` : ''}`);
}
if (failed) process.exit(1);
