import t from 'tap'
import { Binding } from '../../../services/access/binding.ts'
import { OperatorGate } from '../../../services/access/operator-gate.ts'

const FOREIGN = { host: 'spillway.example' }
const LOCAL = { host: 'localhost:3000' }

t.test('a service on loopback without a secret knows its own names only', async (t) => {
  const binding = new Binding('127.0.0.1')
  const gate = new OperatorGate(binding, () => false)
  binding.observe(['127.0.0.1', '::1'])
  t.equal(gate.isOpen, false)
  t.equal(gate.refusalOf('GET', LOCAL), undefined)
  t.equal(gate.refusalOf('GET', FOREIGN)?.slug, 'foreign-host')
})

t.test('a host that listens elsewhere than the configuration says makes it open', async (t) => {
  const binding = new Binding('127.0.0.1')
  const gate = new OperatorGate(binding, () => false)
  binding.observe(['127.0.0.1', '192.0.2.1'])
  t.equal(gate.isOpen, true)
  t.equal(gate.refusalOf('GET', FOREIGN), undefined)
})

t.test('a host that listens on a socket file leaves it as the configuration says', async (t) => {
  const binding = new Binding('127.0.0.1')
  binding.observe([])
  t.equal(new OperatorGate(binding, () => false).isOpen, false)
})

t.test('a secret makes every name good', async (t) => {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const gate = new OperatorGate(new Binding(host), () => true)
    t.equal(gate.isOpen, false)
    t.equal(gate.refusalOf('GET', FOREIGN), undefined)
  }
})
