import { safeHref, splitLinks } from './links';

/**
 * The Markdown that the company's texts are written in: headings, paragraphs, lists, bold, emphasis, links.
 * It becomes a tree, and the page makes elements and text nodes of it; HTML in the source stays text.
 */
export type Inline = { kind: 'text' | 'strong' | 'em' | 'code'; text: string } | { kind: 'link'; text: string; href: string };
export type Block =
  | { kind: 'heading'; level: 2 | 3 | 4; content: Inline[] }
  | { kind: 'paragraph'; content: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] };

const INLINE = /\*\*(.+?)\*\*|__(.+?)__|\*(\S.*?)\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|<((?:https?:|mailto:)[^>\s]+)>/gu;

function plain(text: string): Inline[] {
  return splitLinks(text).map(({ text: shown, href }) => (href ? { kind: 'link', text: shown, href } : { kind: 'text', text: shown }));
}

export function inline(source: string): Inline[] {
  const out: Inline[] = [];
  let from = 0;
  for (const match of source.matchAll(INLINE)) {
    if (match.index > from) out.push(...plain(source.slice(from, match.index)));
    const [whole, strong, strong2, em, code, label, target, auto] = match;
    const bold = strong ?? strong2;
    if (bold !== undefined) out.push({ kind: 'strong', text: bold });
    else if (em !== undefined) out.push({ kind: 'em', text: em });
    else if (code !== undefined) out.push({ kind: 'code', text: code });
    else if (auto !== undefined) out.push({ kind: 'link', text: auto.replace(/^mailto:/, ''), href: auto });
    else if (label !== undefined) {
      const href = safeHref(target);
      out.push(href ? { kind: 'link', text: label, href } : { kind: 'text', text: label });
    } else out.push({ kind: 'text', text: whole });
    from = match.index + whole.length;
  }
  if (from < source.length) out.push(...plain(source.slice(from)));
  return out;
}

/** The page has its own `h1`, so `#` and `##` both become `h2`, and what is deeper stays below them. */
function level(marks: number): 2 | 3 | 4 {
  return marks <= 2 ? 2 : marks === 3 ? 3 : 4;
}

export function parseMarkdown(source: string): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  let list: { ordered: boolean; items: string[] } | null = null;
  const flush = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', content: inline(paragraph.join(' ')) });
    if (list) blocks.push({ kind: 'list', ordered: list.ordered, items: list.items.map(inline) });
    paragraph = [];
    list = null;
  };
  for (const raw of source.replace(/\r\n?/g, '\n').split('\n')) {
    const line = raw.trim();
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    const item = /^(?:([-*+•])|\d+[.)])\s+(.*)$/.exec(line);
    if (line === '' || /^([-*_])\1{2,}$/.test(line)) flush();
    else if (heading) {
      flush();
      blocks.push({ kind: 'heading', level: level(heading[1]?.length ?? 2), content: inline(heading[2] ?? '') });
    } else if (item) {
      const ordered = item[1] === undefined;
      if (paragraph.length > 0 || (list && list.ordered !== ordered)) flush();
      list ??= { ordered, items: [] };
      list.items.push(item[2] ?? '');
    } else if (list && /^\s{2,}/.test(raw)) {
      list.items.push(`${list.items.pop() ?? ''} ${line}`);
    } else {
      if (list) flush();
      paragraph.push(line);
    }
  }
  flush();
  return blocks;
}
