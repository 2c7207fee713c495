import { join } from 'node:path'
import t from 'tap'
import { FAULT_SHAPE, isFault } from '../../prove/fault.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'

t.test('every file of the folder is a fault', async (t) => {
  const faults = await loadFolder(join(import.meta.dirname, '../../prove/faults'), isFault, FAULT_SHAPE)
  t.ok(faults.length >= 30)
})

t.test('what lacks a part is none', async (t) => {
  const fault = { description: 'x', targets: ['api'], risk: 'none', lastsMs: [1, 2], inject: () => {}, end: () => {} }
  t.ok(isFault(fault))
  for (const part of Object.keys(fault)) t.notOk(isFault({ ...fault, [part]: undefined }), part)
  t.notOk(isFault({ ...fault, lastsMs: [2, 1] }))
  t.notOk(isFault({ ...fault, targets: ['moon'] }))
  t.notOk(isFault(undefined))
})
