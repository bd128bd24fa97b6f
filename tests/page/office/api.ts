// The HTTP API as a test uses it to prepare and to check: by the administrators' socket, or with somebody's token.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { randomUUID } from 'node:crypto';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Where an API is, and what proves who asks. */
export interface ApiAddress {
  socket?: string;
  origin?: string;
  /** The authority that its certificate is signed by. */
  ca?: string | undefined;
  token?: () => Promise<string>;
  cookie?: string;
}

export class Api {
  constructor(private readonly address: ApiAddress) {}

  /** An answer, whatever it is. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const { socket, origin, ca, token, cookie } = this.address;
    const headers: Record<string, string> = { ...more };
    if (token !== undefined) headers.Authorization = `Bearer ${await token()}`;
    // As the page itself does it.
    if (cookie !== undefined)
      Object.assign(headers, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin', ...more });
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (method === 'POST' && !path.includes('/sign-in')) headers['Idempotency-Key'] = randomUUID();
    const url = new URL(path, origin ?? 'http://curfew');
    const make = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const call = make(
        url,
        { method, headers, ca, ...(socket === undefined ? {} : { socketPath: socket }) },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** What is answered, as JSON. Throws where it is refused. */
  async ask<T = any>(
    method: string,
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<T> {
    const answer = await this.send(method, `/api/v1${path}`, body, more);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
  }

  get<T = any>(path: string): Promise<T> {
    return this.ask<T>('GET', path);
  }

  post<T = any>(path: string, body?: unknown): Promise<T> {
    return this.ask<T>('POST', path, body);
  }
}
