/** The ports of an API: PORT, and ADMIN_PORT if that is set. */
export type ApiPort = 'main' | 'admin'

/** The share of the connections of a process that only ADMIN_PORT accepts. */
const ADMIN_SHARE = 1 / 16

/**
 * Splits the bound on connections, so that neither port can take all of them: operators have to get in while producers
 * flood PORT.
 */
export function connectionsByPort (most: number, hasAdminPort: boolean): Readonly<Record<ApiPort, number>> {
  if (!hasAdminPort) return { main: most, admin: 0 }
  const admin = Math.ceil(most * ADMIN_SHARE)
  return { main: Math.max(1, most - admin), admin }
}
