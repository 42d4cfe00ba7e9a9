/** Where the build has put ReDoc's standalone bundle, see vite.config.ts. */
declare module 'virtual:redoc-url' {
  const url: string;
  export default url;
}

/** What that bundle sets; the part we call. */
interface Window {
  Redoc: {
    init(spec: string | object, options: Record<string, unknown>, element: HTMLElement, done?: (error?: Error) => void): Promise<void>;
  };
}
