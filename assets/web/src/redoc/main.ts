import '../docs/docs.css';
import '@fontsource-variable/figtree/wght.css';
import redocUrl from 'virtual:redoc-url';
import { adoptScriptedStyles } from './styles-shim';

document.documentElement.lang = 'en';
adoptScriptedStyles();

/** Loaded after the shim, because the bundle makes its style element as soon as it runs. */
await new Promise((resolve, reject) => {
  const script = document.createElement('script');
  script.src = redocUrl;
  script.onload = resolve;
  script.onerror = reject;
  document.head.append(script);
});
const font = "'Figtree Variable', system-ui, sans-serif";

await window.Redoc.init(
  '/openapi.json',
  {
    // The search runs in a worker built from a blob of code; the browser's own search finds text as well.
    disableSearch: true,
    hideDownloadButton: false,
    nativeScrollbars: true,
    theme: { colors: { primary: { main: '#1d4a42' } }, typography: { fontFamily: font, headings: { fontFamily: font } } },
  },
  document.getElementById('app') as HTMLElement,
);
