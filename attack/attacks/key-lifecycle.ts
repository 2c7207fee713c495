import type { Attack } from '../attack.ts'
import { ask } from '../ask.ts'

const ORDER = { name: 'short-lived', organizationId: 'attacker-organization', scopes: ['ingest'] }
const EVENT = { type: 'lifecycle', payload: 1 }
/** Posts of a key in flight while it changes. */
const ROWS = 8

export default {
  description: 'keys that post while they are rotated and revoked: none counts after its end, none is missed before',
  hasKeys: true,
  run: async (scene) => {
    const { target, report, amount } = scene
    let requests = 0
    const change = async (method: string, path: string, body?: object) => {
      requests++
      const answer = await ask(scene, { method, path: `/api/v1/keys${path}`, as: target.operator, body })
      if (answer.status >= 300) report('breach', `${answer.status} to ${method} ${path}: ${answer.body}`)
      return answer.body === '' ? {} : JSON.parse(answer.body) as { id?: string, key?: string }
    }
    const statusOf = async (key: string) => {
      requests++
      return (await ask(scene, { method: 'POST', path: '/api/v1/events', as: key, body: EVENT })).status
    }
    const expect = async (name: string, key: string, expected: number) => {
      const status = await statusOf(key)
      if (status !== expected) report('breach', `${name}: ${status} instead of ${expected}`)
    }
    const rounds = amount(5, 200)
    for (let round = 0; round < rounds; round++) {
      const { id = '', key: first = '' } = await change('POST', '', ORDER)
      const over = new AbortController()
      // Both outcomes are right while the change is in work; what follows it is not left open.
      const load = Promise.all(Array.from({ length: ROWS }, async () => {
        while (!over.signal.aborted) {
          const status = await statusOf(first)
          if (status !== 202 && status !== 401) report('breach', `${status} while the key changes`)
        }
      }))
      await expect('a new key', first, 202)
      const { key: second = '' } = await change('POST', `/${id}/rotate`, { graceSeconds: 60 })
      await Promise.all([expect('the former secret in its time', first, 202), expect('the new secret', second, 202)])
      const { key: third = '' } = await change('POST', `/${id}/rotate`, { graceSeconds: 0 })
      await Promise.all([
        expect('a secret two rotations ago', first, 401), expect('a former secret without time', second, 401),
        expect('the secret in force', third, 202)
      ])
      await change('DELETE', `/${id}`)
      await Promise.all([first, second, third].map((key) => expect('a revoked key', key, 401)))
      over.abort()
      await load
    }
    return requests
  }
} satisfies Attack
