/** A message cut into plain text and links; the page makes text nodes and `<a>` elements of it, never HTML. */
export type Part = { text: string; href?: string };

/** Web addresses, e-mail addresses, international phone numbers (+48 585 004 663), and paths of ours that answers name. */
const PATTERN =
  /(https?:\/\/[^\s<>"']+)|((?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|((?:tel:)?\+\d(?:[ \u00a0\u202f()/-]{0,2}\d){7,14})|((?<![\w/.:])\/(?:privacy|(?:quote|booking|api\/chatbot\/export-data)\/[\w-]+)(?![\w/-]))/giu;

/** Only these schemes may become a link, whatever a message (or a source) says. */
const SAFE = /^(https?|tel|mailto):/i;

/** The address if it may be linked: http(s), tel, mailto, or a path on this site; else undefined. */
export function safeHref(url: string | null | undefined): string | undefined {
  if (!url) return undefined;
  const trimmed = url.trim();
  if (SAFE.test(trimmed)) return trimmed;
  return /^\/(?![/\\])/.test(trimmed) || trimmed.startsWith('#') ? trimmed : undefined;
}

/** Cuts closing punctuation off an address: "see https://a.pl/b)." links to https://a.pl/b. */
function trimEnd(url: string): string {
  let end = url.replace(/[.,;:!?…"'»”]+$/u, '');
  while (end.endsWith(')') && (end.match(/\(/g)?.length ?? 0) < (end.match(/\)/g)?.length ?? 0)) {
    end = end.slice(0, -1).replace(/[.,;:!?…]+$/u, '');
  }
  return end;
}

function hrefOf(match: RegExpMatchArray): { text: string; href: string } {
  const [whole, web, mail, , own] = match;
  if (own) return { text: own, href: own };
  if (web) {
    const text = trimEnd(web);
    return { text, href: text };
  }
  if (mail) {
    const text = trimEnd(mail);
    return { text, href: /^mailto:/i.test(text) ? text : `mailto:${text}` };
  }
  return { text: whole, href: `tel:${whole.replace(/[^\d+]/g, '')}` };
}

/** Splits a message at its links; the texts of all parts together are the message, unchanged. */
export function splitLinks(message: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of message.matchAll(PATTERN)) {
    const { text, href } = hrefOf(match);
    if (match.index > from) parts.push({ text: message.slice(from, match.index) });
    parts.push({ text, href });
    from = match.index + text.length;
  }
  if (from < message.length) parts.push({ text: message.slice(from) });
  return parts;
}
