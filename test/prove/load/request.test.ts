import t from 'tap'
import { FORMS } from '../../../prove/event/origin.ts'
import { mulberry32 } from '../../../rig/random.ts'
import { composeRequest, isRepeatable, planRequest, withOtherPayloads } from '../../../prove/load/request.ts'

t.test('the same seed makes the same load, with all entrances, classes, levels and identities in it', async (t) => {
  const make = (seed: number) => {
    const random = mulberry32(seed)
    return Array.from({ length: 800 }, (_, index) => composeRequest(seed, random, planRequest(random), index * 100))
  }
  const requests = make(4)
  t.strictSame(requests.slice(0, 50), make(4).slice(0, 50))
  t.strictSame([...new Set(requests.map(({ origin }) => origin.form))].toSorted(), FORMS.toSorted())
  t.equal(new Set(requests.map(({ origin }) => origin.identity)).size, 4)
  t.strictSame([...new Set(requests.map(({ headers }) => headers['x-event-durability'] ?? 'none'))].toSorted(), [
    'none', 'queued', 'spooled', 'synced'
  ])
  t.equal(new Set(requests.flatMap(({ events }) => events.map(({ priority }) => priority))).size, 10)
  t.ok(requests.some(({ events }) => events.length > 1 && events[0] === events.at(-1)), 'an event twice in one body')
  for (const request of requests) {
    const { origin: { form }, body, events } = request
    const parsed = form === 'stream'
      ? body.trimEnd().split('\n').map((line) => JSON.parse(line))
      : form === 'array' || form === 'cloud-batch'
      ? JSON.parse(body)
      : [JSON.parse(body)]
    if (parsed.length !== events.length || (form === 'binary' && body !== events[0]?.payload)) t.fail(`${form} ${body}`)
    if (
      form !== 'binary' &&
      !events.every(({ payload, form: own }) => own === 'datastream' || payload === undefined || body.includes(payload))
    ) {
      t.fail(`${form} lost a payload`)
    }
  }
})

t.test('a repeat with another body keeps the ids and changes every payload', async (t) => {
  for (const form of FORMS) {
    const request = composeRequest(1, mulberry32(1), { origin: { form, identity: 'own', bias: 'none' }, count: 1 }, 5)
    const other = withOtherPayloads(request)
    t.ok(isRepeatable(request))
    t.not(other.body, request.body)
    t.strictSame(other.events.map(({ ownId }) => ownId), request.events.map(({ ownId }) => ownId))
  }
  t.notOk(
    isRepeatable(
      composeRequest(1, mulberry32(1), { origin: { form: 'single', identity: 'none', bias: 'none' }, count: 1 }, 5)
    )
  )
})

t.test('a deadline is in every form, the same in each try', async (t) => {
  const found = new Map<string, string>()
  for (let first = 0; first < 1_400; first++) {
    const form = FORMS[first % FORMS.length]!
    const plan = { origin: { form, identity: 'own', bias: 'none' }, count: 1 } as const
    const { body, headers, events } = composeRequest(1, mulberry32(1), plan, first, 1_000)
    const leftMs = events[0]?.leftMs
    const has = /"expir(?:esAt|ytime)":/.test(body) || 'ce-expirytime' in headers
    if (has !== (leftMs !== undefined)) t.fail(`${form} ${body}`)
    if (leftMs !== undefined) found.set(form, body + (headers['ce-expirytime'] ?? ''))
  }
  t.strictSame([...found.keys()].toSorted(), FORMS.toSorted())
})
