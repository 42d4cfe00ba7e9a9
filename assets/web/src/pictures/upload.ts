import { ApiError, apiError } from '../lib/api';

/**
 * Posts a form whose file comes last, so that the server knows everything else before. `progress` hears the share that has
 * left this device, 0 to 1. Rejects with {@link ApiError} only.
 */
export function upload<T>(path: string, fields: Record<string, string>, file: File, progress: (share: number) => void, signal: AbortSignal): Promise<T> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    // Unlike `fetch`, it tells how much has been sent.
    const request = new XMLHttpRequest();
    const lost = (): void => reject(new ApiError(0, 'network', ''));
    request.responseType = 'json';
    request.open('POST', path);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('accept-language', document.documentElement.lang);
    request.upload.onprogress = (event) => progress(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status < 200 || request.status > 299) reject(apiError(request.status, request.response, request.getResponseHeader('retry-after')));
      else if (request.response === null) lost();
      else resolve(request.response as T);
    };
    request.onerror = lost;
    request.onabort = lost;
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(form);
  });
}
