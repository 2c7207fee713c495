import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { eventHandler, post, postBatch, startApp } from '../../../app.ts'
import { providerEnv, startProvider } from '../../../../rig/identity-provider.ts'
import { makeKey } from '../../../services/producer/setup.ts'
import { eventually } from '../../../../rig/eventually.ts'

const SCOPES = ['ingest' as const, 'read' as const, 'admin' as const]
const ACME = makeKey({ organizationId: 'acme', scopes: SCOPES })
const LOW = makeKey({ organizationId: 'acme', scopes: SCOPES, bestPriority: 5 })
const OTHER = makeKey({ organizationId: 'other', scopes: SCOPES })
const OPERATOR = makeKey({ organizationId: undefined, scopes: ['admin'] })

const provider = await startProvider(t)
const TOKENS = await Promise.all(['acme', 'other'].map((organization) =>
  provider.sign({ organization, scope: SCOPES.join(' ') })))
/** The same rights from an identity provider. */
const [ACME_TOKEN, OTHER_TOKEN] = TOKENS.map((token) => ({ key: token })) as [Caller, Caller]

interface Caller { readonly key: string }
type Asked = readonly [method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object]

async function start () {
  const path = join(t.testdir({
    'keys.json': JSON.stringify([ACME, LOW, OTHER, OPERATOR].map(({ record }) => record))
  }), 'keys.json')
  const handler = eventHandler(({ payload }) =>
    payload === 'bad' ? { status: 'dead', reason: 'bad', detail: 'words of the consumer' } : { status: 'done' })
  const env = { ROLE: 'all', API_KEYS_FILE: path, ...providerEnv(provider) }
  return (await startApp(t, { env, handlers: [handler] })).app
}

async function ask (app: FastifyInstance, { key }: Caller, [method, url, payload]: Asked) {
  const { statusCode, body } = await app.inject({
    method, url: `/api/v1/${url}`, headers: { authorization: `Bearer ${key}` }, ...(payload !== undefined && { payload })
  })
  return { statusCode, body }
}

const app = await start()
const own = { 'x-api-key': ACME.key }

/** The ids that the service answers, and those of what is stored of the organization acme. */
const answered = (await post(app, { type: 'a', payload: 'good' }, own)).json().id as string
const [inBatch] = (await postBatch(app, [{ type: 'a', payload: 'good' }, { type: 'a', payload: 'bad' }], own)).json().results
await post(app, { type: 'a', payload: 'good', id: 'own' }, own)
await post(app, { type: 'a', payload: 'good', id: 'own-low' }, { 'x-api-key': LOW.key })
const dead = (await post(app, { type: 'a', payload: 'bad' }, own)).json().id as string
const deadLetters = await eventually('two events are dead letters', async () => {
  const found = JSON.parse((await ask(app, ACME, ['GET', 'dead-letters'])).body).deadLetters
  return found.length === 2 ? found as { id: string }[] : undefined
})
const begun = await ask(app, ACME, ['POST', 'dead-letters/replay', { filter: { type: 'none' } }])
const replay = JSON.parse(begun.body).id as string
const deadLetter = deadLetters[0]!.id

const EVENTS = [answered, inBatch.id as string, 'own', 'own-low', dead]

/** Each request that names something by its id; `{id}` stands for that. */
const BY_ID: readonly [ids: readonly string[], asked: Asked][] = [
  [EVENTS, ['GET', 'events/{id}']],
  [EVENTS, ['GET', 'events/{id}?organizationId=acme']],
  [EVENTS, ['GET', 'events/{id}/payload']],
  [[deadLetter], ['GET', 'dead-letters/{id}']],
  [[deadLetter], ['DELETE', 'dead-letters/{id}']],
  [[replay], ['GET', 'dead-letters/replays/{id}']],
  [[replay], ['GET', 'dead-letters/replays/{id}/events']],
  [[replay], ['DELETE', 'dead-letters/replays/{id}']]
]

/** The same kind of id, which nobody has. */
const unknownLike = (id: string) => id.replaceAll(/[0-9a-f]/g, '0')

