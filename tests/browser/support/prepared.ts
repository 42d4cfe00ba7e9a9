import { TestServer } from './server';

/** Runs before all tests: the assistant is trained once, not once per server. */
export default async function prepare(): Promise<() => void> {
  return TestServer.prepare();
}
