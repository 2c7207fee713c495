import t from 'tap'
import { limitIn, mostConnections, openFileLimit } from '../../../services/connections/most-connections.ts'

t.test('reads the limit that is in force, not the one it may be raised to', async (t) => {
  const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             96345                96345                processes
Max open files            1024                 524288               files
Max locked memory         8388608              8388608              bytes
`
  t.equal(limitIn(limits), 1_024)
  t.equal(limitIn('256\n'), 256, 'as ulimit prints it')
  for (const text of ['unlimited\n', '', 'Max open files            unlimited            unlimited            files']) {
    t.equal(limitIn(text), undefined, text)
  }
  t.ok(openFileLimit() > 0)
})

t.test('leaves room for Redis, the spool, the log and one call of the consumer for each batch', async (t) => {
  for (const [configured, openFiles, batches, most] of [
    [0, 1_024, 0, 960],
    [0, 1_024, 20, 940],
    [0, 512, 20, 428],
    [0, 100, 20, 50],
    [0, 1_048_576, 20, 16_384],
    [100, 1_024, 20, 100],
    [5_000, 1_024, 20, 940],
    [50_000, 1_048_576, 20, 50_000]
  ] as const) t.equal(mostConnections(configured, openFiles, batches), most, `${configured} of ${openFiles}`)
})
