/*
 * Decides to which addresses this process may connect when it delivers events or calls a web hook.
 *
 * An operator configures both kinds of target, so addresses of the own network are allowed unless the operator says
 * otherwise; link-local ones, where clouds keep their credentials, are not. The check is on the address that a name
 * resolved to for this very connection: a name that resolves to another address a second later gains nothing.
 */
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { readFileSync } from 'node:fs'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'
import { ConfigSchema, type Config } from '../config/schema.ts'
import { StartFault } from '../config/start-fault.ts'
import { isWithin, parseNetworks, type Networks } from './networks.ts'

/** Idle connections are closed after this time; most servers close them after 5 s or later. */
const IDLE_MS = 4_000

const USUAL_NETWORKS: string = ConfigSchema.properties.OUTBOUND_NETWORKS.default

export interface OutboundOptions {
  /** The value of OUTBOUND_NETWORKS; by default that of the schema. */
  readonly networks?: string
  /** The value of OUTBOUND_HOSTS; by default any host. */
  readonly hosts?: string | undefined
  /** PEM file of authorities to trust besides the usual ones. */
  readonly caFile?: string | undefined
  /** Resolves names; by default as the system does. */
  readonly resolve?: typeof lookup
}

/** The code of a connection to a name without an allowed address; the reason of a failed call has it. */
export const NOT_ALLOWED = 'ADDRESS_NOT_ALLOWED'

/** The name resolved to no address that the process may connect to. */
class NotAllowedError extends Error {
  readonly code = NOT_ALLOWED
}

function notAllowed (hostname: string, all: readonly LookupAddress[]): NotAllowedError {
  const addresses = all.map(({ address }) => address).join(', ')
  return new NotAllowedError(`no address of ${hostname} is in OUTBOUND_NETWORKS: ${addresses}`)
}

export class Outbound {
  /** Options of each connection, also of one outside the agents. */
  readonly connection: { readonly lookup: LookupFunction, readonly rejectUnauthorized: true, readonly ca?: string[] }
  readonly http: HttpAgent
  readonly https: HttpsAgent
  readonly #networks: Networks
  readonly #resolve: typeof lookup
  readonly #hosts: readonly string[] | undefined

  /** @throws Error if the networks or the file cannot be read */
  constructor ({ networks = USUAL_NETWORKS, hosts, caFile, resolve = lookup }: OutboundOptions = {}) {
    const parsed = parseNetworks(networks)
    if (parsed === undefined) throw new TypeError(`OUTBOUND_NETWORKS: cannot read ${networks}`)
    this.#networks = parsed
    this.#resolve = resolve
    this.#hosts = hosts?.split(',').map((host) => host.trim().toLowerCase())
    this.connection = {
      lookup: this.#lookup,
      // Also if NODE_TLS_REJECT_UNAUTHORIZED says otherwise.
      rejectUnauthorized: true,
      ...(caFile !== undefined && { ca: [...getCACertificates('default'), authoritiesOf(caFile)] })
    }
    this.http = new HttpAgent({ keepAlive: true, timeout: IDLE_MS })
    this.https = new HttpsAgent({ keepAlive: true, timeout: IDLE_MS })
  }

  /** Says why the host of a URL is not allowed, as far as the URL shows it; undefined if it is. */
  problemOf (url: string): string | undefined {
    const host = hostOf(url)
    if (this.#hosts !== undefined && !this.#hosts.some((allowed) => matches(host, allowed)))
      return `the host is not one of OUTBOUND_HOSTS: ${host}; add it there, or change the address`
    return isIP(host) === 0 || isWithin(this.#networks, host)
      ? undefined
      : `the address is not in OUTBOUND_NETWORKS: ${host}; add it there, or change the address`
  }

  readonly #lookup: LookupFunction = (hostname, options, done) => {
    this.#resolve(hostname, { ...options as LookupOptions, all: true }, (error, all) => {
      if (error !== null) return done(error, '')
      const allowed = all.filter(({ address }) => isWithin(this.#networks, address))
      const [first] = allowed
      if (first === undefined) done(notAllowed(hostname, all), '')
      else if (options.all === true) done(null, allowed as LookupAddress[])
      else done(null, first.address, first.family)
    })
  }
}

/** @throws StartFault if DELIVERY_CA_FILE cannot be read */
export function outboundOf (
  { OUTBOUND_NETWORKS: networks, OUTBOUND_HOSTS: hosts, DELIVERY_CA_FILE: caFile }: Config
): Outbound {
  return new Outbound({ networks, hosts, caFile })
}

function authoritiesOf (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { message } = error as Error
    throw new StartFault(
      'DELIVERY_CA_FILE_INVALID', `DELIVERY_CA_FILE: cannot read ${path}: ${message}; set it to a PEM file, or unset it`
    )
  }
}

/** The host of a URL; an IPv6 address without its brackets. */
export function hostOf (url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '')
}

/** `*.example.com` is each name under example.com. */
function matches (host: string, allowed: string): boolean {
  return allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : host === allowed
}
