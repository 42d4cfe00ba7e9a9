import { svelte } from '@sveltejs/vite-plugin-svelte';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** One HTML file per page; the server maps paths (`/chat`) to files (`chat.html`). */
const PAGES = ['index', 'chat', 'admin', 'privacy', 'docs', 'redoc', '404'];

/**
 * Publishes ReDoc's standalone bundle as a file of its own (it is a classic script that sets `window.Redoc`),
 * with one change: its menu carries a logo from a CDN, which our policy refuses and which would tell a third
 * party who reads the documentation. An empty picture takes its place.
 */
function redocBundle(): Plugin {
  const id = 'virtual:redoc-url';
  const logo = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
  const nothing = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
  return {
    name: 'redoc-bundle',
    resolveId: (name) => (name === id ? `\0${id}` : null),
    load(name) {
      if (name !== `\0${id}`) return null;
      const file = fileURLToPath(new URL('node_modules/redoc/bundles/redoc.standalone.js', import.meta.url));
      const code = readFileSync(file, 'utf8');
      if (!code.includes(logo)) this.error('ReDoc no longer names its CDN logo: look again what it loads');
      const source = code.replaceAll(logo, nothing).replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
      const ref = this.emitFile({ type: 'asset', name: 'redoc.standalone.js', source });
      return `export default import.meta.ROLLUP_FILE_URL_${ref};`;
    },
  };
}

export default defineConfig({
  base: '/',
  plugins: [svelte(), redocBundle()],
  build: {
    target: 'es2022',
    // No data: URLs for assets and no polyfill: everything is a file under /assets.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2500,
    rollupOptions: {
      input: Object.fromEntries(PAGES.map((p) => [p, fileURLToPath(new URL(`${p}.html`, import.meta.url))])),
    },
  },
  server: {
    proxy: {
      '/api': 'http://127.0.0.1:8080',
      '/openapi.json': 'http://127.0.0.1:8080',
      '/socket.io': { target: 'http://127.0.0.1:8080', ws: true },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