t.test('an organization sees what is its own', async (t) => {
  for (const id of EVENTS) t.equal((await ask(app, ACME, ['GET', `events/${id}`])).statusCode, 200, id)
  t.equal((await ask(app, ACME, ['GET', `dead-letters/${deadLetter}`])).statusCode, 200)
  t.equal((await ask(app, ACME, ['GET', `dead-letters/replays/${replay}`])).statusCode, 200)
  t.match((await ask(app, ACME, ['GET', 'events'])).body, /own-low/)
  t.equal((await ask(app, ACME_TOKEN, ['GET', `events/${answered}`])).statusCode, 200, 'a token of it too')
  t.equal((await ask(app, ACME_TOKEN, ['GET', `dead-letters/${deadLetter}`])).statusCode, 200)
  t.equal((await ask(app, OPERATOR, ['GET', `events/${answered}`])).statusCode, 200, 'an operator sees all')
  t.equal((await ask(app, OPERATOR, ['GET', `events/own?organizationId=acme`])).statusCode, 200)
})

t.test('what belongs to another organization is answered exactly as what does not exist', async () => {
  const cases = BY_ID.flatMap(([ids, asked]) => ids.map((id) => [id, asked] as const))
  const others = fc.constantFrom(OTHER, OTHER_TOKEN)
  await fc.assert(fc.asyncProperty(fc.constantFrom(...cases), others, async ([id, [method, url]], other) => {
    const answerTo = async (named: string) => {
      const { statusCode, body } = await ask(app, other, [method, url.replace('{id}', named)])
      return { statusCode, body: body.replaceAll(named, '{id}') }
    }
    const [theirs, none] = [await answerTo(id), await answerTo(unknownLike(id))]
    return theirs.statusCode === 404 && JSON.stringify(theirs) === JSON.stringify(none)
  }), { numRuns: 100 })
})

t.test('no list, filter or order reaches another organization', async (t) => {
  for (const other of [OTHER, OTHER_TOKEN]) await assertApart(t, other)
  t.equal(JSON.parse((await ask(app, ACME, ['GET', 'dead-letters'])).body).deadLetters.length, 2, 'nothing is gone')
})

async function assertApart (t: Test, other: Caller): Promise<void> {
  for (const url of ['dead-letters', 'dead-letters?organizationId=acme', 'dead-letters?type=a']) {
    t.strictSame(JSON.parse((await ask(app, other, ['GET', url])).body), { deadLetters: [] }, url)
  }
  t.match(JSON.parse((await ask(app, other, ['GET', 'events'])).body), { events: [] })
  t.match(JSON.parse((await ask(app, other, ['GET', 'dead-letters/replays'])).body), { replays: [] })
  for (const selection of [{ ids: [deadLetter] }, { filter: {} }, { filter: { organizationId: 'acme' } }]) {
    const dry = await ask(app, other, ['POST', 'dead-letters/replay', { ...selection, dryRun: true }])
    t.match(JSON.parse(dry.body), { matched: 0, sample: [] })
    const wet = await ask(app, other, ['POST', 'dead-letters/replay', selection])
    t.match(JSON.parse(wet.body), { matched: 0 })
  }
  for (const query of ['all=true', 'organizationId=acme', 'type=a']) {
    t.match(JSON.parse((await ask(app, other, ['DELETE', `dead-letters?${query}`])).body), { deleted: 0 }, query)
  }
  for (const url of ['/admin/queues', '/api/v1/dashboard/stream']) {
    const { statusCode, body } = await app.inject({ url, headers: { authorization: `Bearer ${other.key}` } })
    t.match([statusCode, JSON.parse(body).reason], [403, 'organization-mismatch'], url)
  }
}

t.test('an id of one organization is free for every other', async (t) => {
  for (const id of ['own', answered]) {
    const answer = await post(app, { type: 'b', payload: 'good', id }, { 'x-api-key': OTHER.key })
    t.match(answer.json(), { status: 'accepted', id })
    t.equal((await ask(app, OTHER, ['GET', `events/${id}`])).statusCode, 200)
  }
})

t.test('the words of a consumer need scope read', async (t) => {
  const sender = makeKey({ organizationId: 'acme', scopes: ['ingest'] })
  await app.keyStore.create(sender.record)
  const receipt = await ask(app, sender, ['GET', `events/${dead}`])
  t.match(receipt, { statusCode: 200, body: /dead-letter/ })
  t.notMatch(receipt.body, /words of the consumer/)
  t.equal((await ask(app, sender, ['GET', `dead-letters/${deadLetter}`])).statusCode, 403)
})
