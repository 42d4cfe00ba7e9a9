/** Entries as people write them in one field: separated by commas, semicolons or line ends. */
export function split(text: string): string[] {
  return text
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** An empty field is no value. */
export function optional(text: string | null | undefined): string | null {
  return text?.trim() ? text.trim() : null;
}
