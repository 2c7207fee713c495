import type { Facts, RedisDetails } from './facts.ts'

/** Returns the details of Redis if it was reachable. */
export function detailsOf ({ redis }: Facts): RedisDetails | undefined {
  return redis.state === 'reached' ? redis : undefined
}

/** Returns a setting from CONFIG if that is allowed, otherwise from the field of INFO with the same value. */
export function setting (redis: RedisDetails, name: string, infoField?: string): string | undefined {
  return redis.settings?.[name] ?? (infoField === undefined ? undefined : redis.info?.[infoField])
}

/** Returns a number of INFO or CONFIG; undefined if Redis does not report it. */
export function numberOf (text: string | undefined): number | undefined {
  return text === undefined || text === '' || !Number.isFinite(Number(text)) ? undefined : Number(text)
}
