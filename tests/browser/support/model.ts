import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A language model of the tests' own: it says its pieces one after the other, each only when it is let. */
export class TestModel {
  readonly #server: Server;
  #pieces: string[] = [];
  #allowed = 0;
  #wake: (() => void)[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        void this.#say(response);
      });
    });
  }

  static async start(): Promise<TestModel> {
    const model = new TestModel();
    await new Promise<void>((resolve) => model.#server.listen(0, '127.0.0.1', resolve));
    return model;
  }

  /** The environment of a server that asks it. */
  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { LLM_BASE_URL: `http://127.0.0.1:${port}/v1`, LLM_MODEL: 'test-model' };
  }

  /** What it says to the next question; nothing of it is sent yet. */
  willSay(...pieces: string[]): void {
    this.#pieces = pieces;
    this.#allowed = 0;
  }

  /** Sends so many pieces more; the end comes with the last. */
  let(pieces: number): void {
    this.#allowed += pieces;
    for (const wake of this.#wake.splice(0)) wake();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #say(response: { write(text: string): void; end(): void }): Promise<void> {
    const pieces = this.#pieces;
    for (const [at, content] of pieces.entries()) {
      while (this.#allowed <= at) await new Promise<void>((resolve) => this.#wake.push(resolve));
      response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
    }
    response.write('data: [DONE]\n\n');
    response.end();
  }
}
