import type { Outgoing, OutboxStore } from './outbox';

/**
 * The only place that touches the browser's storage. Nothing is written before the visitor has sent a
 * message: until then the conversation lives in this page's memory, and no consent has to be asked for.
 * A browser that refuses storage (private mode, blocked by policy) costs the resume after a reload, nothing else.
 */
const SESSION = 'novahouse.session';
const OUTGOING = 'novahouse.out.';

function attempt<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

export const SESSION_KEY = SESSION;

export function storedSession(): string | null {
  return attempt(() => (JSON.parse(localStorage.getItem(SESSION) ?? 'null') as { session_id?: string } | null)?.session_id ?? null, null);
}

export function storeSession(sessionId: string): void {
  attempt(() => localStorage.setItem(SESSION, JSON.stringify({ session_id: sessionId })), undefined);
}

const IN_ADDRESS = '#session=';

/** Takes up the conversation a letter's link names, and leaves nothing of it in the address. */
export function adoptFromAddress(): void {
  if (!location.hash.startsWith(IN_ADDRESS)) return;
  const sessionId = decodeURIComponent(location.hash.slice(IN_ADDRESS.length));
  attempt(() => window.history.replaceState(null, '', location.pathname + location.search), undefined);
  if (sessionId) storeSession(sessionId);
}

/** Forgets the conversation on this device, and whatever was still to be sent. */
export function forget(): void {
  attempt(() => {
    for (const key of Object.keys(localStorage)) {
      if (key === SESSION || key.startsWith(OUTGOING)) localStorage.removeItem(key);
    }
  }, undefined);
}

/** One entry per message, so that two tabs of one conversation never overwrite each other's list. */
export const outgoingStore: OutboxStore = {
  load: () =>
    attempt(
      () =>
        Object.keys(localStorage)
          .filter((key) => key.startsWith(OUTGOING))
          .map((key) => JSON.parse(localStorage.getItem(key) ?? 'null') as Outgoing | null)
          .filter((item): item is Outgoing => typeof item?.client_id === 'string' && typeof item.message === 'string'),
      [],
    ),
  save: (item) => attempt(() => localStorage.setItem(OUTGOING + item.client_id, JSON.stringify(item)), undefined),
  remove: (clientId) => attempt(() => localStorage.removeItem(OUTGOING + clientId), undefined),
};
