import { currentLang } from '../i18n/lang.svelte';
import { suggest } from './search';

/** The server says nothing to fewer characters. */
const CHARS_MIN = 2;
/** Who types on within this time wants no answer to what was there before. */
const PAUSE_MS = 120;

/** What a search box suggests while somebody types, and which suggestion the arrow keys are on. */
export class Suggestions {
  phrases = $state.raw<readonly string[]>([]);
  open = $state(false);
  /** Place of the suggestion the arrow keys are on; -1: they are in the field. */
  active = $state(-1);

  #pause: ReturnType<typeof setTimeout> | undefined;
  #asked: AbortController | undefined;

  get chosen(): string | undefined {
    return this.open ? this.phrases[this.active] : undefined;
  }

  /** The text of the field has changed. What is shown stays until the answer is here, so that nothing flickers. */
  typed(text: string): void {
    this.#giveUp();
    this.leave();
    const words = text.trim();
    if (words.length >= CHARS_MIN) {
      this.#pause = setTimeout(() => void this.#ask(words), PAUSE_MS);
    } else {
      this.phrases = [];
      this.open = false;
    }
  }

  /** Opens what is known. */
  show(): void {
    this.open = this.phrases.length > 0;
  }

  /** Closes, and drops an answer that is still under way. */
  close(): void {
    this.#giveUp();
    this.leave();
    this.open = false;
  }

  /** Back from the suggestions to the field. */
  leave(): void {
    this.active = -1;
  }

  /** One suggestion on (1) or back (-1); after the last comes the first. */
  move(by: 1 | -1): void {
    this.show();
    const count = this.phrases.length;
    if (!this.open) return;
    this.active = this.active < 0 && by < 0 ? count - 1 : (this.active + by + count) % count;
  }

  /** Only the last question's answer counts, however late the earlier ones come. */
  async #ask(words: string): Promise<void> {
    const asked = new AbortController();
    this.#asked = asked;
    // A box that cannot suggest still searches.
    const phrases = await suggest(words, currentLang(), asked.signal).catch(() => []);
    if (asked.signal.aborted) return;
    this.leave();
    this.phrases = phrases;
    this.show();
  }

  #giveUp(): void {
    clearTimeout(this.#pause);
    this.#asked?.abort();
  }
}
