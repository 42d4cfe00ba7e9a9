import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** Runes everywhere. Styles go to files (the policy refuses inline ones), which is what the compiler does by default. */
export default { preprocess: vitePreprocess(), compilerOptions: { runes: true } };
