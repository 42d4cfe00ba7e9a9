import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** What ends up in the built files; build tools do not. */
const BUNDLED = [
  'svelte', 'esm-env', 'clsx', 'socket.io-client', 'socket.io-parser', 'engine.io-client', 'engine.io-parser', '@socket.io/component-emitter',
  '@fontsource-variable/figtree', 'qr', 'thumbhash', 'swagger-ui-dist', 'redoc',
];
const LEGAL = /^(licen[cs]e|notice|copying)(\..*)?$|^swagger-ui-es-bundle\.js\.LICENSE\.txt$/i;
const LEGAL_REDOC = 'bundles/redoc.standalone.js.LICENSE.txt';

function textsOf(name: string): string[] {
  const folder = fileURLToPath(new URL(`../node_modules/${name}/`, import.meta.url));
  if (!existsSync(folder)) throw new Error(`${name} is no longer installed: correct the list of bundled packages`);
  const files = readdirSync(folder).filter((file) => LEGAL.test(file));
  if (name === 'redoc') files.push(LEGAL_REDOC);
  const { version, license } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as { version: string; license?: string };
  return [`${'='.repeat(80)}\n${name} ${version} (${license ?? 'see below'})\n`, ...files.map((file) => readFileSync(folder + file, 'utf8').trim())];
}

/** Publishes the licences of all bundled packages as one text file, which their terms ask for. */
export function licenses(): Plugin {
  const id = 'virtual:licenses-url';
  return {
    name: 'licenses',
    resolveId: (name) => (name === id ? `\0${id}` : null),
    load(name) {
      if (name !== `\0${id}`) return null;
      const source = `${BUNDLED.flatMap(textsOf).join('\n\n')}\n`;
      const ref = this.emitFile({ type: 'asset', name: 'licenses.txt', source });
      return `export default import.meta.ROLLUP_FILE_URL_${ref};`;
    },
  };
}
