import { ApiError, apiError } from '../lib/api';

/** A stored picture of a message. The addresses are of this server, the sizes those of the upright original. */
export interface Attachment {
  id: number;
  /** The original, moving if it does. */
  url: string;
  thumbnail: string;
  medium: string;
  large: string;
  width: number;
  height: number;
  content_type: string;
  /** ThumbHash, base64. */
  placeholder: string | null;
  filename: string;
}

/**
 * Loads a picture of a conversation and gives an address for it in this page, to be revoked. Visitors prove with their
 * session that it is theirs, the team is signed in.
 */
export async function pictureUrl(path: string, session: string | null, signal: AbortSignal): Promise<string> {
  const headers = { accept: 'image/webp,image/*', ...(session ? { 'x-session-id': session } : {}) };
  let answer: Response;
  try {
    answer = await fetch(path, { headers, signal });
    if (answer.ok) return URL.createObjectURL(await answer.blob());
  } catch {
    throw new ApiError(0, 'network', '');
  }
  throw apiError(answer.status, null, answer.headers.get('retry-after'));
}
