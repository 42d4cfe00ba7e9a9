import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The executable under test; words after the first are arguments before `serve`. */
const COMMAND = (process.env.NOVAHOUSE_BIN ?? fileURLToPath(new URL('../../../target/debug/novahouse', import.meta.url))).split(' ');
const START_MS = 60_000;

/** Names the data folder that was started once for the whole run, see prepared.ts. */
const PREPARED = 'NOVAHOUSE_TEST_PREPARED';

/** One server with its own data folder, on a port that it keeps through restarts. */
export class TestServer {
  readonly #data = mkdtempSync(join(tmpdir(), 'novahouse-browser-'));
  readonly #environment: Record<string, string>;
  #child: ChildProcess | undefined;
  #port = 0;
  #output = '';
  /** `…/admin#setup=TOKEN`, a new one at every start until there is an owner. */
  setupLink = '';

  private constructor(environment: Record<string, string>) {
    this.#environment = environment;
  }

  /** A server as new, from a copy of the prepared folder: a first start takes seconds, for it trains the assistant. */
  static async start(environment: Record<string, string> = {}): Promise<TestServer> {
    const server = new TestServer(environment);
    const prepared = process.env[PREPARED];
    if (prepared) cpSync(prepared, server.#data, { recursive: true, filter: (file) => !file.endsWith('novahouse.lock') });
    try {
      await server.#run();
      await expectLink(server);
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  /** Starts on an empty folder once, for all others to copy; gives a function that removes it. */
  static async prepare(): Promise<() => void> {
    const server = new TestServer({});
    await server.#run();
    await expectLink(server);
    await server.stop();
    process.env[PREPARED] = server.#data;
    return () => rmSync(server.#data, { recursive: true, force: true });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** What the server has printed so far, for a failing test's message. */
  get output(): string {
    return this.#output;
  }

  /** As an operator stops it: it may finish what it is at. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** As a power cut stops it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Starts again on the same port and data. */
  async again(): Promise<void> {
    await this.#run();
  }

  async dispose(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.#data, { recursive: true, force: true });
  }

  #run(): Promise<void> {
    const [program = '', ...first] = COMMAND;
    const child = spawn(program, [...first, 'serve', '--listen', `127.0.0.1:${this.#port}`, '--data', this.#data], {
      env: { ...withoutSettings(), RATE_LIMITS: 'off', ...this.#environment },
      cwd: this.#data,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${why}\n${this.#output}`));
      const timer = setTimeout(() => fail('the server did not say that it listens'), START_MS);
      const read = (chunk: Buffer): void => {
        this.#output += chunk.toString();
        this.setupLink = /https?:\/\/\S+\/admin#setup=[\w.~-]+/.exec(this.#output)?.[0] ?? this.setupLink;
        const port = /listening on http:\/\/[^\s:]+:(\d+)/.exec(this.#output.slice(this.#output.lastIndexOf('listening on')))?.[1];
        if (!port) return;
        this.#port = Number(port);
        clearTimeout(timer);
        resolve();
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.once('error', (error) => fail(`${program}: ${error.message}`));
      child.once('exit', (code) => fail(`the server ended with ${code}`));
      // What an earlier run printed must not count for this one.
      this.#output = '';
    });
  }

  #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      // A server that does not stop when told is a bug of its own, but must not outlive the test.
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill(signal);
    });
  }
}

/** The environment without the server's own variables: it refuses unknown ones, and none of ours are meant for it. */
function withoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NOVAHOUSE_')));
}

/** The link comes on a line of its own, before or after the address. */
async function expectLink(server: TestServer): Promise<void> {
  const end = Date.now() + START_MS;
  while (!server.setupLink) {
    if (Date.now() > end) throw new Error(`the server printed no set-up link\n${server.output}`);
    await wait(20);
  }
}
