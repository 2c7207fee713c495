/*
 * Loaded into the service by --import: names under rebinding.example are resolved by the name server of the attack. The
 * resolver of the system cannot be pointed at another server without its files, so this takes the place of dns.lookup.
 * The service asks for a name in the same way as before, and its code is unchanged.
 */
import dns, { type LookupAddress, type LookupOptions } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { callbackify } from 'node:util'

type Done = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

const resolver = new dns.promises.Resolver({ timeout: 2_000, tries: 3 })
resolver.setServers([`127.0.0.1:${process.env.NAME_SERVER_PORT ?? ''}`])
const lookup = dns.lookup as (...args: unknown[]) => void

async function addressesOf (hostname: string): Promise<LookupAddress[]> {
  const [four, six] = await Promise.all([
    resolver.resolve4(hostname).catch(() => []), resolver.resolve6(hostname).catch(() => [])
  ])
  return [...four.map((address) => ({ address, family: 4 })), ...six.map((address) => ({ address, family: 6 }))]
}

dns.lookup = ((hostname: string, options: LookupOptions, done: Done) => {
  if (!hostname.endsWith('.rebinding.example')) return lookup(hostname, options, done)
  callbackify(addressesOf)(hostname, (_never, all) => {
    const [first] = all
    if (first === undefined) done(Object.assign(new Error(`no address of ${hostname}`), { code: 'ENOTFOUND' }), [])
    else if (options.all === true) done(null, all)
    else done(null, first.address, first.family)
  })
}) as typeof dns.lookup
syncBuiltinESMExports()
