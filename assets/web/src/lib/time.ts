/** Times as the visitor's own region writes them, in the page's language. */

/** The region's habits (24 h or 12 h) come from the browser when it speaks the page's language. */
function localeFor(lang: string): string {
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(lang)) ?? lang;
}

/** "14:05"; empty when the server sent no time. */
export function clockTime(iso: string, lang: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? ''
    : new Intl.DateTimeFormat(localeFor(lang), { hour: 'numeric', minute: '2-digit' }).format(date);
}

/** The clock time today, else the day and the time: "22 lis, 14:05". */
export function shortTime(iso: string, lang: string, now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  if (date.toDateString() === now.toDateString()) return clockTime(iso, lang);
  return new Intl.DateTimeFormat(localeFor(lang), { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }).format(date);
}

/** The day alone: "22.11.2026". */
export function dayOf(iso: string, lang: string): string {
  return new Intl.DateTimeFormat(localeFor(lang), { dateStyle: 'medium' }).format(new Date(iso));
}

/** A coming opening time with its weekday: "poniedziałek, 09:00". Text that is no date is shown as it is. */
export function openingTime(value: string, lang: string): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  return new Intl.DateTimeFormat(localeFor(lang), { weekday: 'long', hour: 'numeric', minute: '2-digit' }).format(date);
}

/** The whole date and time, for a tooltip. */
export function fullTime(iso: string, lang: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? ''
    : new Intl.DateTimeFormat(localeFor(lang), { dateStyle: 'long', timeStyle: 'short' }).format(date);
}
