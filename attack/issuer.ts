import { startProvider, type Provider } from '../rig/identity-provider.ts'
import type { Owner } from '../rig/owner.ts'

/** The id of a key of another kind than the first one. */
export const RSA = 'rsa'
/** The id of a key that the provider may withdraw. */
export const LEAVING = 'leaving'

/** The identity provider whose JWTs a service under attack accepts. */
export interface Issuer {
  readonly provider: Provider
  /** The JWT of a producer of critical events. */
  readonly critical: string
}

/** Starts a provider with keys of two kinds; it ends with its owner. */
export async function startIssuer (owner: Owner): Promise<Issuer> {
  const provider = await startProvider(owner)
  await provider.addKey(RSA, 'RS256')
  await provider.addKey(LEAVING)
  const critical = await provider.sign({ sub: 'critical', organization: 'critical-organization', scope: 'ingest' })
  return { provider, critical }
}

/** Returns the part of a JWT that nobody else may see. */
export function signatureOf (token: string): string {
  return token.slice(token.lastIndexOf('.') + 1)
}
