import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ConfigSchema } from '../../services/config/schema.ts'
import { ROOT } from './documents.ts'

/** Keys that bound what a stranger can make the service hold or wait for. */
const BOUND = /_(?:LIMIT|HARD)_BYTES$|_MAX_(?:OPEN|EVENTS|BYTES|IDS|REQUESTS|STREAMS)$|_IN_FLIGHT_BYTES$|^MAX_CONN|^(?:BODY|STREAM)_TIMEOUT_MS$|HARD_LIMIT$/

/** Keys of the same form that bound what a worker does with a batch. */
const NOT_OF_STRANGERS = new Set(['BATCH_MAX_EVENTS', 'BATCH_MAX_BYTES', 'REDIS_MAXMEMORY_BYTES'])

t.test('the table of limits has each key that bounds a stranger, with its default', async (t) => {
  const text = readFileSync(join(ROOT, 'docs/SECURITY.md'), 'utf8')
  const rows = [...text.matchAll(/^\| [^|]+ \| `([A-Z_]+)` \| (\d+)\b/gm)].map(([, key, value]) => [key, Number(value)])
  const keys = Object.entries(ConfigSchema.properties).filter(([key]) => BOUND.test(key) && !NOT_OF_STRANGERS.has(key))
  t.strictSame(Object.fromEntries(rows), Object.fromEntries(keys.map(([key, schema]) => [key, schema.default])))
})
