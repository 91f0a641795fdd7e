// One call of the server's API, as a program of the staff makes it.

export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
}

const LONGEST_MS = 15_000

/** @throws when the server cannot be reached, or answers other than 2xx unless `any` is set */
export async function callApi(
  url: string,
  method: 'GET' | 'POST',
  path: string,
  request: { readonly token?: string; readonly body?: unknown; readonly key?: string; readonly any?: boolean } = {},
): Promise<ApiAnswer> {
  const { token, body, key, any } = request
  const answer = await fetch(url + path, {
    method,
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(LONGEST_MS),
  })
  const text = await answer.text()
  if (!answer.ok && any !== true) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`)
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
}
