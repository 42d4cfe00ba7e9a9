/** A number as people write it, "62,5", "150 000", "150,000" or "150.000"; null when it is none above 0. */
export function readNumber(text: string): number | null {
  const close = text.replace(/\s/g, '');
  const inThousands = /^\d{1,3}([.,]\d{3})+$/.test(close);
  const plain = inThousands ? close.replace(/[.,]/g, '') : close.replace(',', '.');
  const number = /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
  return number > 0 && number <= 1_000_000_000 ? number : null;
}
