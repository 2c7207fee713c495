/* Requests of a key for what belongs to another organization. */
import type { Asked } from '../ask.ts'
import { MARK, type Possessions } from '../possessions.ts'

export const VICTIM = 'victim-organization'
export const LETTERS = '/api/v1/dead-letters'

const EVENT = '/api/v1/events/{id}'
const OF_EVENT: readonly Asked[] = [
  { path: EVENT },
  { path: `${EVENT}?organizationId=${VICTIM}` },
  { path: `${EVENT}?source=/victim` },
  { path: `${EVENT}/payload` },
  { path: `${EVENT}/payload?organizationId=${VICTIM}` }
]
const OF_LETTER: readonly Asked[] = [{ path: `${LETTERS}/{id}` }, { path: `${LETTERS}/{id}`, method: 'DELETE' }]
const OF_REPLAY: readonly Asked[] = [
  { path: `${LETTERS}/replays/{id}` },
  { path: `${LETTERS}/replays/{id}/events` },
  { path: `${LETTERS}/replays/{id}`, method: 'DELETE' }
]
const OF_KEY: readonly Asked[] = [
  { path: '/api/v1/keys/{id}', method: 'DELETE' },
  { path: '/api/v1/keys/{id}/rotate', method: 'POST', body: {} }
]
const FILTERS = [{}, { organizationId: VICTIM }, { type: `${MARK}type` }]
const QUERIES = ['all=true', `organizationId=${VICTIM}`, `type=${MARK}type`]
const KEY = { name: 'x', organizationId: 'attacker-organization', scopes: ['ingest'], bestPriority: 5 }
/** Rights of which the keys of the attacker have at most a part. */
const GREATER = [{ organizationId: VICTIM }, { organizationId: undefined, scopes: ['admin'] }, { bestPriority: 1 }]

/** Returns every request for something of the victim by its id. */
export function byId ({ events, deadLetter, replay }: Possessions, keyId: string): [id: string, asked: Asked][] {
  const requests: readonly (readonly [id: string, requests: readonly Asked[]])[] = [
    ...events.map((id) => [id, OF_EVENT] as const), [deadLetter, OF_LETTER], [replay, OF_REPLAY], [keyId, OF_KEY]
  ]
  return requests.flatMap(([id, all]) => all.map((asked): [string, Asked] => [id, asked]))
}

/** Returns the requests for everything at once, and for what the key may not do at all. */
export function forAll ({ deadLetter }: Possessions): Asked[] {
  const selections = [{ ids: [deadLetter] }, ...FILTERS.map((filter) => ({ filter }))]
  return [
    ...selections.flatMap((one) => [{ ...one, dryRun: true }, one])
      .map((body): Asked => ({ path: `${LETTERS}/replay`, method: 'POST', body })),
    ...QUERIES.flatMap((query): Asked[] => [
      { path: `${LETTERS}?${query}`, method: 'DELETE' }, { path: `${LETTERS}?${query}&limit=1000` }
    ]),
    { path: '/api/v1/events?limit=100' },
    { path: `/api/v1/events?type=${MARK}type` },
    { path: '/admin/queues' },
    { path: '/admin/queues/api/queues' },
    { path: '/admin/queues/api/queues/spillway/1' },
    { path: '/api/v1/dashboard/stream' },
    ...GREATER.map((rights): Asked => ({ path: '/api/v1/keys', method: 'POST', body: { ...KEY, ...rights } }))
  ]
}
