import { api } from '../lib/api';
import { money } from '../lib/money';

/** What the home page shows of the company, read leniently: a missing field leaves out its line, not the page. */
export interface PackageView {
  slug: string;
  title: string;
  body: string;
  includes: string[];
  idealFor: string;
}

/** All packages, and between which prices they lie, ready to be shown: "949–1990 zł". */
export interface PackagesView {
  packages: PackageView[];
  price: string;
}

export interface StepView {
  title: string;
  body: string;
  duration: string;
}

export interface ContactView {
  company: string;
  phone: string;
  phoneHref: string;
  email: string;
  hours: string;
  areas: string;
}

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A document's own fields and those under `fields` are the same to us. */
function flat(doc: unknown): Fields {
  if (!isObject(doc)) return {};
  return isObject(doc.fields) ? { ...doc.fields, ...doc } : doc;
}

function text(fields: Fields, ...names: string[]): string {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    if (typeof value === 'number') return String(value);
  }
  return '';
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}

/** The first list in an answer, under the expected name or, failing that, any. */
function list(answer: unknown, ...names: string[]): Fields[] {
  if (Array.isArray(answer)) return answer.map(flat);
  if (!isObject(answer)) return [];
  for (const value of [...names.map((n) => answer[n]), ...Object.values(answer)]) {
    if (Array.isArray(value)) return value.map(flat);
  }
  return [];
}

export function readPackages(answer: unknown): PackageView[] {
  return list(answer, 'packages', 'data').map((p) => ({
    slug: text(p, 'slug', 'id', 'name'),
    title: text(p, 'title', 'name'),
    body: text(p, 'body', 'description', 'summary'),
    includes: texts(p.includes ?? p.features),
    idealFor: text(p, 'ideal_for'),
  }));
}

/** The range of all packages, as the language writes it. */
export function readPrice(answer: unknown, lang: string): string {
  const range = isObject(answer) && isObject(answer.price_per_sqm) ? answer.price_per_sqm : {};
  const { min, max, currency } = range;
  if (typeof min !== 'number' || typeof max !== 'number' || typeof currency !== 'string') return '';
  return money({ min, max }, currency, lang);
}

export function readProcess(answer: unknown): StepView[] {
  return list(answer, 'process', 'steps', 'process_steps', 'data').map((s) => ({
    title: text(s, 'title', 'name'),
    body: text(s, 'body', 'description'),
    duration: text(s, 'duration'),
  }));
}

export function readContact(answer: unknown): ContactView {
  const outer = isObject(answer) ? answer : {};
  const c = { ...outer, ...flat(outer.contact ?? outer.data) };
  const phone = text(c, 'phone_display', 'phone');
  const areas = c.areas ?? c.cities;
  return {
    company: text(c, 'company', 'company_name', 'name'),
    phone,
    phoneHref: text(c, 'phone', 'phone_display').replace(/[^\d+]/g, ''),
    email: text(c, 'email'),
    hours: text(c, 'opening_hours', 'hours_text', 'hours'),
    areas: Array.isArray(areas) ? areas.map((a) => (isObject(a) ? text(a, 'name') : String(a))).join(', ') : text(c, 'areas', 'cities', 'area'),
  };
}

export async function fetchPackages(lang: string): Promise<PackagesView> {
  const answer = await api(`/api/knowledge/packages?lang=${lang}`);
  return { packages: readPackages(answer), price: readPrice(answer, lang) };
}
export const fetchProcess = async (lang: string): Promise<StepView[]> => readProcess(await api(`/api/knowledge/process?lang=${lang}`));
export const fetchContact = async (lang: string): Promise<ContactView> => readContact(await api(`/api/knowledge/contact?lang=${lang}`));
