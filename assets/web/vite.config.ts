import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { licenses } from './build/licenses.ts';
import { redocBundle } from './build/redoc.ts';

/** One HTML file per page; the server maps paths (`/chat`) to files (`chat.html`). */
const PAGES = ['index', 'chat', 'site', 'admin', 'quote', 'search', 'document', 'docs', 'redoc', '404'];

export default defineConfig({
  base: '/',
  plugins: [svelte(), redocBundle(), licenses()],
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
      '/uploads': 'http://127.0.0.1:8080',
      '/theme.css': 'http://127.0.0.1:8080',
      '/book': 'http://127.0.0.1:8080',
      '/contact': 'http://127.0.0.1:8080',
      '/qualification': 'http://127.0.0.1:8080',
      '/socket.io': { target: 'http://127.0.0.1:8080', ws: true },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
