import type { Lang } from '../../i18n/keys';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export const LIMITS = [
  'chat_per_min',
  'create_per_min',
  'upload_per_min',
  'read_per_min',
  'login_per_min',
  'rodo_per_min',
  'agent_per_min',
] as const;
export type Limit = (typeof LIMITS)[number];
export type Limits = Record<Limit, number | null>;

/** The company's facts; what the form does not show is sent back as it came. */
export interface Company {
  name: string;
  website: string;
  email: string;
  phone: string;
  phone_display: string;
  address: string;
  time_zone: string;
  prices: { currency: string; per_m2_min: number; per_m2_max: number };
  hours: Record<Day, string[]>;
  closures: string[];
  [other: string]: unknown;
}

export interface Widget {
  colours: { brand: string | null; on_brand: string | null };
  texts: Record<Lang, { title: string; greeting: string }>;
}

export interface Notifications {
  emails: string[];
  phone: string | null;
}

export interface SettingsValues {
  company: Company;
  languages: Lang[];
  widget: Widget;
  notifications: Notifications;
  reports: { weekly: boolean };
  limits: Limits;
}

export interface SettingsAnswer {
  settings: SettingsValues;
  /** What holds where the settings say nothing. */
  configured: { limits: Limits; notifications: Notifications };
}
