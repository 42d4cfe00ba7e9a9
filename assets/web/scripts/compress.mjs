/** Puts a brotli and a gzip form beside every file of dist/ that gets smaller by it, so that the server compresses nothing. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const TEXT = new Set(['.html', '.js', '.css', '.svg', '.txt']);
/** In smaller files there is nothing to gain. */
const FROM_BYTES = 256;

for (const name of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
  const file = join(DIST, name);
  if (!TEXT.has(extname(name)) || statSync(file).size < FROM_BYTES) continue;
  const plain = readFileSync(file);
  writeFileSync(`${file}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }));
  writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }));
}
