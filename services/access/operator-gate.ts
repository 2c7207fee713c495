import type { IncomingHttpHeaders } from 'node:http'
import type { Problem } from '../problem/problem.ts'
import type { Binding } from './binding.ts'
import { isCrossSite } from './cross-site.ts'
import { isLoopbackHost } from './loopback.ts'

export const FOREIGN_HOST: Problem = {
  status: 403, slug: 'foreign-host',
  detail:
    'Without ADMIN_TOKEN or a key, a service on loopback accepts this only under the name localhost or a loopback address'
}
export const CROSS_SITE: Problem = {
  status: 403, slug: 'cross-site',
  detail: 'A page of another site sent this request; send it from a page of this service'
}

/** Keeps pages of other sites away from the routes for operators, whatever secret a browser adds. */
export class OperatorGate {
  readonly #binding: Binding
  readonly #isSecretNeeded: () => boolean

  /** @param isSecretNeeded whether operators need ADMIN_TOKEN or a key */
  constructor (binding: Binding, isSecretNeeded: () => boolean) {
    this.#binding = binding
    this.#isSecretNeeded = isSecretNeeded
  }

  /** Whether everybody who reaches the port is an operator. */
  get isOpen (): boolean { return !this.#binding.isLoopback && !this.#isSecretNeeded() }

  /** Returns why a request is refused, or undefined. */
  refusalOf (method: string, headers: IncomingHttpHeaders): Problem | undefined {
    // DNS rebinding cannot defeat a secret: the browser does not send it to a foreign name.
    if (this.#binding.isLoopback && !this.#isSecretNeeded() && !isLoopbackHost(headers.host)) return FOREIGN_HOST
    return isCrossSite(method, headers) ? CROSS_SITE : undefined
  }
}
