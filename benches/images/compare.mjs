// Ours and sharp in turns on the same photo: node compare.mjs [our benchmark, built]. Prints medians and their ratio.
// sharp: one thread, no cache, each output by its own pipeline, so that it can decode the small ones small.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';

const TURNS = 15;
const VARIANTS = [
  [1920, 90],
  [800, 85],
  [150, 80],
];

function builtBenchmark() {
  const root = new URL('../..', import.meta.url).pathname;
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 };
  const told = execFileSync('cargo', ['bench', '--bench', 'images', '--no-run', '--message-format=json'], options);
  const artifacts = told.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return artifacts.find((artifact) => artifact.target?.name === 'images' && artifact.executable).executable;
}

async function sharpMilliseconds(photo) {
  const began = performance.now();
  await sharp(photo).autoOrient().jpeg({ quality: 90 }).toBuffer();
  for (const [side, quality] of VARIANTS) {
    await sharp(photo).autoOrient().resize(side, side, { fit: 'inside', withoutEnlargement: true }).jpeg({ quality }).toBuffer();
  }
  return performance.now() - began;
}

function median(times) {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)];
}

sharp.concurrency(1);
sharp.cache(false);
const folder = mkdtempSync(join(tmpdir(), 'images-'));
const path = join(folder, 'photo.jpg');
const ours = spawn(process.argv[2] ?? builtBenchmark(), ['turns', path], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: ours.stdout })[Symbol.asyncIterator]();
async function oursMilliseconds() {
  ours.stdin.write('\n');
  return Number((await answers.next()).value);
}

// The first turn of each is not counted; by its end the photo is written.
await oursMilliseconds();
const photo = readFileSync(path);
await sharpMilliseconds(photo);
const times = { ours: [], sharp: [] };
for (let turn = 0; turn < TURNS; turn += 1) {
  times.ours.push(await oursMilliseconds());
  times.sharp.push(await sharpMilliseconds(photo));
}
ours.stdin.end();
rmSync(folder, { recursive: true });
const [oursMedian, sharpMedian] = [median(times.ours), median(times.sharp)];
console.log(`photo of ${Math.round(photo.length / 1024)} KB, ${TURNS} turns, sharp ${sharp.versions.sharp}`);
console.log(`ours ${oursMedian.toFixed(0)} ms, sharp ${sharpMedian.toFixed(0)} ms, ratio ${(oursMedian / sharpMedian).toFixed(2)}`);
