/**
 * Serves dist/ as the real server does: same paths, same Content-Security-Policy. For looking at pages only;
 * `--api http://127.0.0.1:8080` passes /api, /uploads and /openapi.json on to a running server (no WebSocket: the chat then polls).
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CSP } from './csp.mjs';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const api = process.argv.includes('--api') ? process.argv[process.argv.indexOf('--api') + 1] : undefined;
const port = Number(process.env.PORT ?? 4173);

/** @type {Record<string, string>} */
const PATHS = { '/': 'index.html', '/docs': 'docs.html', '/api/docs': 'docs.html', '/api/docs/redoc': 'redoc.html' };
/** Pages whose address goes on. @type {[string, string][]} */
const FIRST_PARTS = [['/quote/', 'quote.html'], ['/d/', 'document.html']];
/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.png': 'image/png', '.json': 'application/json',
};

/** The file for a path, or undefined: never one outside dist/. @param {string} path */
function fileFor(path) {
  const longer = FIRST_PARTS.find(([start]) => path.startsWith(start));
  const name = PATHS[path] ?? (longer ? longer[1] : extname(path) ? path.slice(1) : `${path.slice(1)}.html`);
  const file = normalize(join(DIST, name));
  return file.startsWith(DIST) && existsSync(file) && statSync(file).isFile() ? file : undefined;
}

/**
 * Answers with a page or an asset; false when the path is neither, so that another handler can take it.
 * @param {import('node:http').IncomingMessage} req @param {import('node:http').ServerResponse} res
 */
export function servePage(req, res) {
  const path = new URL(req.url ?? '/', 'http://x').pathname.replace(/(.)\/$/, '$1');
  let file = fileFor(path);
  if (!file && (/^\/(api|uploads|socket\.io)/.test(path) || path === '/openapi.json')) return false;
  const status = file ? 200 : 404;
  file ??= join(DIST, '404.html');
  res.writeHead(status, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CSP, 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin',
    'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  createReadStream(file).pipe(res);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  createServer((req, res) => {
    if (servePage(req, res)) return;
    if (!api) return void res.writeHead(502).end('no --api given');
    const up = request(new URL(req.url ?? '/', api), { method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    up.on('error', () => res.writeHead(502).end());
    req.pipe(up);
  }).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
}
