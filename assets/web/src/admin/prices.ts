import type { MoneyRange } from '../lib/money';

export type Per = 'job' | 'm2' | 'room';

export interface Extra {
  id: string;
  name: { pl: string; en: string; de: string };
  /** Missing: priced individually. */
  price?: number | null;
  per: Per;
  is_design: boolean;
}

/** The company's prices as GET and PUT /api/quotes/pricelist carry them. */
export interface Prices {
  currency: string;
  prices_are: 'net' | 'gross';
  valid_days: number;
  per_m2: Record<'standard' | 'premium' | 'luxury', MoneyRange>;
  property_factors: Record<'flat' | 'house' | 'studio' | 'commercial', number>;
  city_factors: Record<string, number>;
  extras: Extra[];
  vat: { reduced_percent: number; standard_percent: number; flat_limit_m2: number; house_limit_m2: number };
}

export interface PriceList {
  version: number;
  is_built_in: boolean;
  prices: Prices;
}

/** An id for a new extra: its English name in small letters, or a number, and none that is taken. */
export function extraId(name: string, taken: readonly string[]): string {
  const slug = name.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 34) || 'extra';
  let id = slug;
  for (let n = 2; taken.includes(id); n += 1) id = `${slug}-${n}`;
  return id;
}
