import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../it/mail_server.py', import.meta.url));
/** Debian's, which has the library beside it. */
const PYTHON = '/usr/bin/python3';
const COMES_WITHIN_MS = 30_000;

/** A letter as the mail server took it. */
export interface Letter {
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Of the attached calendar file. */
  method: string | null;
  event: string | null;
}

/** A real mail server (aiosmtpd) on a free port. */
export class MailServer {
  readonly #child: ChildProcess;
  #output = '';
  #port = 0;

  private constructor() {
    this.#child = spawn(PYTHON, [SCRIPT, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  static async start(): Promise<MailServer> {
    const server = new MailServer();
    const end = Date.now() + COMES_WITHIN_MS;
    while (server.#port === 0) {
      if (Date.now() > end) throw new Error('the mail server did not say that it listens');
      await wait(20);
      server.#port = Number(/listening on (\d+)/.exec(server.#output)?.[1] ?? 0);
    }
    return server;
  }

  /** What makes a server of ours send its letters here. */
  get environment(): Record<string, string> {
    return {
      SMTP_SERVER: '127.0.0.1',
      SMTP_PORT: String(this.#port),
      SMTP_TLS: 'none',
      FROM_EMAIL: 'office@example.com',
      ADMIN_EMAIL: 'team@example.com',
    };
  }

  /** Waits for so many letters to an address; gives the last one. */
  async letter(to: string, count: number): Promise<Letter> {
    const end = Date.now() + COMES_WITHIN_MS;
    for (;;) {
      const letters = this.#letters().filter((letter) => letter.to.includes(to));
      const last = letters.at(count - 1);
      if (last) return last;
      if (Date.now() > end) throw new Error(`${letters.length} of ${count} letters to ${to} came`);
      await wait(20);
    }
  }

  stop(): void {
    this.#child.kill();
  }

  /** Whole lines only: the last one may still be on its way. */
  #letters(): Letter[] {
    const lines = this.#output.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Letter);
  }
}
