import type { IncomingHttpHeaders } from 'node:http'
import type { Problem } from '../problem/problem.ts'
import { adminTokenCheck } from './admin-token.ts'
import { isCrossSite } from './cross-site.ts'
import { isLoopbackAddress, isLoopbackHost } from './loopback.ts'

export const FOREIGN_HOST: Problem = {
  status: 403, slug: 'foreign-host',
  detail: 'Without ADMIN_TOKEN a service on loopback takes this under the name localhost or an address of loopback only'
}
export const CROSS_SITE: Problem = { status: 403, slug: 'cross-site', detail: 'Pages of other sites may not do this' }
export const UNAUTHORIZED: Problem = {
  status: 401, slug: 'unauthorized', detail: 'Present ADMIN_TOKEN as bearer token, or as password with any user name'
}

/** Decides who may use the routes for operators. */
export class OperatorGate {
  readonly #isTokenPresented: ((authorization: string | undefined) => boolean) | undefined
  #isLoopback: boolean

  /** @param host the address that the service is going to listen on */
  constructor (host: string, token: string | undefined) {
    this.#isLoopback = isLoopbackAddress(host)
    this.#isTokenPresented = token === undefined ? undefined : adminTokenCheck(token)
  }

  get needsToken (): boolean { return this.#isTokenPresented !== undefined }

  /** Whether anybody who reaches the port gets in. */
  get isOpen (): boolean { return !this.#isLoopback && !this.needsToken }

  /** The server listens on these addresses: a host of ours may choose others than those of the configuration. */
  observe (addresses: readonly string[]): void {
    if (!addresses.every(isLoopbackAddress)) this.#isLoopback = false
  }

  /** Returns why a request is refused, or undefined. */
  refusalOf (method: string, headers: IncomingHttpHeaders): Problem | undefined {
    // With a token a name that was made to resolve to loopback is of no use: no browser sends the token there.
    if (this.#isLoopback && !this.needsToken && !isLoopbackHost(headers.host)) return FOREIGN_HOST
    if (isCrossSite(method, headers)) return CROSS_SITE
    return this.#isTokenPresented?.(headers.authorization) === false ? UNAUTHORIZED : undefined
  }
}
