const TOKEN_KEY = 'spillway-token'

/** The path that the service is below: this file is in the folder of its page. */
export const ROOT = new URL('..', import.meta.url)

/** The token of this tab: gone when the tab is. */
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
      // Storage may be forbidden: then it is asked for again after a reload.
    }
  }

  /**
   * A request to this service with what authorises it.
   *
   * @param {string} path below that of the service
   * @param {RequestInit} [init]
   */
  request = (path, init = {}) => {
    const headers = new Headers(init.headers)
    if (this.#token !== '') headers.set('authorization', `Bearer ${this.#token}`)
    return fetch(new URL(`.${path}`, ROOT), { ...init, headers, credentials: 'same-origin' })
  }

  /**
   * Fetches JSON. A refusal of the service is thrown in its own words.
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
    if (!response.ok) throw new RequestError(answer?.detail ?? answer?.title ?? `The server answered ${response.status}`, response.status)
    return answer
  }
}

export class RequestError extends Error {
  /** 0 when there was no answer. */
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
