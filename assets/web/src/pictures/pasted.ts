/** The pictures a paste brings. What comes with text (a table, a page) is pasted as text. */
export function pastedPictures(event: ClipboardEvent): File[] {
  const data = event.clipboardData;
  if (!data || data.types.includes('text/plain')) return [];
  return [...data.files].filter((file) => file.type.startsWith('image/'));
}
