import t from 'tap'
import { BODY_LIMIT_BYTES, factsOf, sequenceOfTime, SHORT_LIFE_MS } from '../../../prove/event/facts.ts'
import { BIASES, FORMS, IDENTITIES, packOrigin, unpackOrigin } from '../../../prove/event/origin.ts'
import { SHAPES } from '../../../prove/event/payload.ts'
import { mulberry32 } from '../../../rig/random.ts'

const ORIGIN = { form: 'single', identity: 'none', bias: 'none' } as const

t.test('an event is the same each time, and can be told by what it carries', async (t) => {
  for (const form of FORMS) {
    for (let sequence = 0; sequence < 300; sequence++) {
      const facts = factsOf(3, sequence, { ...ORIGIN, form })
      const byPayload = Number(/"sequence"\s*:\s*(\d+)/.exec(facts.payload ?? '')?.[1])
      const isTold =
        byPayload === sequence ||
        facts.ownId?.startsWith(`proof-${sequence}`) === true ||
        sequenceOfTime(facts.time ?? '') === sequence
      if (!isTold) t.fail(`${form} ${sequence} cannot be told: ${facts.payload}`)
      if (facts.payload !== undefined) JSON.parse(facts.payload)
    }
    t.strictSame(factsOf(3, 9, { ...ORIGIN, form }), factsOf(3, 9, { ...ORIGIN, form }))
  }
})

t.test('some events are as large as the limit, and some are refused by the consumer', async (t) => {
  const facts = Array.from({ length: 6_000 }, (_, sequence) => factsOf(1, sequence, { ...ORIGIN, form: 'binary' }))
  t.ok(facts.some(({ payload }) => payload?.length === BODY_LIMIT_BYTES))
  t.strictSame([...new Set(facts.map(({ doom }) => doom))].toSorted(), ['dead', 'none', 'refused'])
  t.ok(facts.every(({ payload }) => (payload?.length ?? 0) <= BODY_LIMIT_BYTES))
})

t.test('every shape of a payload is JSON on one line', async (t) => {
  for (const { name, make, namesSequence } of SHAPES) {
    const random = mulberry32(5)
    for (let sequence = 0; sequence < 50; sequence++) {
      const text = make(random, sequence)
      JSON.parse(text)
      if (/[\r\n]/.test(text) || (namesSequence && !/"sequence"\s*:/.test(text))) t.fail(`${name}: ${text}`)
    }
  }
})

t.test('an origin fits in a byte', async (t) => {
  for (const form of FORMS) {
    for (const identity of IDENTITIES) {
      for (const bias of BIASES) {
        const packed = packOrigin({ form, identity, bias })
        t.ok(packed < 256)
        t.strictSame(unpackOrigin(packed), { form, identity, bias })
      }
    }
  }
})

t.test('an event of a short life has a deadline that is soon, any priority, and no doom', async (t) => {
  const facts = Array.from({ length: 500 }, (_, sequence) => factsOf(1, sequence, { ...ORIGIN, bias: 'short-lived' }))
  t.ok(facts.every(({ leftMs, doom }) => leftMs === SHORT_LIFE_MS && doom === 'none'))
  t.equal(new Set(facts.map(({ priority }) => priority)).size, 10)
})
