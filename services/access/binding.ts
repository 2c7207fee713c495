import { isLoopbackAddress } from './loopback.ts'

/** Where the service can be reached. */
export class Binding {
  #isLoopback: boolean

  /** @param host the address that the service is going to listen on */
  constructor (host: string) {
    this.#isLoopback = isLoopbackAddress(host)
  }

  /** Whether only this machine reaches the service. */
  get isLoopback (): boolean { return this.#isLoopback }

  /** Learns the addresses that the server listens on: a host app may choose others than the configuration. */
  observe (addresses: readonly string[]): void {
    if (!addresses.every(isLoopbackAddress)) this.#isLoopback = false
  }
}
