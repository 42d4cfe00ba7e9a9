import type { Key } from '../i18n/keys';
import { pageLink, t } from '../i18n/lang.svelte';
import { safeHref } from './links';

const KINDS = new Map<string, Key>([
  ['faq', 'kind.faq'],
  ['portfolio', 'kind.portfolio'],
  ['review', 'kind.review'],
  ['blog', 'kind.blog'],
  ['package', 'kind.package'],
  ['process', 'kind.process'],
  ['why_us', 'kind.why_us'],
  ['page', 'kind.page'],
]);

/** True for the types that can be searched for alone. */
export function isKind(type: string): boolean {
  return KINDS.has(type);
}

/** What a type of document is called; a type we have no name for, as it is. */
export function kindName(type: string): string {
  const key = KINDS.get(type);
  return key ? t(key) : type;
}

/** Where a document is read: at its own address, else on our page for it. */
export function documentHref({ id, url }: { id?: string | number | undefined; url?: string | null | undefined }): string | undefined {
  return safeHref(url) ?? (id === undefined ? undefined : pageLink(`/d/${encodeURIComponent(id)}`));
}
