import type { Facts, RedisDetails } from './facts.ts'

/** Returns the details of Redis, when it could be asked. */
export function detailsOf ({ redis }: Facts): RedisDetails | undefined {
  return redis.state === 'reached' ? redis : undefined
}

/** A setting, from CONFIG where that is allowed and else from the field of INFO that says the same. */
export function setting (redis: RedisDetails, name: string, infoField?: string): string | undefined {
  return redis.settings?.[name] ?? (infoField === undefined ? undefined : redis.info?.[infoField])
}

/** A number of INFO or CONFIG; undefined when Redis does not give it. */
export function numberOf (text: string | undefined): number | undefined {
  return text === undefined || text === '' || !Number.isFinite(Number(text)) ? undefined : Number(text)
}
