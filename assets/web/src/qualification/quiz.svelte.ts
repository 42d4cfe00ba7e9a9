import { storedSession } from '../chat/storage';
import type { Lang } from '../i18n/keys';
import { api } from '../lib/api';
import { readNumber } from './number';
import type { Consent, ContactForm, Question, Questions, Recommendation, Submitted } from './types';

/** One visitor's way through the quiz: question by question, then the package, then, if wanted, contact. */
export class Quiz {
  questions = $state.raw<Question[]>([]);
  consent = $state.raw<Consent | null>(null);
  /** Of the question shown, from 0. */
  index = $state(0);
  /** What was answered, by the question's id, as the visitor wrote or chose it. */
  answers = $state<Record<number, string>>({});
  result = $state.raw<Recommendation | null>(null);
  /** Somebody will get in touch. */
  sent = $state(false);
  busy = $state(false);
  problem = $state.raw<unknown>(null);
  #lang: Lang = 'pl';

  question = $derived(this.questions[this.index]);
  isLast = $derived(this.index === this.questions.length - 1);

  /** Gets the questions; what was answered stays, for answers are the same in every language. */
  async load(lang: Lang): Promise<void> {
    this.#lang = lang;
    await this.#attempt(async () => {
      const { questions, consent } = await api<Questions>(`/api/qualification/questions?lang=${lang}`);
      if (lang !== this.#lang) return;
      this.questions = questions;
      this.consent = consent;
      if (this.result) this.result = (await this.#submit()).recommendation;
    });
  }

  get canGoOn(): boolean {
    const { question } = this;
    if (!question) return false;
    const answer = this.answers[question.id] ?? '';
    return question.choices.length > 0 ? answer !== '' : readNumber(answer) !== null;
  }

  async next(): Promise<void> {
    if (!this.canGoOn || this.busy) return;
    if (this.isLast) await this.#attempt(async () => (this.result = (await this.#submit()).recommendation));
    else this.index += 1;
  }

  back(): void {
    if (this.result) this.result = null;
    else if (this.index > 0) this.index -= 1;
    this.problem = null;
  }

  restart(): void {
    this.index = 0;
    this.answers = {};
    this.result = null;
    this.sent = false;
    this.problem = null;
  }

  /** Asks to be contacted. */
  async contact(form: ContactForm): Promise<void> {
    if (this.busy) return;
    await this.#attempt(async () => {
      this.sent = (await this.#submit(form)).lead_id !== null;
    });
  }

  async #submit(form?: ContactForm): Promise<Submitted> {
    const answers = this.questions.map((question) => ({
      question_id: question.id,
      answer: question.choices.length > 0 ? this.answers[question.id] : readNumber(this.answers[question.id] ?? ''),
    }));
    const session = storedSession();
    const contact = form && {
      contact_info: {
        name: form.name,
        email: form.email,
        phone: form.phone,
        consent: { given: form.agreed, text_version: this.consent?.text_version ?? '', language: this.#lang },
      },
      ...(session ? { session_id: session } : {}),
    };
    return api<Submitted>('/api/qualification/submit', { body: { answers, lang: this.#lang, ...contact } });
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = error;
    } finally {
      this.busy = false;
    }
  }
}
