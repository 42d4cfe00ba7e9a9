/** Where the build has put the licences of what it bundles, see build/licenses.ts. */
declare module 'virtual:licenses-url' {
  const url: string;
  export default url;
}
