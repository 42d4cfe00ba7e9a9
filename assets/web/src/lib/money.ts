/** From–to in units of a currency. */
export interface MoneyRange {
  min: number;
  max: number;
}

/** One amount or a range as the language writes it, with hundredths only where there are some. */
export function money({ min, max }: MoneyRange, currency: string, lang: string): string {
  const digits = Number.isInteger(min) && Number.isInteger(max) ? 0 : 2;
  const format = new Intl.NumberFormat(lang, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: 'min2',
  });
  return min === max ? format.format(min) : format.formatRange(min, max);
}
