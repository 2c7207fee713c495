import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Config } from '../../../services/config/schema.ts'
import { hostOf, NOT_ALLOWED, outboundOf, type Outbound } from '../../../services/delivery/outbound.ts'
import { findUrlProblem } from '../../../services/delivery/post.ts'
import { isRecord } from '../../../services/event/record.ts'
import { PriorityMap } from '../../../services/event/priority-map.ts'
import { loadActions, parseRules } from '../../../services/rules/parse-rules.ts'
import type { Target, TargetFacts } from '../facts.ts'

/** Finds the addresses to which the service is going to connect, and whether it may. Connects to none of them. */
export async function gatherTargets (config: Config): Promise<TargetFacts> {
  const { DELIVERY_URL, JWT_JWKS_URL, RULES_FILE } = config
  let outbound: Outbound
  try {
    outbound = outboundOf(config)
  } catch (error) {
    return { problem: (error as Error).message, targets: [], rulesFile: undefined }
  }
  const text = RULES_FILE === undefined ? undefined : await readFile(RULES_FILE, 'utf8').catch((error: Error) => error)
  const rulesFile = text === undefined
    ? undefined
    : { path: RULES_FILE as string, problems: await problemsOf(text, config, outbound) }
  const named = [
    ...DELIVERY_URL === undefined ? [] : [{ key: 'DELIVERY_URL', url: DELIVERY_URL }],
    ...JWT_JWKS_URL === undefined ? [] : [{ key: 'JWT_JWKS_URL', url: JWT_JWKS_URL }],
    // The problems of a wrong file say enough about its addresses.
    ...rulesFile?.problems.length !== 0 ? [] : webhooksOf(text as string).map((url) => ({ key: 'RULES_FILE', url }))
  ] as const
  const targets = await Promise.all(named.map(({ key, url }) => targetOf(key as Target['key'], url, outbound)))
  return { problem: undefined, targets, rulesFile }
}

async function targetOf (key: Target['key'], url: string, outbound: Outbound): Promise<Target> {
  const problem = findUrlProblem(url) ?? outbound.problemOf(url)
  if (problem !== undefined) return { key, host: URL.canParse(url) ? hostOf(url) : '', state: 'invalid', problem }
  const host = hostOf(url)
  try {
    await promisify(outbound.connection.lookup)(host, { all: true })
    return { key, host, state: 'allowed' }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { key, host, state: code === NOT_ALLOWED ? 'refused' : 'unknown', problem: message }
  }
}

async function problemsOf (text: string | Error, config: Config, outbound: Outbound): Promise<string[]> {
  if (text instanceof Error) return [text.message]
  const { EVENT_PRIORITIES, DEFAULT_EVENT_PRIORITY } = config
  try {
    parseRules(text, await loadActions(), {
      outbound,
      priorities: new PriorityMap(EVENT_PRIORITIES, DEFAULT_EVENT_PRIORITY),
      now: () => new Date(),
      publish: () => { throw new Error('no rule runs here') }
    })
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}

/** The addresses of web hooks, one for each host. */
function webhooksOf (text: string): string[] {
  const { rules } = JSON.parse(text.replace(/^\uFEFF/, '')) as { rules: { actions: Record<string, unknown>[] }[] }
  const urls = rules.flatMap(({ actions }) =>
    actions.flatMap(({ webhook }) => isRecord(webhook) ? String(webhook.url) : []))
  return [...new Map(urls.map((url) => [hostOf(url), url])).values()]
}
