import t from 'tap'
import { OperatorGate } from '../../../services/access/operator-gate.ts'

const FOREIGN = { host: 'spillway.example' }
const LOCAL = { host: 'localhost:3000' }

t.test('a service on loopback without a token knows its own names only', async (t) => {
  const gate = new OperatorGate('127.0.0.1', undefined)
  gate.observe(['127.0.0.1', '::1'])
  t.strictSame([gate.isOpen, gate.needsToken], [false, false])
  t.equal(gate.refusalOf('GET', LOCAL), undefined)
  t.equal(gate.refusalOf('GET', FOREIGN)?.slug, 'foreign-host')
})

t.test('a host that listens elsewhere than the configuration says makes it open', async (t) => {
  const gate = new OperatorGate('127.0.0.1', undefined)
  gate.observe(['127.0.0.1', '192.0.2.1'])
  t.equal(gate.isOpen, true)
  t.equal(gate.refusalOf('GET', FOREIGN), undefined)
})

t.test('a host that listens on a socket file leaves it as the configuration says', async (t) => {
  const gate = new OperatorGate('127.0.0.1', undefined)
  gate.observe([])
  t.equal(gate.isOpen, false)
})

t.test('a token is asked for on every address, and by no other name', async (t) => {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const gate = new OperatorGate(host, 'correct')
    t.strictSame([gate.isOpen, gate.needsToken], [false, true])
    t.equal(gate.refusalOf('GET', FOREIGN)?.slug, 'unauthorized')
    t.equal(gate.refusalOf('GET', { ...FOREIGN, authorization: 'Bearer correct' }), undefined)
  }
})
