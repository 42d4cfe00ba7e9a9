/**
 * ReDoc writes its styles through styled-components, which makes empty `<style>` elements and fills them rule
 * by rule. Our policy (`style-src 'self'`) refuses every `<style>` element, even an empty one, but not a
 * stylesheet made by a script: so a `<style>` made on this page is a placeholder whose `sheet` is such a
 * stylesheet, adopted by the document. Nothing is loosened for the other pages, nor for markup.
 */
export function adoptScriptedStyles(): void {
  const create = document.createElement.bind(document) as (tag: string, options?: ElementCreationOptions) => HTMLElement;
  document.createElement = ((tag: string, options?: ElementCreationOptions) => {
    if (tag.toLowerCase() !== 'style') return create(tag, options);
    const placeholder = create('scripted-style');
    placeholder.hidden = true;
    const sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    Object.defineProperty(placeholder, 'sheet', { value: sheet });
    return placeholder;
  }) as typeof document.createElement;
}
