import t from 'tap'
import { circuitRecordOf, transitionsOf } from '../../../services/admission/circuit-record.ts'

t.test('reads the circuit from any content of the control record', async (t) => {
  const table: [control: Record<string, string>, record: object | undefined][] = [
    [{}, undefined],
    [{ circuit: 'AJAR' }, undefined],
    [
      {
        circuit: 'OPEN', 'circuit-depth': 'CLOSED', 'circuit-bytes': 'OPEN', 'circuit-epoch': '7', 'circuit-since': '12'
      },
      { circuits: { depth: 'CLOSED', bytes: 'OPEN' }, epoch: 7, since: 12 }
    ],
    // As earlier versions write it, also beside fields of this one.
    [{ circuit: 'OPEN' }, { circuits: { depth: 'OPEN', bytes: 'CLOSED' }, epoch: 0, since: undefined }],
    [
      { circuit: 'OPEN', 'circuit-bytes': 'HALF_OPEN' },
      { circuits: { depth: 'OPEN', bytes: 'HALF_OPEN' }, epoch: 0, since: undefined }
    ],
    [
      { circuit: 'CLOSED', 'circuit-depth': 'OPEN', 'circuit-bytes': 'OPEN', 'circuit-epoch': '7' },
      { circuits: { depth: 'CLOSED', bytes: 'CLOSED' }, epoch: 7, since: undefined }
    ],
    [
      { circuit: 'OPEN', 'circuit-bytes': 'nonsense', 'circuit-epoch': 'x', 'circuit-since': '-1' },
      { circuits: { depth: 'OPEN', bytes: 'CLOSED' }, epoch: 0, since: undefined }
    ]
  ]
  for (const [control, record] of table) t.strictSame(circuitRecordOf(control), record, JSON.stringify(control))
  t.strictSame(
    ['0', '3', 'many'].map((count) => transitionsOf({ 'circuit-transitions': count })),
    [0, 3, 0]
  )
})
