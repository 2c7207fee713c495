import { headerFault, isSendable, utf8Header } from './header.ts'
import type { SpillwayClientOptions } from './options.ts'

/** The longest timer of JavaScript: a longer one fires at once. */
export const LONGEST_TIMER_MS = 2_147_483_647

/** The body of a request is one string, and a string cannot be much longer. */
const MOST_BATCH_BYTES = 268_435_456

/** An option that makes every request fail; `field` names it. */
class OptionError extends TypeError {
  readonly code: string
  readonly field: string

  constructor (field: string, fault: string, code = 'ERR_INVALID_OPTION') {
    super(`${field}: ${fault}`)
    this.code = code
    this.field = field
  }
}

type Members = Readonly<Record<string, unknown>>

/** Returns the fault of a value; undefined if there is none. */
type Check = (value: unknown) => string | undefined

const numberFrom = (least: number, most: number): Check => (value) =>
  typeof value === 'number' && value >= least && value <= most
    ? undefined
    : `expected a number from ${least} to ${most}`

const callable: Check = (value) => typeof value === 'function' ? undefined : 'expected a function'

const priority: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 10
    ? undefined
    : 'expected an integer from 1 to 10'

const token: Check = (value) =>
  typeof value === 'string' && value !== '' && isSendable(utf8Header(value))
    ? undefined
    : 'expected text without control characters; a line break at its end is one'

const OPTIONS: Readonly<Record<string, Check>> = {
  key: token,
  token,
  maxBatchEvents: numberFrom(1, Infinity),
  maxBatchBytes: numberFrom(1, MOST_BATCH_BYTES),
  compressFromBytes: numberFrom(0, Infinity),
  maxSpoolEvents: numberFrom(1, Infinity),
  maxSpoolBytes: numberFrom(1, Infinity),
  maxRequests: numberFrom(1, Infinity),
  patienceMs: numberFrom(0, Infinity),
  requestTimeoutMs: numberFrom(1, LONGEST_TIMER_MS),
  newId: callable,
  fetch: callable,
  random: callable
}

const BUDGET: Readonly<Record<string, Check>> = {
  ratio: numberFrom(0, Number.MAX_SAFE_INTEGER),
  perSecond: numberFrom(0, Number.MAX_SAFE_INTEGER),
  capacity: numberFrom(0, Infinity)
}

const CLOCK: Readonly<Record<string, Check>> = { now: callable, setTimeout: callable, clearTimeout: callable }

/**
 * Checks all options, so that a mistake shows in the constructor and not as an outage for every event.
 *
 * @throws OptionError that names the first wrong one
 */
export function checkOptions (options: SpillwayClientOptions): void {
  const { url, key, token: other, headers, retryBudget, priorities, clock } = membersOf('options', options)
  checkUrl(url)
  demand('key', key !== undefined && other !== undefined ? 'expected either key or token' : undefined)
  checkMembers('', membersOf('options', options), OPTIONS)
  if (headers !== undefined) checkHeaders(headers)
  if (retryBudget !== undefined) checkMembers('retryBudget.', membersOf('retryBudget', retryBudget), BUDGET)
  // A clock needs all its members.
  const parts = { now: 0, setTimeout: 0, clearTimeout: 0 }
  if (clock !== undefined) checkMembers('clock.', { ...parts, ...membersOf('clock', clock) }, CLOCK)
  if (priorities === undefined) return
  for (const [type, value] of Object.entries(membersOf('priorities', priorities))) {
    demand(`priorities.${type}`, priority(value))
  }
}

function checkUrl (url: unknown): void {
  demandUrl(typeof url === 'string' && URL.canParse(url) ? undefined : 'expected a URL such as http://127.0.0.1:3000')
  const { protocol, username, password } = new URL(url as string)
  const isHttp = protocol === 'http:' || protocol === 'https:'
  demandUrl(isHttp ? undefined : 'expected a URL that begins with http:// or https://')
  demandUrl(username + password === ''
    ? undefined
    : 'the URL contains credentials; remove them and use the option key')
}

function checkHeaders (headers: unknown): void {
  const members = membersOf('headers', headers)
  // A Headers object has no own members to copy, so its headers would be lost silently.
  demand('headers', Symbol.iterator in members ? 'expected a plain object of names and values' : undefined)
  const names = new Set<string>()
  for (const [name, value] of Object.entries(members)) {
    demand(
      `headers.${name}`,
      names.has(name.toLowerCase()) ? 'this header is given twice; remove one' : headerFault(name, value)
    )
    names.add(name.toLowerCase())
  }
}

function checkMembers (prefix: string, members: Members, checks: Readonly<Record<string, Check>>): void {
  for (const [name, check] of Object.entries(checks)) {
    if (members[name] !== undefined) demand(`${prefix}${name}`, check(members[name]))
  }
}

function membersOf (field: string, value: unknown): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
  throw new OptionError(field, 'expected an object')
}

function demand (field: string, fault: string | undefined): void {
  if (fault !== undefined) throw new OptionError(field, fault)
}

function demandUrl (fault: string | undefined): void {
  if (fault !== undefined) throw new OptionError('url', fault, 'ERR_INVALID_URL')
}
