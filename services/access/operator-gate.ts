import type { IncomingHttpHeaders } from 'node:http'
import type { Problem } from '../problem/problem.ts'
import { adminTokenCheck } from './admin-token.ts'
import { isCrossSite } from './cross-site.ts'
import { isLoopbackAddress, isLoopbackHost } from './loopback.ts'

export const FOREIGN_HOST: Problem = {
  status: 403, slug: 'foreign-host',
  detail: 'Without ADMIN_TOKEN, a service on loopback accepts this only under the name localhost or a loopback address'
}
export const CROSS_SITE: Problem = {
  status: 403, slug: 'cross-site',
  detail: 'A page of another site sent this request; send it from a page of this service'
}
export const UNAUTHORIZED: Problem = {
  status: 401, slug: 'unauthorized',
  detail: 'The ADMIN_TOKEN is missing or wrong; send it as bearer token, or as password with any user name'
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

  /** Whether everybody who reaches the port is an operator. */
  get isOpen (): boolean { return !this.#isLoopback && !this.needsToken }

  /** Learns the addresses that the server listens on: a host app may choose others than the configuration. */
  observe (addresses: readonly string[]): void {
    if (!addresses.every(isLoopbackAddress)) this.#isLoopback = false
  }

  /** Returns why a request is refused, or undefined. */
  refusalOf (method: string, headers: IncomingHttpHeaders): Problem | undefined {
    // DNS rebinding cannot defeat a token: the browser does not send it to a foreign name.
    if (this.#isLoopback && !this.needsToken && !isLoopbackHost(headers.host)) return FOREIGN_HOST
    if (isCrossSite(method, headers)) return CROSS_SITE
    return this.#isTokenPresented?.(headers.authorization) === false ? UNAUTHORIZED : undefined
  }
}
