import type { Key, Lang } from '../i18n/keys';
import { api } from '../lib/api';
import type { MoneyRange } from '../lib/money';

export interface VatLine {
  rate: number;
  net: MoneyRange;
  vat: MoneyRange;
}

/** A quote as GET /api/quotes/q/{token} shows it. */
export interface ClientQuote {
  id: number;
  status: 'open' | 'accepted' | 'expired';
  lang: Lang;
  company: { name: string; email: string; phone: string; phone_display: string };
  request: {
    area_m2: number;
    package?: keyof typeof PACKAGES;
    property_type?: keyof typeof PROPERTIES;
    city?: string;
    rooms?: number;
  };
  estimate: {
    currency: string;
    area_m2: number;
    per_m2: MoneyRange;
    total: MoneyRange;
    prices_are: 'net' | 'gross';
    total_net: MoneyRange;
    total_gross: MoneyRange;
    vat: VatLine[];
    extras: { id: string; name: string; total: number }[];
    assumptions: string[];
    valid_until: string;
  };
  created_at: string;
  accepted_at?: string;
}

/** The packages' names are the same in every language. */
export const PACKAGES = { standard: 'Standard', premium: 'Premium', luxury: 'Luxury' } as const;

export const PROPERTIES = {
  flat: 'property.flat',
  house: 'property.house',
  studio: 'property.studio',
  commercial: 'property.commercial',
} as const satisfies Record<string, Key>;

/** The link's token: the last part of the page's address. */
function path(action: string, lang: Lang | null): string {
  const token = location.pathname.split('/').at(-1) ?? '';
  return `/api/quotes/q/${encodeURIComponent(token)}${action}${lang ? `?lang=${lang}` : ''}`;
}

/** The quote in `lang`, or in its own language. */
export const fetchQuote = (lang: Lang | null): Promise<ClientQuote> => api(path('', lang));

export const acceptQuote = (lang: Lang): Promise<ClientQuote> => api(path('/accept', lang), { method: 'POST' });

/** A day as the language writes it: "22 grudnia 2026". */
export function day(iso: string, lang: Lang): string {
  const date = new Date(iso.length === 10 ? `${iso}T12:00:00` : iso);
  return new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, { dateStyle: 'long' }).format(date);
}
