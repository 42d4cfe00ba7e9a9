import { countTypes, RESULTS_MAX, search, type Answer, type Hit, type Question } from './search';

/** What one search has found so far. */
export class Results {
  answer = $state.raw<Answer | null>(null);
  hits = $state.raw<readonly Hit[]>([]);
  /** How many there are of each type, whichever type is asked for. */
  types = $state.raw<Record<string, number>>({});
  problem = $state.raw<unknown>(null);
  busy = $state(false);

  #question: Question | null = null;

  get more(): boolean {
    return this.answer !== null && this.hits.length < Math.min(this.answer.total, RESULTS_MAX);
  }

  /** Begins anew; an answer that comes after the next question is dropped. */
  async ask(question: Question): Promise<void> {
    this.#question = question;
    this.answer = null;
    this.hits = [];
    await this.#fetch();
  }

  /** Adds the next ones, or tries again what has failed. */
  async goOn(): Promise<void> {
    if (!this.busy) await this.#fetch();
  }

  async #fetch(): Promise<void> {
    const question = this.#question;
    if (!question) return;
    this.busy = true;
    this.problem = null;
    try {
      const answer = await search(question, this.hits.length);
      const types = this.answer ? this.types : await countTypes(question, answer);
      if (question !== this.#question) return;
      this.answer ??= answer;
      this.types = types;
      this.hits = [...this.hits, ...answer.results];
    } catch (error) {
      if (question === this.#question) this.problem = error;
    } finally {
      if (question === this.#question) this.busy = false;
    }
  }
}
