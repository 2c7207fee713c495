import { Agent } from 'node:http'
import { exchange, type ExchangeOptions } from '../exchange.ts'

const INTERVAL_MS = 20
/**
 * With fewer connections posts would wait for each other once an answer takes a third of a second, and distort the
 * result.
 */
const CONNECTIONS = 64
const PATIENCE_MS = 10_000

export interface CriticalOutcomes {
  readonly posted: number
  readonly accepted: number
  /** Counts of the other statuses and of the errors of connections. */
  readonly others: ReadonlyMap<string, number>
  /** How long each answer took, milliseconds. */
  readonly timesMs: readonly number[]
}

export interface CriticalEvents {
  /** Posts nothing while an action is measured alone, and one event at once after it. */
  readonly pauseFor: <T>(act: () => Promise<T>) => Promise<T>
  /** Ends the posts and waits for the last answers. */
  readonly stop: () => Promise<CriticalOutcomes>
}

export interface CriticalProducer {
  /** Its API key, if the service requires one. */
  readonly key?: string | undefined
  /** Its JWT, instead of a key. */
  readonly token?: string | undefined
  /** How long it waits for an answer, 10 s by default. */
  readonly patienceMs?: number
}

/** Posts critical events at a steady rate over keep-alive connections. */
export function postCriticalEvents (
  port: number, { key, token, patienceMs = PATIENCE_MS }: CriticalProducer = {}
): CriticalEvents {
  const headers = {
    'x-event-priority': '1',
    ...key !== undefined && { 'x-api-key': key },
    ...token !== undefined && { authorization: `Bearer ${token}` }
  }
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const others = new Map<string, number>()
  const times: number[] = []
  const open = new Set<Promise<void>>()
  let posted = 0
  let accepted = 0
  let isPaused = false
  const post = async () => {
    const startedAt = performance.now()
    const outcome = await status(port, { agent, headers, timeoutMs: patienceMs }, posted++)
      .catch((error: NodeJS.ErrnoException) => error.code ?? error.message)
    times.push(performance.now() - startedAt)
    if (outcome === '202') accepted++
    else others.set(outcome, (others.get(outcome) ?? 0) + 1)
  }
  const begin = () => {
    if (isPaused) return
    const posting = post().finally(() => open.delete(posting))
    open.add(posting)
  }
  const timer = setInterval(begin, INTERVAL_MS)
  return {
    pauseFor: async (act) => {
      isPaused = true
      try {
        await Promise.all(open)
        return await act()
      } finally {
        isPaused = false
        begin()
      }
    },
    stop: async () => {
      clearInterval(timer)
      await Promise.all(open)
      agent.destroy()
      return { posted, accepted, others, timesMs: times }
    }
  }
}

async function status (port: number, options: ExchangeOptions, payload: number): Promise<string> {
  const body = JSON.stringify({ type: 'critical', payload })
  return String((await exchange(`http://127.0.0.1:${port}/api/v1/events`, body, options)).status)
}
