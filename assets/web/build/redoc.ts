import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/**
 * Publishes ReDoc's standalone bundle as a file of its own (it is a classic script that sets `window.Redoc`),
 * with one change: its menu carries a logo from a CDN, which our policy refuses and which would tell a third
 * party who reads the documentation. An empty picture takes its place.
 */
export function redocBundle(): Plugin {
  const id = 'virtual:redoc-url';
  const logo = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
  const nothing = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
  return {
    name: 'redoc-bundle',
    resolveId: (name) => (name === id ? `\0${id}` : null),
    load(name) {
      if (name !== `\0${id}`) return null;
      const file = fileURLToPath(new URL('../node_modules/redoc/bundles/redoc.standalone.js', import.meta.url));
      const code = readFileSync(file, 'utf8');
      if (!code.includes(logo)) this.error('ReDoc no longer names its CDN logo: look again what it loads');
      const source = code.replaceAll(logo, nothing).replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
      const ref = this.emitFile({ type: 'asset', name: 'redoc.standalone.js', source });
      return `export default import.meta.ROLLUP_FILE_URL_${ref};`;
    },
  };
}
