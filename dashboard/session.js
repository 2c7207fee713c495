const TOKEN_KEY = 'spillway-token'

/** The path prefix of the service, derived from the address of this file. */
export const ROOT = new URL('..', import.meta.url)

/** The token, stored only until this tab is closed. */
export class Session {
  #token

  constructor () {
    this.#token = read()
  }

  get hasToken () { return this.#token !== '' }

  /** @param {string} token */
  setToken (token) {
    this.#token = token
    try {
      sessionStorage.setItem(TOKEN_KEY, token)
    } catch {
      // Storage may be forbidden: then the page asks for it again after a reload.
    }
  }

  /**
   * Sends an authorized request to this service.
   *
   * @param {string} path relative to that of the service
   * @param {RequestInit} [init]
   */
  request = (path, init = {}) => {
    const headers = new Headers(init.headers)
    if (this.#token !== '') headers.set('authorization', `Bearer ${this.#token}`)
    return fetch(new URL(`.${path}`, ROOT), { ...init, headers, credentials: 'same-origin' })
  }

  /**
   * Fetches JSON. Throws a refusal with the message of the service.
   *
   * @param {string} path
   * @param {{ method?: string, body?: unknown, headers?: Record<string, string> }} [options]
   * @returns {Promise<any>}
   */
  async json (path, { method = 'GET', body, headers = {} } = {}) {
    const response = await this.request(path, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers }
      })
    }).catch((error) => { throw new RequestError('The server cannot be reached', 0, error) })
    const answer = await response.json().catch(() => undefined)
    if (!response.ok)
      throw new RequestError(
        answer?.detail ?? answer?.title ?? `The server answered ${response.status}`,
        response.status
      )
    return answer
  }
}

export class RequestError extends Error {
  /** 0 if there was no answer. */
  status

  /**
   * @param {string} message
   * @param {number} status
   * @param {unknown} [cause]
   */
  constructor (message, status, cause) {
    super(message, { cause })
    this.status = status
  }
}

function read () {
  try {
    return sessionStorage.getItem(TOKEN_KEY) ?? ''
  } catch {
    return ''
  }
}
