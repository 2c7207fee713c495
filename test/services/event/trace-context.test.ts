import fc from 'fast-check'
import t from 'tap'
import { headerTrace, isSampled, sharedTrace, traceContext, traceIdOf } from '../../../services/event/trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const VALID = `00-${TRACE}-${PARENT}-01`

t.test('takes what W3C Trace Context calls valid, and nothing else', async (t) => {
  const table: [claim: string, given: unknown, taken: string | undefined][] = [
    ['version 00', VALID, VALID],
    ['not sampled', `00-${TRACE}-${PARENT}-00`, `00-${TRACE}-${PARENT}-00`],
    ['flags of level 2', `00-${TRACE}-${PARENT}-03`, `00-${TRACE}-${PARENT}-03`],
    ['a later version', `01-${TRACE}-${PARENT}-01`, VALID],
    ['a later version with more', `cc-${TRACE}-${PARENT}-09-what-the-future-holds`, VALID],
    ['a later version, not sampled', `cc-${TRACE}-${PARENT}-0a`, `00-${TRACE}-${PARENT}-00`],
    ['version ff', `ff-${TRACE}-${PARENT}-01`, undefined],
    ['more behind version 00', `${VALID}-more`, undefined],
    ['a hyphen behind version 00', `${VALID}-`, undefined],
    ['more without a hyphen', `01-${TRACE}-${PARENT}-01x`, undefined],
    ['upper case', VALID.toUpperCase(), undefined],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`, undefined],
    ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    ['an id too short', `00-${TRACE.slice(1)}-${PARENT}-01`, undefined],
    ['no flags', `00-${TRACE}-${PARENT}`, undefined],
    ['two headers that were joined', `${VALID}, ${VALID}`, undefined],
    ['space around it', ` ${VALID}`, undefined],
    ['a line end behind it', `${VALID}\n`, undefined],
    ['nothing', '', undefined],
    ['absent', undefined, undefined],
    ['no text', 42, undefined]
  ]
  for (const [claim, given, taken] of table) t.equal(traceContext(given)?.traceparent, taken, claim)
})

t.test('takes a tracestate beside it that is valid, and leaves out any other', async (t) => {
  const members = Array.from({ length: 33 }, (_, index) => `k${index}=v`)
  const table: [tracestate: unknown, isTaken: boolean][] = [
    ['rojo=00f067aa0ba902b7', true],
    ['rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', true],
    [' a=1 ,\tb=2,, c=3', true],
    ['tenant@vendor=x', true],
    ['0tenant@vendor=x', true],
    [members.slice(1).join(','), true],
    [members.join(','), false],
    ['', false],
    [',', false],
    ['a', false],
    ['a=', false],
    ['A=1', false],
    ['0a=1', false],
    ['a=1,a=2', false],
    ['a=b=c', false],
    ['a=é', false],
    ['a=1\n', false],
    ['a=1,\r\nb=2', false],
    ['a=1,\u00a0b=2', false],
    [`a=${'x'.repeat(256)}`, true],
    [`a=${'x'.repeat(257)}`, false],
    [members.slice(1).map((member) => `${member}${'x'.repeat(40)}`).join(','), false],
    [['a=1'], false]
  ]
  for (const [tracestate, isTaken] of table) {
    t.strictSame(
      traceContext(VALID, tracestate),
      isTaken ? { traceparent: VALID, tracestate } : { traceparent: VALID },
      String(tracestate).slice(0, 40)
    )
  }
  t.equal(traceContext('00', 'a=1'), undefined, 'one alone says nothing')
})

t.test('reads the headers of a request', async (t) => {
  t.equal(headerTrace({}), undefined)
  t.equal(headerTrace({ tracestate: 'a=1' }), undefined)
  t.strictSame(headerTrace({ traceparent: VALID, tracestate: 'a=1' }), { traceparent: VALID, tracestate: 'a=1' })
})

t.test('what is valid keeps its ids and its flag', async (t) => {
  const hex = (length: number) =>
    fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => !/^0+$/.test(text))
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      hex(32),
      hex(16),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 254 }),
      (trace, parent, flags, version) => {
        const byte = (number: number) => number.toString(16).padStart(2, '0')
        const taken = traceContext(`${byte(version)}-${trace}-${parent}-${byte(flags)}`)
        return taken !== undefined && traceIdOf(taken) === trace && taken.traceparent.slice(36, 52) === parent &&
          isSampled(taken) === (flags % 2 === 1) && traceContext(taken.traceparent)?.traceparent === taken.traceparent
      }
    ))
  )
})

t.test('events share a trace when all of them belong to it', async (t) => {
  const [first, sibling] = [{ traceparent: VALID }, { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }]
  const other = { traceparent: `00-${'a'.repeat(32)}-${PARENT}-01` }
  t.equal(sharedTrace([{ trace: first }, { trace: first }]), first)
  t.equal(sharedTrace([{ trace: first }, { trace: sibling }]), first, 'whatever their parents')
  t.equal(sharedTrace([{ trace: first }, { trace: other }]), undefined)
  t.equal(sharedTrace([{ trace: first }, {}]), undefined)
  t.equal(sharedTrace([{}, { trace: first }]), undefined)
  t.equal(sharedTrace([]), undefined)
})
