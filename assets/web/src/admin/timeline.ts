import type { Row } from '../chat/rows';
import type { Note } from './types';

/** A line of the team's view: of the conversation, or a note between its lines. */
export type Line = Row | { key: string; note: Note };

/** Puts each note after what had been said when it was written; what is on its way stays last. */
export function withNotes(rows: readonly Row[], notes: readonly Note[]): Line[] {
  const lines: Line[] = [];
  const waiting = [...notes];
  const until = (row: Row): boolean => row.pending || Date.parse(row.timestamp) > Date.parse(waiting[0]?.timestamp ?? '');
  for (const row of rows) {
    while (waiting[0] && until(row)) lines.push(line(waiting.shift()!));
    lines.push(row);
  }
  return [...lines, ...waiting.map(line)];
}

const line = (note: Note): Line => ({ key: `note${note.id}`, note });
