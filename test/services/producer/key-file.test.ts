import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { openKeyFile, parseKeys } from '../../../services/producer/key-file.ts'
import type { KeyRecord } from '../../../services/producer/key.ts'
import { makeKey } from './setup.ts'

const RIGHTS = { name: 'sensors', organizationId: 'acme', scopes: ['ingest'] }

function problemsOf (entries: unknown): string[] {
  try {
    parseKeys(typeof entries === 'string' ? entries : JSON.stringify(entries))
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}

async function open (t: Test, text: string) {
  const path = join(t.testdir({ 'keys.json': text }), 'keys.json')
  const lines: Record<string, unknown>[] = []
  const adopted: string[][] = []
  const file = await openKeyFile({
    path,
    log: pino({ base: null }, { write: (line: string) => { lines.push(JSON.parse(line) as Record<string, unknown>) } }),
    onChange: (records: readonly KeyRecord[]) => adopted.push(records.map(({ id }) => id)),
    pollIntervalMs: 3_600_000
  })
  t.teardown(() => file.close())
  return { path, file, lines, adopted }
}

t.test('an entry has the key, or its digest and id', async (t) => {
  const { key, record } = makeKey()
  t.strictSame(parseKeys(JSON.stringify([{ ...RIGHTS, key }])), [{ ...RIGHTS, id: record.id, sha256: record.sha256 }])
  t.strictSame(parseKeys(JSON.stringify([record])), [record])
})

t.test('every wrong field is named, and no value is quoted', async (t) => {
  const { record } = makeKey()
  t.strictSame(problemsOf([{ ...RIGHTS, key: 'secret text' }, { ...record, scopes: ['all'] }, record, record]), [
    '[0].key: Expected spw_<id>_<secret>, as `npx spillway keys create` prints it',
    '[1].scopes.0: Expected one of ingest, read, admin',
    '[3].id: an earlier entry has the same id'
  ])
  t.strictSame(problemsOf({}), ['expected a JSON array of keys'])
  t.strictSame(problemsOf('[{"key":"spw_secret'), ['the file is not JSON'])
})

t.test('a change is in force without a restart, and a bad change keeps the last good one', async (t) => {
  const [one, other] = [makeKey(), makeKey()]
  const { path, file, lines, adopted } = await open(t, JSON.stringify([one.record]))
  await writeFile(path, JSON.stringify([one.record, other.record]))
  t.equal(await file.poll(), 'reloaded')
  await writeFile(path, JSON.stringify([{ ...other.record, scopes: [] }]))
  t.equal(await file.poll(), 'kept')
  t.strictSame(adopted, [[one.record.id], [one.record.id, other.record.id]])
  t.match(lines, [{ event: 'keys-reloaded', keys: 2 }, { event: 'keys-invalid', problems: [/^\[0\]\.scopes: /] }])
})

t.test('a bad file stops the start', async (t) => {
  await t.rejects(open(t, '{}'), /API_KEYS_FILE .*keys\.json: expected a JSON array/)
})
