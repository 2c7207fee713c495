import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FAULT_SHAPE, isFault } from '../../prove/fault.ts'
import { isSabotage } from '../../prove/sabotage.ts'
import { isCaught, loadSabotages, trySabotage } from '../../prove/sabotage-run.ts'
import { anchorsIn } from '../../rig/rewriting.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'

const ROOT = join(import.meta.dirname, '../..')
const OPTIONS = {
  seed: 1, minutes: 1, faults: [], rate: 200, appendfsync: 'always', redis: 'tcp', shards: 1, json: undefined, isSabotage: true,
  isKept: false
} as const

const sabotages = await loadSabotages()
const faults = await loadFolder(join(ROOT, 'prove/faults'), isFault, FAULT_SHAPE)

t.test('what each sabotage replaces stands in the source exactly once', async (t) => {
  t.ok(sabotages.length >= 10)
  for (const { name, value } of sabotages) {
    t.equal(anchorsIn(await readFile(join(ROOT, value.module), 'utf8'), value), 1, `${name}: ${value.module}`)
    t.ok(value.faults?.every((fault) => faults.some((known) => known.name === fault)) ?? true, `${name} names faults`)
  }
})

t.test('the proof catches a broken product by the check that is to catch it', async (t) => {
  const chosen = sabotages.filter(({ name }) => ['alter-id', 'sign-wrong'].includes(name))
  for (const sabotage of chosen) {
    const caught = await trySabotage(sabotage, OPTIONS, faults, process.env.PATH ?? '', new AbortController().signal)
    t.ok(isCaught(caught), `${sabotage.name} by ${caught.by.join(', ')}`)
  }
})

t.test('a sabotage that does nothing is not caught by its check', async (t) => {
  t.notOk(isCaught({ expects: 'id', by: ['payload'] }))
  t.ok(isCaught({ expects: 'id', by: ['payload', 'id'] }))
  t.equal(anchorsIn('a b a', { module: '', replace: ['a', 'c'] }), 2)
  t.notOk(isSabotage({ description: '', module: '', replace: ['a', 'b'], expects: 'luck', seconds: 1 }))
})
