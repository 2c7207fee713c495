import t from 'tap'
import { datastreamErrors, fromDatastream, type Datastream } from '../../../services/event/datastream.ts'

t.test('becomes an event whose payload is the reading', async (t) => {
  const table: [reading: Datastream, event: object][] = [
    [{ deviceId: 'd', values: { a: 1 } }, { type: 'telemetry-data', payload: { deviceId: 'd', values: { a: 1 } } }],
    [{ sensorId: 's', values: { a: null }, time: '2026-03-01T10:00:00Z' }, {
      type: 'telemetry-data',
      payload: { sensorId: 's', values: { a: null }, time: '2026-03-01T10:00:00Z' },
      occurredAt: '2026-03-01T10:00:00Z'
    }],
    [{ deviceId: 'd', sensorId: 's', values: { a: 'x', b: true }, organizationId: 'o', id: 'i' }, {
      type: 'telemetry-data',
      payload: { deviceId: 'd', sensorId: 's', values: { a: 'x', b: true } },
      organizationId: 'o',
      id: 'i'
    }]
  ]
  for (const [reading, event] of table) t.strictSame(fromDatastream(reading), event)
})

t.test('comes from a device, a sensor or both', async (t) => {
  for (const source of [{ deviceId: 'd' }, { sensorId: 's' }, { deviceId: 'd', sensorId: 's' }])
    t.strictSame(datastreamErrors({ ...source, values: {} }), [])
  t.strictSame(datastreamErrors({ values: {} }).map(({ field }) => field), ['deviceId'])
})
