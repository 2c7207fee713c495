import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startConsumer } from '../../rig/consumer.ts'
import { makeFolder } from '../../rig/folder.ts'
import { withOwner } from '../../rig/owner.ts'
import { newKey } from '../../services/producer/key-text.ts'
import { quantile } from '../median.ts'
import { ROOMY, withService } from '../service.ts'

/** Events that a producer posts at once, and the work of each in milliseconds of a slot. */
export interface Post {
  readonly atMs: number
  /** The index of the API key. */
  readonly key: number
  readonly type: string
  readonly events: number
  readonly costMs: number
  /** The name under which waits are kept. */
  readonly kind: string
}

export interface Load {
  /** Batches in work at once. */
  readonly slots: number
  /** The organization of each API key. */
  readonly organizations: readonly string[]
  readonly posts: readonly Post[]
}

/** The waits from the post to the call of the consumer, and times since the first post; milliseconds. */
export interface Course {
  readonly waitsMs: ReadonlyMap<string, readonly number[]>
  readonly startsMs: ReadonlyMap<string, readonly number[]>
  readonly makespanMs: number
}

interface Data { readonly kind: string, readonly costMs: number, readonly postedAt: number }

/** Runs a load through a service whose consumer works on the events of a call one after the other. */
export async function run (load: Load, order: string): Promise<Course> {
  const waits = new Map<string, number[]>()
  const starts = new Map<string, number[]>()
  let left = load.posts.reduce((sum, { events }) => sum + events, 0)
  let makespanMs = 0
  const done = Promise.withResolvers<void>()
  await withOwner(async (owner) => {
    const consumer = await startConsumer(owner, { keepsCalls: false })
    const keys = load.organizations.map(() => newKey().key)
    const file = join(await makeFolder(owner), 'keys.json')
    await writeFile(file, JSON.stringify(keys.map((key, index) => (
      { name: `key-${index}`, organizationId: load.organizations[index], scopes: ['ingest'], key }
    ))), { mode: 0o600 })
    let startedAt = 0
    consumer.answer = ({ body }, reply) => {
      const events = (JSON.parse(body) as { data: Data }[]).map(({ data }) => data)
      const now = performance.now()
      for (const { kind, postedAt } of events) {
        kept(waits, kind).push(now - postedAt)
        kept(starts, kind).push(now - startedAt)
      }
      setTimeout(() => {
        left -= events.length
        makespanMs = performance.now() - startedAt
        reply.end()
        if (left === 0) done.resolve()
      }, events.reduce((sum, { costMs }) => sum + costMs, 0))
    }
    const settings = {
      ...ROOMY, API_KEYS_FILE: file, DELIVERY_URL: consumer.url, FAIR_ORDER: order, DELIVERY_TIMEOUT_MS: '60000',
      RULE_ENGINE_WORKER_CONCURRENCY: String(load.slots), BATCH_MAX_EVENTS: '20'
    }
    await withService(settings, async (url) => {
      startedAt = performance.now()
      const posts = load.posts.toSorted((one, other) => one.atMs - other.atMs)
      const posted: Promise<void>[] = []
      for (const each of posts) {
        const dueMs = startedAt + each.atMs - performance.now()
        if (dueMs > 0) await wait(dueMs)
        posted.push(post(url, keys[each.key]!, each))
      }
      await Promise.all(posted)
      await done.promise
    })
  })
  return { waitsMs: waits, startsMs: starts, makespanMs }
}

/** Returns a quantile of the waits of a kind. */
export function waitMs ({ waitsMs }: Course, kind: string, share = 0.99): number {
  return quantile([...waitsMs.get(kind) ?? []], share)
}

async function post (url: string, key: string, { type, events, costMs, kind }: Post): Promise<void> {
  const postedAt = performance.now()
  const event = { type, payload: { kind, costMs, postedAt } }
  const answer = await fetch(`${url}/api/v1/events/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(Array.from({ length: events }, () => event))
  })
  if (answer.status !== 202) throw new Error(`a post was answered ${answer.status}: ${await answer.text()}`)
  await answer.arrayBuffer()
}

function kept (map: Map<string, number[]>, kind: string): number[] {
  const list = map.get(kind) ?? []
  map.set(kind, list)
  return list
}
